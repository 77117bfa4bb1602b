//! 代填: the household, its choice and consent; reading it back; the code to hand over.
//! Made for a thumb at a door.

use super::el::{El, div, el, says};
use super::kit::{Input, only};
use super::ui::Ui;
use crate::route::Route;
use crate::state::{Action, Field, Fill, FillAct, FillStep, Pick};
use linli_model::desk::behalf::{CONSENTER_CHARS_MAX, VOTER_SEARCH_CHARS_MAX};
use linli_model::desk::{FillIn, FilledIn, Manner, Voted, VoterHit, VotersFound};
use linli_model::{Choice, Phase, PollKind, Topic, TopicId};
use linli_port::desk::{DeskError, Question};
use linli_texts::{Key, deliberation as d, desk as k};
use yew::prelude::*;

/// The screen.
pub(crate) fn fill(ui: &Ui<'_>, topic: &TopicId) -> Html {
    let back = ui.link("back", k::NAV_POLLS, &Route::Poll(topic.clone()));
    let Some(fill) = &ui.state.fill else {
        return div("screen")
            .put(ui.heading(ui.t(k::FILL_TITLE)))
            .put(back)
            .into();
    };
    let question = Question::Voters {
        topic: topic.clone(),
        search: fill.search.clone(),
    };
    let found = ui.state.slots.voters(&question);
    let title = match &fill.step {
        FillStep::Asking => k::FILL_TITLE,
        FillStep::Reading(_) => k::FILL_READ_BACK,
        FillStep::Done(_) => k::FILL_DONE,
    };
    let content = found.map(|found| match &fill.step {
        FillStep::Asking => asking(ui, fill, found),
        FillStep::Reading(body) => reading(ui, fill, &found.topic, body),
        FillStep::Done(told) => done(ui, fill, told),
    });
    // The search stays where it is while its hits are on their way.
    let searching = matches!(fill.step, FillStep::Asking) && fill.voter.is_none();
    div("screen fill")
        .put(back)
        .put(ui.heading(ui.t(title)))
        .put(only(searching, || {
            let lead = says("p", ui.t(k::FILL_LEAD)).class("muted");
            div("parts").put(lead).put(search(ui, fill)).into()
        }))
        .put(ui.shown(&question, content))
        .into()
}

fn search(ui: &Ui<'_>, fill: &Fill) -> El {
    let act = ui.act.clone();
    let submit = Callback::from(move |()| act.emit(Action::Fill(FillAct::Search)));
    let field = ui.field(Input {
        hint: ui.t(k::FILL_SEARCH_HINT),
        max: Some(VOTER_SEARCH_CHARS_MAX),
        ..Input::new(
            "f-fill-search",
            ui.t(k::FILL_SEARCH),
            &fill.typed,
            Field::FillSearch,
        )
    });
    let go = says("button", ui.t(k::FILL_SEARCH_GO)).class("btn btn-primary fit");
    el("form")
        .class("card")
        .submit(submit)
        .put(field)
        .put(go.attr("type", "submit"))
}

fn asking(ui: &Ui<'_>, fill: &Fill, found: &VotersFound) -> El {
    let topic = &found.topic;
    let phase = linli_rules::phase::at(&topic.poll, ui.state.now_ms);
    let about = says("h2", topic.title.clone());
    if phase != Phase::Open {
        let closed = ui.note(ui.t(k::FILL_CLOSED));
        return div("parts").put(about).put(closed);
    }
    match &fill.voter {
        None => div("parts").put(about).put(hits(ui, fill, found)),
        Some(voter) => div("parts")
            .put(about)
            .put(household(ui, voter))
            .put(div("card").put(options(ui, fill, topic)))
            .put(consent(ui, fill))
            .put(ui.primary(k::FILL_NEXT, Action::Fill(FillAct::Next))),
    }
}

