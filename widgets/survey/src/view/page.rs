//! A page of questions: where one is, the questions, and the way on.

use super::question::nodes as elements;
use super::{Looks, head, speak_button};
use crate::state::{Action, Form, Origin, State};
use linli_model::wave::SurveyView;
use linli_texts::survey as k;
use linli_ui::Block;
use linli_ui::block::{Look, render};
use linli_ui::el::{El, div, el, list, maybe, says};
use yew::prelude::*;
use yew::virtual_dom::VNode;

/// A page.
pub(super) fn page(
    state: &State,
    form: &Form,
    survey: &SurveyView,
    looks: &Looks<'_>,
) -> Vec<Html> {
    let [title, description] = &form.heading;
    let heading = if title.is_empty() {
        &survey.view.topic.title
    } else {
        title
    };
    let mut top = vec![
        head::kicker(survey, looks),
        Block::Heading {
            text: heading.clone(),
            lang: head::lang(survey),
            node: looks.heading.clone(),
        },
    ];
    if form.progress.page <= 1 {
        let key = match form.origin {
            Origin::Fresh | Origin::Resumed => None,
            Origin::ResumedOld => Some(k::OLD_VERSION),
            Origin::Carried => Some(k::CARRIED),
        };
        top.extend(key.map(|key| looks.note(key)));
    }
    let mut nodes = render(&top);
    nodes.extend(progress(form, looks).map(VNode::from));
    if !description.is_empty() {
        nodes.push(says("p", description.clone()).class("muted").into());
    }
    nodes.extend(
        speak_button(looks)
            .map(|button| render(&[button]))
            .unwrap_or_default(),
    );
    // Always three: a question that comes leaves the others as they are.
    let inner = [
        list(elements(&form.nodes, looks.texts, &looks.act)),
        maybe(summary(form, looks)),
        list(render(&buttons(state, form, looks))),
    ];
    let next = looks.act.reform(|()| Action::NextAsked);
    nodes.push(
        el("form")
            .flag("novalidate", true)
            .submit(next)
            .all(inner)
            .into(),
    );
    nodes.extend(render(&[super::foot(looks, foot(state, form, looks))]));
    nodes
}

/// `第 2 页，共 3 页`, and how far that is.
fn progress(form: &Form, looks: &Looks<'_>) -> Option<El> {
    let progress = form.progress;
    let (page, pages) = (progress.page.to_string(), progress.pages.to_string());
    let words = looks
        .texts
        .fill(k::PAGE_OF, &[("n", &page), ("all", &pages)]);
    let bar = || {
        div("progress")
            .put(says("span", words.clone()).id("progress"))
            .put(
                el("progress")
                    .attr("aria-labelledby", "progress")
                    .attr("value", page.clone())
                    .attr("max", pages.clone()),
            )
    };
    (progress.pages > 1 && !form.is_start()).then(bar)
}

/// How many questions need another look, right above the button that was pressed.
fn summary(form: &Form, looks: &Looks<'_>) -> Option<Html> {
    let faulty = form.faulty();
    let first = *faulty.first()?;
    let words = looks.texts.count(k::FAULTS, faulty.len() as u64, &[]);
    let link = says("button", words)
        .attr("type", "button")
        .class("quiet")
        .click(looks.act.reform(move |_| Action::QuestionAsked(first)));
    Some(
        div("problem")
            .attr("role", "alert")
            .key("faults")
            .put(link)
            .into(),
    )
}

fn buttons(state: &State, form: &Form, looks: &Looks<'_>) -> Vec<Block> {
    let own = |property| form.text(property, looks.texts);
    let (label, given) = if !form.is_last() {
        (k::NEXT, own("pageNextText"))
    } else if form.wants_review() {
        (k::LOOK_OVER, own("previewText"))
    } else if state.is_changing {
        (k::SEND_CHANGES, None)
    } else {
        (k::SEND, own("completeText"))
    };
    vec![Block::Button {
        look: Look::Primary,
        label: given.unwrap_or_else(|| looks.text(label).to_owned()),
        off: false,
        // Submits the form, as Enter does.
        tap: None,
    }]
}

fn foot(state: &State, form: &Form, looks: &Looks<'_>) -> Vec<Block> {
    let may_turn = form.look("showPrevButton") != Some(false.into());
    let label = match form.progress.page {
        0 | 1 => k::TO_INTRO,
        _ => k::PREVIOUS,
    };
    let mut quiet = Vec::new();
    if may_turn || form.progress.page <= 1 {
        quiet.push(looks.quiet(label, || Action::BackAsked));
    }
    if state.is_changing && state.reply().is_some() {
        quiet.push(looks.quiet(k::KEEP_ANSWERS, || Action::Back));
    }
    quiet
}
