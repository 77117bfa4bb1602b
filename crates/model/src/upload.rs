//! Uploads: what they are for, who may see them, and what is told of one.
//!
//! The deliberation widget uses none of this and downloads none of it.

use crate::UtcMs;
use crate::id::UploadId;
use crate::refusal::Refusal;
use crate::wire::words;
use serde::{Deserialize, Serialize};

/// Bytes of one picture as sent.
pub const PICTURE_BYTES_MAX: usize = 12 * 1024 * 1024;
/// Bytes of one PDF.
pub const PDF_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Pixels of one picture as sent.
pub const PICTURE_PIXELS_MAX: u64 = 50_000_000;
/// Longest side of a picture as kept, in pixels. Larger ones are made smaller.
pub const PICTURE_SIDE_MAX: u32 = 2_560;
/// Longest side of a thumbnail, in pixels.
pub const THUMB_SIDE_MAX: u32 = 400;
/// Uploads of one person in 24 hours.
pub const UPLOADS_PER_DAY_MAX: u32 = 60;
/// Bytes, as sent, of one person in 24 hours.
pub const BYTES_PER_DAY_MAX: u64 = 200 * 1024 * 1024;

/// What an upload is for: decides which types it may have and who may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum UploadPurpose {
    /// A picture that everybody sees: of a topic, a shift, a campaign.
    Photo,
    /// What shows that something is so: a picture or a PDF for staff.
    Evidence,
    /// A charity's certificate: a picture or a PDF that everybody may see.
    Certificate,
    /// A picture for nobody but its owner.
    Personal,
    /// A picture or a PDF of a topic: everybody sees it once that is published.
    Attachment,
}

words!(UploadPurpose {
    Photo = "photo",
    Evidence = "evidence",
    Certificate = "certificate",
    Personal = "personal",
    Attachment = "attachment",
});

impl UploadPurpose {
    /// Who may see it.
    pub const fn policy(self) -> UploadPolicy {
        match self {
            Self::Photo | Self::Certificate => UploadPolicy::Public,
            Self::Evidence | Self::Attachment => UploadPolicy::Staff,
            Self::Personal => UploadPolicy::Owner,
        }
    }

    /// Whether it may be a PDF.
    pub const fn takes_pdf(self) -> bool {
        matches!(self, Self::Evidence | Self::Certificate | Self::Attachment)
    }
}

/// Who may see an upload. Its owner always may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(utoipa::ToSchema),
    serde(rename_all = "snake_case")
)]
pub enum UploadPolicy {
    /// Everybody who has its address.
    Public,
    /// Staff of the community.
    Staff,
    /// Nobody else.
    Owner,
}

words!(UploadPolicy {
    Public = "public",
    Staff = "staff",
    Owner = "owner",
});

/// An upload that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UploadRef {
    /// Its identifier in the community.
    pub id: UploadId,
    /// What it is for.
    pub purpose: UploadPurpose,
    /// Who may see it.
    pub policy: UploadPolicy,
    /// `image/jpeg`, `image/png` or `application/pdf`.
    pub media_type: String,
    /// Bytes as kept.
    pub bytes: u64,
    /// Pixels from left to right, of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels from top to bottom, of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Where it is, as a path of the server. Of what is not public it holds a signature
    /// that ends after an hour.
    pub address: String,
    /// Where its thumbnail is; absent for PDFs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumb: Option<String>,
    /// When it came.
    pub created_at_ms: UtcMs,
}

/// Why an upload was not kept. On the wire `{"code": "upload_unreadable"}`; what other
/// commands can be refused for as well has the same form as there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum UploadRefusal {
    /// By its content it is nothing that may be uploaded for this purpose.
    UploadTypeUnsupported,
    /// It is damaged, or no such file at all.
    UploadUnreadable,
    /// The picture has too many pixels.
    UploadTooManyPixels {
        /// Most that are accepted.
        limit_pixels: u64,
    },
    /// The PDF is locked, or holds programs, actions or other files.
    UploadPdfActive,
    /// As other commands are refused.
    #[serde(untagged)]
    Other(Refusal),
}

impl UploadRefusal {
    /// The stable code, as on the wire.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UploadTypeUnsupported => "upload_type_unsupported",
            Self::UploadUnreadable => "upload_unreadable",
            Self::UploadTooManyPixels { .. } => "upload_too_many_pixels",
            Self::UploadPdfActive => "upload_pdf_active",
            Self::Other(refusal) => refusal.code(),
        }
    }
}

impl From<Refusal> for UploadRefusal {
    fn from(refusal: Refusal) -> Self {
        Self::Other(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_wire_code() {
        let samples = [
            UploadRefusal::UploadTypeUnsupported,
            UploadRefusal::UploadUnreadable,
            UploadRefusal::UploadTooManyPixels { limit_pixels: 1 },
            UploadRefusal::UploadPdfActive,
            UploadRefusal::Other(Refusal::TooLarge { limit_bytes: 9 }),
        ];
        for refusal in samples {
            let wire = serde_json::to_value(&refusal).unwrap();
            assert_eq!(wire["code"], refusal.code());
            assert_eq!(
                serde_json::from_value::<UploadRefusal>(wire).unwrap(),
                refusal
            );
        }
    }
}
