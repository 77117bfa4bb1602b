//! What it takes for a poll to pass, while it is being written: consultation or formal
//! vote, by what it is decided, and in one sentence what will be needed.

use super::el::{El, div};
use super::form::{input, part};
use super::kit::{Choice, Input, only};
use super::ui::Ui;
use crate::editor::{BASIS_CHARS_MAX, Editor, Kind};
use crate::rule::{self, Method};
use crate::state::{Field, Pick};
use linli_model::{Base, Bound, Electorate, PollNature, RuleMethod};
use linli_rules::tally::decision::{self, RuleFault};
use linli_texts::{Key, desk as k};

/// Items of the article that are counted here; the third elects, by a procedure of its own.
const MATTERS: [(&str, Key); 8] = [
    ("1", k::MATTER_1),
    ("2", k::MATTER_2),
    ("4", k::MATTER_4),
    ("5", k::MATTER_5),
    ("6", k::MATTER_6),
    ("7", k::MATTER_7),
    ("8", k::MATTER_8),
    ("9", k::MATTER_9),
];

/// The part of the form.
pub(super) fn rule(ui: &Ui<'_>, editor: &Editor) -> El {
    let draft = &editor.rule;
    let method = draft.method(draft.method);
    let sentence = match &method {
        Some(method) => needs(ui, editor.electorate, method),
        None => ui.t(match editor.kind {
            Kind::Motion => k::NEEDS_MOTION,
            Kind::Single => k::NEEDS_MOST,
            Kind::Multiple => k::NEEDS_APPROVAL,
        }),
    };
    let formal = editor.nature == PollNature::Formal;
    part(ui, k::PART_RULE)
        .put(natures(ui, editor))
        .put(only(formal, || basis(ui, editor).into()))
        .put(methods(ui, editor))
        .put(only(draft.method == Method::Quorum, || {
            quorum(ui, editor).into()
        }))
        .put(only(draft.method == Method::Owners, || {
            matter(ui, editor).into()
        }))
        .put(ui.note(sentence).attr("role", "status"))
}

fn natures(ui: &Ui<'_>, editor: &Editor) -> El {
    let nature = |nature: PollNature, label: Key, more: Key, refused: Option<Key>| Choice {
        label: ui.t(label),
        detail: ui.t(refused.unwrap_or(more)),
        on: editor.nature == nature,
        pick: Pick::Nature(nature),
        off: refused.is_some(),
    };
    let nobody = editor.electorate == Electorate::Devices;
    ui.choices(
        "nature",
        ui.t(k::NATURE),
        vec![
            nature(
                PollNature::Consultation,
                k::NATURE_CONSULTATION,
                k::NATURE_CONSULTATION_MORE,
                None,
            ),
            nature(
                PollNature::Formal,
                k::NATURE_FORMAL,
                k::NATURE_FORMAL_MORE,
                nobody.then_some(k::WHY_FORMAL_NEEDS_ROLL),
            ),
        ],
    )
}

fn methods(ui: &Ui<'_>, editor: &Editor) -> El {
    let most = match editor.kind {
        Kind::Motion => k::METHOD_MOTION,
        Kind::Single => k::METHOD_MOST,
        Kind::Multiple => k::METHOD_APPROVAL,
    };
    let row = |method: Method, label: Key, more: Key| {
        let refused = editor.misfit_of(method).map(why);
        Choice {
            label: ui.t(label),
            detail: ui.t(refused.unwrap_or(more)),
            on: editor.rule.method == method,
            pick: Pick::Method(method),
            off: refused.is_some(),
        }
    };
    ui.choices(
        "method",
        ui.t(k::METHOD),
        vec![
            row(Method::Most, most, k::METHOD_MOST_MORE),
            row(Method::Quorum, k::METHOD_QUORUM, k::METHOD_QUORUM_MORE),
            row(Method::Owners, k::METHOD_OWNERS, k::METHOD_OWNERS_MORE),
        ],
    )
}

/// Why a method cannot be chosen with what is chosen above.
const fn why(fault: RuleFault) -> Key {
    match fault {
        RuleFault::NotAMotion => k::WHY_MOTION,
        RuleFault::Secret => k::WHY_RECORDED,
        RuleFault::Electorate => k::WHY_ELECTORATE,
        RuleFault::LimitInvalid
        | RuleFault::Matter
        | RuleFault::FollowingBasis
        | RuleFault::BasisMissing => k::MISFIT_UNSUPPORTED,
    }
}

