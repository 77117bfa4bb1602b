//! Accounts of staff: invitation, password and one-time codes, sessions.
//!
//! An account belongs to one community. Signing in takes a password and a code of the
//! authenticator app (RFC 6238, 6 digits, 30 s), or one of ten recovery codes.

use super::access::{Permission, Post};
use crate::UtcMs;
use crate::id::{GrantToken, StaffId};
use crate::place::CommunityRef;
use serde::{Deserialize, Serialize};

/// Body of `POST /api/v1/communities/{community}/desk/sessions`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The name chosen at the invitation, 1–64 characters.
    pub login: String,
    /// 1–256 characters.
    pub password: String,
    /// Six digits of the authenticator, or a recovery code.
    pub code: String,
}

/// A session: sent as `Authorization: Bearer …`. It ends after 12 hours, after 2 hours
/// without use, when signed out, and when the account is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Session {
    /// Opaque.
    pub token: GrantToken,
    /// When it ends at the latest.
    pub expires_at_ms: UtcMs,
    /// Whose it is.
    pub staff: StaffSelf,
}

/// Who is signed in. Also the answer of `GET …/desk/session`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct StaffSelf {
    /// Their identifier.
    pub id: StaffId,
    /// Their name as colleagues see it.
    pub name: String,
    /// What they sign in with.
    pub login: String,
    /// Their community.
    pub community: CommunityRef,
    /// What they are trusted with, and where.
    pub posts: Vec<Post>,
    /// What that permits somewhere in the community; the desk hides the rest.
    pub permissions: Vec<Permission>,
    /// Recovery codes that are left.
    pub recovery_codes_left: u32,
}

/// Answer of `GET …/desk/invitations/{token}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InvitationView {
    /// The community that invites.
    pub community: CommunityRef,
    /// Who is invited, as the inviting person wrote it.
    pub name: String,
    /// What they will be trusted with.
    pub posts: Vec<Post>,
    /// When the invitation ends.
    pub expires_at_ms: UtcMs,
    /// It renews the second factor of an account that exists: its own login and password
    /// are asked for, none are chosen.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub renews: bool,
}

/// Body of `POST …/desk/invitations/{token}`: the first of two steps. It may be
/// repeated until the second is done.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// 1–64 characters, unique in the community without regard to case.
    pub login: String,
    /// 12–256 characters.
    pub password: String,
}

/// What the authenticator app needs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// Base32 without padding, to be typed.
    pub secret: String,
    /// `otpauth://totp/…`.
    pub uri: String,
    /// The same as a QR code: one SVG `path` of unit squares (`M0 0h1v1h-1z…`) in a
    /// square of `qr_modules` units, quiet zone included.
    pub qr_path: String,
    /// Side of the QR code in units.
    pub qr_modules: u32,
}

/// Body of `POST …/desk/invitations/{token}/confirmation`: the second step.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ConfirmEnrolment {
    /// The password again: the link alone is not enough to finish.
    pub password: String,
    /// Six digits of the authenticator.
    pub code: String,
}

/// The account exists.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Enrolled {
    /// The first session.
    pub session: Session,
    /// Ten codes, shown this once.
    pub recovery_codes: Vec<String>,
}

/// One session in a person's list. Answer (as a list) of `GET …/desk/sessions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SessionRow {
    /// Names it without opening it.
    pub id: String,
    /// Whose.
    pub staff: StaffId,
    /// When it began.
    pub started_at_ms: UtcMs,
    /// When it was last used, to the minute.
    pub used_at_ms: UtcMs,
    /// Family of browser and system, as far as told: `Chrome · Android`.
    pub device: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

// Passwords and secrets do not print themselves.
macro_rules! opaque {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

opaque!(
    SignIn,
    AcceptInvitation,
    Enrolment,
    ConfirmEnrolment,
    Enrolled
);
