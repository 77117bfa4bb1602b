//! Charts: bars, whiskers and dots as inline SVG. Lengths are shares of the width, so that
//! a chart fits every screen without a script; what a colour says, a texture says as well.

use super::figures;
use linli_model::report::Figure;
use maud::{Markup, html};

/// Narrower than this a part of a bar has no room for its figure.
const LABEL_SHARE_MIN: f64 = 0.09;
/// Colours of a scale, best to worst; then those of levels without an order.
const SCALE_COLOURS: usize = 5;

/// A part of a stacked bar.
pub(super) struct Part {
    pub(super) colour: &'static str,
    pub(super) share: f64,
}

/// Names of a scale's colours, best first.
const OF_SCALE: [&str; SCALE_COLOURS] = ["c0", "c1", "c2", "c3", "c4"];

/// The colour of level `index` of `count` on a scale, best first.
pub(super) fn scale_colour(index: usize, count: usize) -> &'static str {
    let last = count.saturating_sub(1).max(1);
    let at = (index * (SCALE_COLOURS - 1) + last / 2) / last;
    OF_SCALE[at.min(SCALE_COLOURS - 1)]
}

/// Patterns that charts of the page fill with.
pub(super) fn textures() -> Markup {
    let pattern = |id: &str, path: &str| {
        html! {
            pattern id=(id) width="8" height="8" patternUnits="userSpaceOnUse" { path d=(path) {} }
        }
    };
    html! {
        svg class="unseen textures" aria-hidden="true" focusable="false" width="0" height="0" { defs {
            (pattern("t-c1", "M-2 2l4-4M0 8l8-8M6 10l4-4"))
            (pattern("t-c3", "M2 2h1M6 6h1"))
            (pattern("t-c4", "M0 0l8 8M0 8l8-8"))
            (pattern("t-none", "M0 4h8"))
        } }
    }
}

/// A share on a track from 0 to 100 %, with its interval.
pub(super) fn share(figure: &Figure, about: &str) -> Markup {
    let at = |x: f64| format!("{:.2}%", x.clamp(0.0, 1.0) * 100.0);
    html! {
        svg class="bar" role="img" aria-label=(about) width="100%" height="20" {
            rect class="track" x="0" y="4" width="100%" height="12" rx="3" {}
            rect class="fill" x="0" y="4" width=(at(figure.value)) height="12" rx="3" {}
            (whisker(figure, &at))
        }
    }
}

/// A figure as a dot with its interval, on a track from 0 to 100 %.
pub(super) fn dot(figure: &Figure, about: &str) -> Markup {
    let at = |x: f64| format!("{:.2}%", x.clamp(0.0, 1.0) * 100.0);
    html! {
        svg class="bar" role="img" aria-label=(about) width="100%" height="20" {
            line class="axis" x1="0" y1="10" x2="100%" y2="10" {}
            @for tick in ["0.5", "50%", "99.5%"] {
                line class="axis" x1=(tick) y1="5" x2=(tick) y2="15" {}
            }
            (whisker(figure, &at))
            circle class="dot" cx=(at(figure.value)) cy="10" r="5" {}
        }
    }
}

fn whisker(figure: &Figure, at: &dyn Fn(f64) -> String) -> Markup {
    html! {
        @if let (Some(low), Some(high)) = (figure.low, figure.high) {
            @let (low, high) = (at(low), at(high));
            line class="under" x1=(low) y1="10" x2=(high) y2="10" {}
            line class="whisker" x1=(low) y1="10" x2=(high) y2="10" {}
            line class="whisker" x1=(low) y1="5" x2=(low) y2="15" {}
            line class="whisker" x1=(high) y1="5" x2=(high) y2="15" {}
        }
    }
}

/// Parts of a whole, one behind the other; what is hidden is left as such.
pub(super) fn stacked(parts: &[Part], about: &str) -> Markup {
    let mut x = 0.0;
    let mut placed = Vec::new();
    for part in parts {
        placed.push((x, part.share, part.colour));
        x += part.share;
    }
    let rest = 1.0 - x;
    // Rounding leaves less.
    if rest > 0.002 {
        placed.push((x, rest, "none"));
    }
    let per_cent = |x: f64| format!("{:.2}%", x * 100.0);
    html! {
        svg class="stack" role="img" aria-label=(about) width="100%" height="36" {
            @for (x, share, colour) in &placed {
                @let (from, width) = (per_cent(*x), per_cent(*share));
                rect class=(colour) x=(from) y="0" width=(width) height="36" {}
                @if matches!(*colour, "c1" | "c3" | "c4" | "none") {
                    rect class="texture" fill={ "url(#t-" (colour) ")" } x=(from) y="0" width=(width) height="36" {}
                }
                @if *x > 0.0 { line class="gap" x1=(from) y1="0" x2=(from) y2="36" {} }
                @if *share >= LABEL_SHARE_MIN && *colour != "none" {
                    text class={ "on " (colour) } x=(per_cent(x + share / 2.0)) y="18" text-anchor="middle" dominant-baseline="central" {
                        (figures::tenths(share * 100.0))
                    }
                }
            }
        }
    }
}

/// A swatch of a legend.
pub(super) fn swatch(colour: &str) -> Markup {
    html! {
        svg class="swatch" aria-hidden="true" focusable="false" width="18" height="18" {
            rect class=(colour) width="18" height="18" rx="3" {}
            @if matches!(colour, "c1" | "c3" | "c4" | "none") {
                rect class="texture" fill={ "url(#t-" (colour) ")" } width="18" height="18" rx="3" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_use_the_ends_of_the_colours() {
        let colours = |count: usize| {
            (0..count)
                .map(|at| scale_colour(at, count))
                .collect::<Vec<_>>()
        };
        assert_eq!(colours(5), ["c0", "c1", "c2", "c3", "c4"]);
        assert_eq!(colours(4), ["c0", "c1", "c3", "c4"]);
        assert_eq!(colours(3), ["c0", "c2", "c4"]);
        assert_eq!(colours(1), ["c0"]);
        assert_eq!((colours(10)[0], colours(10)[9]), ("c0", "c4"));
    }

    #[test]
    fn what_is_hidden_is_a_part_of_its_own() {
        let part = |colour, share| Part { colour, share };
        let whole = stacked(&[part("c0", 0.6), part("c4", 0.4)], "").into_string();
        assert!(!whole.contains("class=\"none\""));
        let some = stacked(&[part("c0", 0.6)], "").into_string();
        assert!(
            some.contains("class=\"none\"") && some.contains("width=\"40.00%\""),
            "{some}"
        );
        assert!(!some.contains(">40.0<"), "no figure for what is hidden");
    }
}