fn quorum(ui: &Ui<'_>, editor: &Editor) -> El {
    let draft = &editor.rule;
    let shares = |now: &str| {
        let named = |word: String| {
            let name = rule::limit(&word).map_or_else(String::new, |limit| {
                let key = match limit.bound {
                    Bound::AtLeast => k::SHARE_AT_LEAST,
                    Bound::MoreThan => k::SHARE_MORE_THAN,
                };
                let share = format!("{}/{}", limit.numerator, limit.denominator);
                ui.fill(key, &[("share", &share)])
            });
            (word, name)
        };
        rule::shares(now).into_iter().map(named).collect::<Vec<_>>()
    };
    let mut quorums = vec![(String::new(), ui.t(k::NO_QUORUM))];
    quorums.extend(shares(&draft.participation));
    let bases = [
        (Base::Participating, k::BASE_PARTICIPATING),
        (Base::Eligible, k::BASE_ELIGIBLE),
    ];
    let bases = bases.map(|(base, label)| {
        let on = draft.base == base;
        (ui.t(label), String::new(), on, Pick::Base(base))
    });
    let field = |id, path, label, value, field| input(ui, editor, id, path, label, value, field);
    let participation = field(
        "f-participation",
        "poll.rule.method.participation",
        k::PARTICIPATION,
        &draft.participation,
        Field::Participation,
    );
    let approval = field(
        "f-poll-rule-method-approval",
        "poll.rule.method.approval",
        k::APPROVAL_SHARE,
        &draft.approval,
        Field::Approval,
    );
    let article = Input {
        hint: ui.t(k::ARTICLE_HINT),
        max: Some(BASIS_CHARS_MAX),
        ..field(
            "f-poll-rule-article",
            "poll.rule.article",
            k::ARTICLE,
            &draft.article,
            Field::Article,
        )
    };
    let from = Input {
        kind: "date",
        ..field(
            "f-poll-rule-method-in_force_from",
            "poll.rule.method.in_force_from",
            k::IN_FORCE_FROM,
            &draft.in_force_from,
            Field::InForceFrom,
        )
    };
    div("rule-fields")
        .put(
            div("pair")
                .put(ui.choose(participation, quorums))
                .put(ui.choose(approval, shares(&draft.approval))),
        )
        .put(ui.radios("base", ui.t(k::BASE), bases.into()))
        .put(div("pair").put(ui.field(article)).put(ui.field(from)))
}

fn matter(ui: &Ui<'_>, editor: &Editor) -> El {
    let matters = MATTERS.map(|(item, name)| (item.to_owned(), ui.t(name)));
    let choice = Input {
        hint: ui.t(k::MATTER_HINT),
        ..input(
            ui,
            editor,
            "f-poll-rule-method-matter",
            "poll.rule.method.matter",
            k::MATTER,
            &editor.rule.matter,
            Field::Matter,
        )
    };
    ui.choose(choice, matters.into())
}

fn basis(ui: &Ui<'_>, editor: &Editor) -> El {
    ui.area(Input {
        hint: ui.n(k::BASIS_HINT, BASIS_CHARS_MAX as u64),
        max: Some(BASIS_CHARS_MAX),
        ..input(
            ui,
            editor,
            "f-poll-rule-basis",
            "poll.rule.basis",
            k::BASIS,
            &editor.basis,
            Field::Basis,
        )
    })
}

/// In a sentence, what it takes to pass.
pub(super) fn needs(ui: &Ui<'_>, electorate: Electorate, method: &RuleMethod) -> String {
    let asks = decision::asks(method);
    let told = asks.into_iter().map(|(step, base)| {
        let (name, needed) = linli_texts::threshold(ui.texts, electorate, &step);
        let of = ui.t(match base {
            Base::Eligible => k::OF_ALL,
            Base::Participating => k::OF_PARTICIPATING,
        });
        ui.fill(
            k::NEEDS_STEP,
            &[("name", &name), ("needed", &needed), ("of", &of)],
        )
    });
    let told: Vec<String> = told.collect();
    let steps = told.join(&ui.t(k::NEEDS_AND));
    ui.fill(k::NEEDS, &[("steps", &steps)])
}
