//! Primitives: functions from plain values to markup. Their styles are in `tokens.css`.
//!
//! Nothing here sets a `style` attribute: a strict CSP forbids it. Lengths that depend
//! on figures are SVG attributes.

use yew::prelude::*;

/// The one thing to do next. It says what will happen.
pub fn primary_button(label: &str, disabled: bool, onclick: Callback<MouseEvent>) -> Html {
    html! {
        <button type="button" class="btn btn-primary" part="primary" aria-disabled={disabled.then_some("true")} {onclick}>
            { label }
        </button>
    }
}

/// A second choice of equal standing.
pub fn outline_button(label: &str, onclick: Callback<MouseEvent>) -> Html {
    html! { <button type="button" class="btn btn-outline" {onclick}>{ label }</button> }
}

/// A quiet action.
pub fn quiet_button(label: &str, onclick: Callback<MouseEvent>) -> Html {
    html! { <button type="button" class="quiet" {onclick}>{ label }</button> }
}

/// A small label.
pub fn tag(label: &str) -> Html {
    html! { <span class="tag">{ label }</span> }
}

/// Why something was not done and what to do next. Announced at once.
pub fn problem(title: &str, next: &str) -> Html {
    html! {
        <div class="problem" role="alert">
            <strong>{ title }</strong>
            if !next.is_empty() { <span>{ next }</span> }
        </div>
    }
}

/// Something worth knowing, without alarm.
pub fn note(text: &str) -> Html {
    html! { <p class="note" role="status">{ text }</p> }
}

/// An explanation one tap away.
pub fn disclosure(summary: &str, content: Html) -> Html {
    html! {
        <details class="more">
            <summary>{ summary }</summary>
            <div class="more-body">{ content }</div>
        </details>
    }
}

/// Where sending stands, one word per step. `reached` counts the steps that are done.
pub fn steps(labels: &[&str], reached: usize) -> Html {
    let step = |(index, label): (usize, &&str)| {
        let class = if index < reached { "done" } else { "" };
        let current = (index + 1 == reached).then_some("step");
        html! { <li {class} aria-current={current}>{ *label }</li> }
    };
    html! { <ol class="steps">{ for labels.iter().enumerate().map(step) }</ol> }
}

/// A share of a whole as a bar; the figure itself is text beside it.
pub fn share_bar(basis_points: u64, is_first: bool) -> Html {
    let width = format!("{}.{:02}%", basis_points / 100, basis_points % 100);
    html! {
        <svg class={if is_first { "bar first" } else { "bar" }} width="100%" height="12" aria-hidden="true" focusable="false">
            <rect class="bar-all" width="100%" height="12" rx="6" />
            <rect class="bar-part" {width} height="12" rx="6" />
        </svg>
    }
}

/// Part of whole in basis points (1/100 %), rounded half up; 0 of 0 is 0.
pub fn share_bp(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let exact = u128::from(part) * 10_000 * 2 + u128::from(whole);
    u64::try_from(exact / (u128::from(whole) * 2)).unwrap_or(u64::MAX)
}

/// `46.8%`.
pub fn percent(basis_points: u64) -> String {
    let tenths = (basis_points + 5) / 10;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// A tick, drawn: no font has it alike.
pub fn tick() -> Html {
    html! {
        <svg class="tick" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d="M3 8.5l3.2 3.2L13 5" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_in_integers() {
        assert_eq!(share_bp(1, 3), 3_333);
        assert_eq!(share_bp(2, 3), 6_667);
        assert_eq!(share_bp(0, 0), 0);
        assert_eq!(share_bp(u64::MAX, u64::MAX), 10_000);
        assert_eq!(percent(6_667), "66.7%");
        assert_eq!(percent(10_000), "100.0%");
    }
}