fn hits(ui: &Ui<'_>, fill: &Fill, found: &VotersFound) -> El {
    if fill.search.is_empty() {
        return div("hits");
    }
    let hit = |(index, hit): (usize, &VoterHit)| {
        let name = named(hit);
        let state = says("span", ui.t(voted(hit.voted))).class("tag");
        let line = if hit.voted == Voted::Themselves {
            says("span", name).class("hit")
        } else {
            let act = Action::Fill(FillAct::Voter(index));
            ui.button("btn btn-outline hit", name, act)
        };
        el("li").put(line).put(state).into()
    };
    let hits: Vec<Html> = found.voters.iter().enumerate().map(hit).collect();
    let words = match (found.voters.is_empty(), found.more) {
        (true, _) => Some(k::FILL_NONE),
        (false, true) => Some(k::FILL_MORE),
        (false, false) => None,
    };
    div("hits")
        .put(el("ul").class("hit-list").all(hits))
        .some(words.map(|key| ui.note(ui.t(key)).attr("role", "status")))
}

fn named(hit: &VoterHit) -> String {
    format!("{} · {}", hit.place.name, hit.label)
}

const fn voted(voted: Voted) -> Key {
    match voted {
        Voted::NotYet => k::FILL_NOT_YET,
        Voted::Themselves => k::FILL_THEMSELVES,
        Voted::FilledIn => k::FILL_FILLED_IN,
    }
}

fn household(ui: &Ui<'_>, voter: &VoterHit) -> El {
    div("card slim")
        .put(says("strong", named(voter)))
        .put(ui.quiet(k::FILL_OTHER, Action::Fill(FillAct::Other)))
}

/// The choice as residents see it.
fn options(ui: &Ui<'_>, fill: &Fill, topic: &Topic) -> El {
    let takes_many = matches!(topic.poll.kind, PollKind::MultipleChoice { .. });
    let row = |(index, (word, label, detail)): (usize, (String, String, String))| {
        let id = format!("fill-choice-{index}");
        let on = fill.chosen.contains(&word);
        let control = el("input")
            .attr("type", if takes_many { "checkbox" } else { "radio" })
            .attr("name", "fill-choice")
            .id(id.clone())
            .checked(on)
            .changed(ui.picked(Pick::FillChoice(word)));
        ui.choice("choice", control, id, label, detail, on)
    };
    let rows: Vec<Html> = lines(ui, &topic.poll.kind)
        .into_iter()
        .enumerate()
        .map(row)
        .collect();
    let missing = fill.due == Some(Field::FillSearch);
    // Always a child, so that the buttons stay the ones that were pressed.
    let missing = only(missing, || {
        let words = says("small", ui.t(k::FILL_CHOICE_MISSING));
        words.class("fault").attr("role", "alert").into()
    });
    let legend = says("legend", ui.t(k::FILL_CHOICE));
    el("fieldset")
        .class("choices")
        .put(legend)
        .all(rows)
        .put(missing)
}

/// Word, text and detail of everything that can be chosen.
fn lines(ui: &Ui<'_>, kind: &PollKind) -> Vec<(String, String, String)> {
    if let PollKind::Motion = kind {
        let stances = [
            ("yes", d::STANCE_YES),
            ("no", d::STANCE_NO),
            ("abstain", d::STANCE_ABSTAIN),
        ];
        let line = |(word, key): (&str, Key)| (word.to_owned(), ui.t(key), String::new());
        return stances.map(line).into();
    }
    let options = kind.options().iter();
    options
        .map(|one| (one.id.to_string(), one.text.clone(), one.detail.clone()))
        .collect()
}

