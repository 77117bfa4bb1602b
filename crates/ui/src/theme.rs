//! Light, dark, and a host's own accent colour.
//!
//! A host page may set `--linli-accent`. It is used only where text on it and it on
//! paper both reach 4.5 : 1 (WCAG 2.2, 1.4.3); otherwise ours stays.

use web_sys::Element;

/// Which palette a widget uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Warm paper.
    #[default]
    Light,
    /// Dark.
    Dark,
    /// As the device prefers, also when that changes.
    System,
}

impl Theme {
    /// The value of `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    /// Whether the dark palette is in use now.
    pub fn is_dark(self) -> bool {
        match self {
            Self::Light => false,
            Self::Dark => true,
            Self::System => web_sys::window()
                .and_then(|w| w.match_media("(prefers-color-scheme: dark)").ok().flatten())
                .is_some_and(|query| query.matches()),
        }
    }
}

/// Paper of both palettes, as in `tokens.css`.
const PAPER_LIGHT: Rgb = Rgb(0xff, 0xfd, 0xf9);
const PAPER_DARK: Rgb = Rgb(0x1d, 0x22, 0x21);
/// Text on the accent in both palettes.
const ON_ACCENT_LIGHT: Rgb = Rgb(0xff, 0xff, 0xff);
const ON_ACCENT_DARK: Rgb = Rgb(0x0c, 0x25, 0x22);
const CONTRAST_MIN: f64 = 4.5;

/// Reads the host's accent at `root` and takes it over where it is readable.
pub fn apply_accent(root: &Element, is_dark: bool) {
    use wasm_bindgen::JsCast;
    let Some(window) = web_sys::window() else {
        return;
    };
    let Ok(Some(style)) = window.get_computed_style(root) else {
        return;
    };
    let Ok(text) = style.get_property_value("--linli-accent") else {
        return;
    };
    let Some(html) = root.dyn_ref::<web_sys::HtmlElement>() else {
        return;
    };
    let readable = Rgb::parse(&text).is_some_and(|accent| is_readable(accent, is_dark));
    // Through CSSOM, not the style attribute: a strict CSP forbids the latter.
    let _ = if readable {
        html.style().set_property("--accent", text.trim())
    } else {
        html.style().remove_property("--accent").map(drop)
    };
}

fn is_readable(accent: Rgb, is_dark: bool) -> bool {
    let (paper, on_accent) = if is_dark {
        (PAPER_DARK, ON_ACCENT_DARK)
    } else {
        (PAPER_LIGHT, ON_ACCENT_LIGHT)
    };
    contrast(accent, paper) >= CONTRAST_MIN && contrast(accent, on_accent) >= CONTRAST_MIN
}

/// An opaque sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rgb(u8, u8, u8);

impl Rgb {
    /// `#rgb`, `#rrggbb` or `rgb(r, g, b)`; anything else is not taken over.
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(hex) = text.strip_prefix('#') {
            let digit = |i: usize| hex.get(i..=i).and_then(|d| u8::from_str_radix(d, 16).ok());
            return match hex.len() {
                3 => Some(Self(digit(0)? * 17, digit(1)? * 17, digit(2)? * 17)),
                6 => Some(Self(
                    digit(0)? * 16 + digit(1)?,
                    digit(2)? * 16 + digit(3)?,
                    digit(4)? * 16 + digit(5)?,
                )),
                _ => None,
            };
        }
        let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let mut parts = inner.split([',', ' ']).filter(|part| !part.is_empty());
        let mut channel = || parts.next()?.parse::<u8>().ok();
        let colour = Self(channel()?, channel()?, channel()?);
        parts.next().is_none().then_some(colour)
    }

    /// Relative luminance, WCAG 2.2.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                power((c + 0.055) / 1.055, 2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }
}

/// The platform's own power function: ours would be two kilobytes to download.
fn power(base: f64, exponent: f64) -> f64 {
    if cfg!(target_arch = "wasm32") {
        js_sys::Math::pow(base, exponent)
    } else {
        base.powf(exponent)
    }
}

fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (a.luminance(), b.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wechat_green_is_refused_and_a_darker_one_taken() {
        assert!(!is_readable(Rgb::parse("#07C160").unwrap(), false));
        // 4.51 on white, but less on our paper.
        assert!(!is_readable(Rgb::parse("#018942").unwrap(), false));
        assert!(is_readable(Rgb::parse("#017a3a").unwrap(), false));
        assert!(is_readable(Rgb::parse("rgb(11, 107, 99)").unwrap(), false));
        assert!(is_readable(Rgb::parse("#6cc9bd").unwrap(), true));
    }

    #[test]
    fn only_plain_colours_are_read() {
        assert_eq!(Rgb::parse("#0b6"), Some(Rgb(0, 187, 102)));
        for bad in ["", "red", "#12", "rgb(1,2)", "rgb(1,2,3,4)", "#ggg", "#é1"] {
            assert_eq!(Rgb::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn contrast_matches_published_figures() {
        assert!((contrast(Rgb(0, 0, 0), Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
        let weui = contrast(Rgb(0x07, 0xc1, 0x60), Rgb(255, 255, 255));
        assert!((weui - 2.38).abs() < 0.01, "{weui}");
    }
}
