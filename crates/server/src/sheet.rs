//! The sheet of voting codes as a page to print: one slip for each household, with its
//! code to scan and to type. One file without scripts, which needs nothing else.
//!
//! The scanned code stands in the address's fragment, which browsers do not send: it
//! reaches no log of ours or of a proxy.

use crate::service::CodeSheetRow;
use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use linli_model::Topic;
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
    let code = QRBuilder::new(text).ecl(ECL::M).build();
    let code = code.map_err(|_| "the address is too long for a QR code")?;
    Ok(SvgBuilder::default().margin(QUIET_ZONE).to_str(&code))
}