fn consent(ui: &Ui<'_>, fill: &Fill) -> El {
    let missing = |field: Field, key| (fill.due == Some(field)).then(|| ui.t(key));
    let who = Input {
        hint: ui.t(k::FILL_CONSENTER_HINT),
        fault: missing(Field::Consenter, k::FILL_CONSENTER_MISSING),
        max: Some(CONSENTER_CHARS_MAX),
        required: true,
        ..Input::new(
            "f-consenter",
            ui.t(k::FILL_CONSENTER),
            &fill.consenter,
            Field::Consenter,
        )
    };
    let manners = Manner::ALL.map(|manner| {
        let name = match manner {
            Manner::InPerson => k::FILL_IN_PERSON,
            Manner::ByPhone => k::FILL_BY_PHONE,
            Manner::Written => k::FILL_WRITTEN,
        };
        let on = fill.manner == manner;
        (ui.t(name), String::new(), on, Pick::Manner(manner))
    });
    let relation = Input {
        hint: ui.t(k::FILL_RELATION_HINT),
        max: Some(CONSENTER_CHARS_MAX),
        ..Input::new(
            "f-relation",
            ui.t(k::FILL_RELATION),
            &fill.relation,
            Field::Relation,
        )
    };
    let when = Input {
        kind: "datetime-local",
        fault: missing(Field::ConsentedAt, k::FILL_WHEN_MISSING),
        ..Input::new(
            "f-consented-at",
            ui.t(k::FILL_WHEN),
            &fill.consented_at,
            Field::ConsentedAt,
        )
    };
    ui.section(ui.t(k::FILL_CONSENT)).put(
        div("card")
            .put(ui.field(who))
            .put(ui.radios("manner", ui.t(k::FILL_MANNER), manners.into()))
            .put(ui.field(when))
            .put(ui.field(relation)),
    )
}

fn reading(ui: &Ui<'_>, fill: &Fill, topic: &Topic, body: &FillIn) -> El {
    let words: Vec<String> = match &body.choice {
        Choice::Motion { stance } => vec![stance.as_str().to_owned()],
        Choice::Options { options } => options.iter().map(ToString::to_string).collect(),
    };
    let lines = lines(ui, &topic.poll.kind).into_iter();
    let chosen = lines.filter(|(word, ..)| words.contains(word));
    let chosen: Vec<String> = chosen.map(|(_, text, _)| text).collect();
    let values = [
        ("label", body.label.as_str()),
        ("title", topic.title.as_str()),
        ("choice", &chosen.join("、")),
    ];
    let problem = fill.problem.as_ref().map(|error| match error {
        DeskError::Unreachable => div("problem")
            .attr("role", "alert")
            .put(says("strong", ui.t(k::UNREACHABLE)))
            .put(says("span", ui.t(k::FILL_OFFLINE))),
        other => ui.problem(other),
    });
    let go = ui
        .primary(k::FILL_GO, Action::Fill(FillAct::Go))
        .flag("disabled", fill.busy);
    let back = ui
        .outline(k::FILL_BACK, Action::Fill(FillAct::Back))
        .flag("disabled", fill.busy);
    div("parts")
        .put(says("p", ui.t(k::FILL_READ_BACK_LEAD)).class("muted"))
        .put(div("card").put(says("p", ui.fill(k::FILL_SENTENCE, &values)).class("read-back")))
        .some(problem)
        .put(only(fill.busy, || {
            let wait = says("p", ui.t(k::ONE_MOMENT));
            wait.class("muted").attr("role", "status").into()
        }))
        .put(div("acts").put(go).put(back))
}

fn done(ui: &Ui<'_>, fill: &Fill, told: &FilledIn) -> El {
    let for_whom = fill.voter.as_ref().map(|voter| says("p", named(voter)));
    div("parts")
        .put(
            div("card")
                .some(for_whom)
                .put(says("p", ui.t(k::FILL_CODE)).class("muted"))
                .put(says("code", told.code.clone()).class("receipt-code"))
                .put(says("p", ui.t(k::FILL_CODE_LEAD))),
        )
        .put(
            div("acts")
                .put(ui.primary(k::FILL_AGAIN, Action::Fill(FillAct::Other)))
                .put(ui.outline(k::COPY, Action::CopyAsked(told.code.clone()))),
        )
}
