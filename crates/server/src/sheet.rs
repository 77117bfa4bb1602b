//! The sheet of voting codes as a page to print: one slip for each household, with its
//! code to scan and to type. One file without scripts, which needs nothing else.
//!
//! The scanned code stands in the address's fragment, which browsers do not send: it
//! reaches no log of ours or of a proxy.

use crate::service::CodeSheetRow;
use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder, QRCode};
use linli_model::Topic;
use linli_model::desk::CodeSlip;
use linli_texts::{Catalog, negotiate, page as p};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What stands before the code in the fragment.
const FRAGMENT: &str = "c=";
/// Modules of white around the code, as the standard asks.
const QUIET_ZONE: usize = 4;

/// The whole page. `origin` is where the topic's page is; `lang` chooses the language.
/// Fails when an address is too long for a QR code.
pub fn sheet(
    rows: &[CodeSheetRow],
    topic: &Topic,
    origin: &str,
    lang: &str,
) -> Result<String, String> {
    let tag = negotiate([lang]);
    let texts = Catalog::embedded(tag).unwrap_or_else(|| Catalog::new(tag));
    let url = format!("{origin}/p/{}", topic.id);
    let slips = rows
        .iter()
        .map(|row| slip(row, topic, &url, &texts))
        .collect::<Result<Vec<_>, _>>()?;
    let title = texts.fill(p::SHEET_TITLE, &[("community", &topic.community.name)]);
    let page = html! {
        (DOCTYPE)
        html lang=(tag) {
            head {
                meta charset="utf-8";
                // A file with codes in it shall neither load nor send anything.
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(include_str!("sheet/sheet.css"))) }
            }
            body {
                header {
                    h1 { (title) }
                    p { (texts.count(p::SHEET_FOR_STAFF, rows.len() as u64, &[])) }
                }
                main { @for slip in &slips { (slip) } }
            }
        }
    };
    Ok(page.into_string())
}

fn slip(row: &CodeSheetRow, topic: &Topic, url: &str, texts: &Catalog) -> Result<Markup, String> {
    let code = qr(&format!("{url}#{FRAGMENT}{}", row.scanned))?;
    let shown = url.split_once("://").map_or(url, |(_, rest)| rest);
    Ok(html! {
        article {
            div class="head" {
                p class="place" { bdi { (topic.community.name) } " · " bdi { (row.place_name) } }
                h2 { bdi { (row.label) } }
            }
            figure role="img" aria-label=(texts.text(p::SHEET_QR)) { (PreEscaped(code)) }
            div {
                p class="title" lang=(topic.lang) { bdi { (topic.title) } }
                p class="scan" { (texts.text(p::SHEET_SCAN)) }
            }
            p class="or" { (texts.text(p::SHEET_OR)) " " span class="url" { (shown) } }
            p class="code" { span class="name" { (texts.text(p::SHEET_CODE)) } strong { (row.typed) } }
            p class="small" { (texts.text(p::SHEET_NOTE)) }
        }
    })
}

fn qr(text: &str) -> Result<String, String> {
    Ok(SvgBuilder::default()
        .margin(QUIET_ZONE)
        .to_str(&code(text)?))
}

fn code(text: &str) -> Result<QRCode, String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build();
    Ok(code.map_err(|_| "the address is too long for a QR code")?)
}

/// Gives slips of the desk their QR codes, as [`CodeSlip::qr`] has them. They are in the
/// reply alone: nothing keeps them.
pub(crate) fn draw(slips: &mut [CodeSlip], page: &str) -> Result<(), String> {
    for slip in slips {
        let code = code(&format!("{page}#{FRAGMENT}{}", slip.scanned))?;
        slip.qr = bits(&code);
    }
    Ok(())
}

fn bits(code: &QRCode) -> String {
    let rows = (0..code.size).flat_map(|row| &code[row][..code.size]);
    let modules: Vec<bool> = rows.map(|module| module.value()).collect();
    let digit = |four: &[bool]| {
        let set = four.iter().enumerate().filter(|(_, dark)| **dark);
        let value: u32 = set.map(|(index, _)| 8 >> index).sum();
        char::from_digit(value, 16).unwrap_or('0')
    };
    modules.chunks(4).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The corner pattern of every QR code: seven dark, then a light one.
    #[test]
    fn bits_are_the_modules() {
        let code = code("https://linli.example/p/parking#c=0123456789abcdef").unwrap();
        let bits = bits(&code);
        assert!(bits.starts_with("fe"), "{bits}");
        assert_eq!(bits.len(), (code.size * code.size).div_ceil(4));
        let dark: u32 = bits
            .chars()
            .filter_map(|c| c.to_digit(16))
            .map(u32::count_ones)
            .sum();
        let rows = (0..code.size).flat_map(|row| &code[row][..code.size]);
        let expected = rows.filter(|module| module.value()).count();
        assert_eq!(usize::try_from(dark).unwrap(), expected);
    }
}
