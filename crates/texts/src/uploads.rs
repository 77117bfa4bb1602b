//! What a person reads when an upload was not kept: what happened, and what to do next.

use crate::refusals::{RefusalText, explain};
use crate::{Catalog, grouped, upload as k};
use linli_model::upload::UploadRefusal;
use linli_model::{Refusal, UtcMs};

/// Both sentences. `time` writes an instant in the community's time zone.
pub fn explain_upload(
    catalog: &Catalog,
    refusal: &UploadRefusal,
    time: &dyn Fn(UtcMs) -> String,
) -> RefusalText {
    let text = |key| catalog.text(key).to_owned();
    let (title, next) = match refusal {
        UploadRefusal::UploadTypeUnsupported => {
            (text(k::TYPE_UNSUPPORTED), text(k::TYPE_UNSUPPORTED_NEXT))
        }
        UploadRefusal::UploadUnreadable => (text(k::UNREADABLE), text(k::UNREADABLE_NEXT)),
        UploadRefusal::UploadTooManyPixels { limit_pixels } => {
            let pixels = grouped(*limit_pixels);
            let next = catalog.fill(k::TOO_MANY_PIXELS_NEXT, &[("pixels", &pixels)]);
            (text(k::TOO_MANY_PIXELS), next)
        }
        UploadRefusal::UploadPdfActive => (text(k::PDF_ACTIVE), text(k::PDF_ACTIVE_NEXT)),
        UploadRefusal::Other(Refusal::TooLarge { limit_bytes }) => {
            let limit = grouped(limit_bytes >> 20);
            let next = catalog.fill(k::TOO_LARGE_NEXT, &[("limit", &limit)]);
            (text(k::TOO_LARGE), next)
        }
        UploadRefusal::Other(refusal) => return explain(catalog, refusal, time),
    };
    RefusalText { title, next }
}
