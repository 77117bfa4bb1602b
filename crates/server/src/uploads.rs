//! Uploads made harmless, and where their bytes lie.
//!
//! [`press`] turns what somebody sent into what is kept: pictures are decoded and encoded
//! anew, so that nothing but pixels stays; a PDF is kept as it is if nothing in it acts.
//! [`BlobStore`] keeps the bytes under their hash. Rows, limits and who may see what are
//! the service's and the store's.

pub mod blobs;
pub(crate) mod pdf;
pub(crate) mod picture;
pub mod s3;
mod sigv4;

pub use blobs::{BlobName, BlobStore, LocalBlobs};
pub use s3::S3Blobs;

use linli_model::Refusal;
use linli_model::upload::{PDF_BYTES_MAX, PICTURE_BYTES_MAX, UploadPurpose, UploadRefusal};

/// Bytes of any upload as sent.
pub const UPLOAD_BYTES_MAX: usize = if PICTURE_BYTES_MAX > PDF_BYTES_MAX {
    PICTURE_BYTES_MAX
} else {
    PDF_BYTES_MAX
};

/// What is kept of an upload.
#[derive(Debug)]
pub(crate) struct Pressed {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Width and height, of pictures.
    pub(crate) size: Option<(u32, u32)>,
    /// Of pictures.
    pub(crate) thumb: Option<Vec<u8>>,
}

/// What the bytes are, by themselves: names and announced types prove nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Jpeg,
    Png,
    WebP,
    Pdf,
}

/// What `bytes` are, if that may be uploaded for `purpose`.
pub(crate) fn kind(bytes: &[u8], purpose: UploadPurpose) -> Result<Kind, UploadRefusal> {
    let is_webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    let (kind, limit) = if bytes.starts_with(b"\xff\xd8\xff") {
        (Kind::Jpeg, PICTURE_BYTES_MAX)
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        (Kind::Png, PICTURE_BYTES_MAX)
    } else if is_webp {
        (Kind::WebP, PICTURE_BYTES_MAX)
    } else if bytes.starts_with(b"%PDF-") && purpose.takes_pdf() {
        (Kind::Pdf, PDF_BYTES_MAX)
    } else {
        return Err(UploadRefusal::UploadTypeUnsupported);
    };
    if bytes.len() > limit {
        let limit_bytes = limit as u64;
        return Err(Refusal::TooLarge { limit_bytes }.into());
    }
    Ok(kind)
}

/// About how many bytes of memory [`press`] takes, known without decoding. Refuses what
/// would take more than there is for one upload.
pub(crate) fn cost_bytes(bytes: &[u8], kind: Kind) -> Result<u64, UploadRefusal> {
    match kind {
        Kind::Pdf => Ok(pdf::COST_BYTES),
        Kind::Jpeg | Kind::Png | Kind::WebP => picture::cost_bytes(bytes, kind),
    }
}

/// Makes of `bytes` what is kept. Takes up to seconds: not for an async thread.
pub(crate) fn press(bytes: Vec<u8>, kind: Kind) -> Result<Pressed, UploadRefusal> {
    match kind {
        Kind::Pdf => {
            pdf::check(&bytes)?;
            Ok(Pressed {
                media_type: "application/pdf",
                bytes,
                size: None,
                thumb: None,
            })
        }
        Kind::Jpeg | Kind::Png | Kind::WebP => picture::press(&bytes, kind),
    }
}
