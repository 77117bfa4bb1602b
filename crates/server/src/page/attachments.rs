//! What a topic is shown with: pictures in a row, papers as a list of links. Outside of
//! the widget, which does not know them.

use super::people::{Reader, plain};
use linli_model::TopicView;
use linli_model::desk::Attachment;
use linli_model::upload::THUMB_SIDE_MAX;
use linli_texts::page as p;
use maud::{Markup, html};

const KIB: u64 = 1_024;
const MIB: u64 = 1_024 * KIB;

/// What is shown of one picture: the address of its thumbnail, and how large that is.
struct Thumb<'a> {
    address: &'a str,
    width: u32,
    height: u32,
}

pub(super) fn section(reader: &Reader, view: &TopicView, all: &[Attachment]) -> Markup {
    if all.is_empty() {
        return html! {};
    }
    let pictures: Vec<(&Attachment, Thumb<'_>)> = all
        .iter()
        .filter_map(|one| Some((one, thumb(one)?)))
        .collect();
    let papers: Vec<&Attachment> = all.iter().filter(|one| thumb(one).is_none()).collect();
    let lang = &view.topic.lang;
    html! {
        section class="attached" aria-labelledby="attached" {
            h2 id="attached" { (reader.text(p::ATTACHMENTS)) }
            @if !pictures.is_empty() {
                ul class="pictures" {
                    @for (one, thumb) in &pictures {
                        li {
                            a href=(one.upload.address) {
                                img src=(thumb.address) alt=(plain(&one.alt)) lang=(lang)
                                    width=(thumb.width) height=(thumb.height) loading="lazy"
                                    decoding="async";
                            }
                        }
                    }
                }
            }
            @if !papers.is_empty() {
                ul class="papers" {
                    @for one in &papers {
                        li {
                            a href=(one.upload.address) { bdi lang=(lang) { (plain(&one.alt)) } }
                            " " span class="kind" { (kind(one)) }
                        }
                    }
                }
            }
        }
    }
}

/// The sides that the server's thumbnail has: the picture's, made to fit.
fn thumb(one: &Attachment) -> Option<Thumb<'_>> {
    let (width, height) = one.upload.width.zip(one.upload.height)?;
    let longest = width.max(height).max(1);
    let fit = |side: u32| match longest <= THUMB_SIDE_MAX {
        true => side,
        false => (u64::from(side) * u64::from(THUMB_SIDE_MAX) / u64::from(longest)).max(1) as u32,
    };
    Some(Thumb {
        address: one.upload.thumb.as_deref()?,
        width: fit(width),
        height: fit(height),
    })
}

/// `PDF · 1.2 MB`.
fn kind(one: &Attachment) -> String {
    let kind = match one.upload.media_type.as_str() {
        "application/pdf" => "PDF",
        "image/png" => "PNG",
        _ => "JPEG",
    };
    let bytes = one.upload.bytes;
    if bytes < MIB {
        return format!("{kind} · {} KB", bytes.div_ceil(KIB));
    }
    let tenths = bytes * 10 / MIB;
    format!("{kind} · {}.{} MB", tenths / 10, tenths % 10)
}
