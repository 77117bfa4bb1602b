//! Why work on a connection came to nothing, and what of that a caller may learn.

use crate::store::Failure;
use linli_model::Refusal;
use rusqlite::ErrorCode;

/// How long a client is asked to wait when the disk is full.
const FULL_RETRY_MS: i64 = 10_000;

/// Whether the disk had no room.
pub(super) fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// Why a job did nothing.
#[derive(Debug)]
pub(super) enum JobError {
    Refused(Refusal),
    Sql(rusqlite::Error),
    Corrupt(String),
}

impl From<Refusal> for JobError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for JobError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Refused(refusal) => Self::Refused(refusal),
            // SQLite has taken the whole transaction back.
            JobError::Sql(error) if is_full(&error) => Self::Refused(Refusal::Busy {
                retry_after_ms: FULL_RETRY_MS,
            }),
            JobError::Sql(error) => Self::Fault(error.to_string()),
            JobError::Corrupt(detail) => Self::Fault(detail),
        }
    }
}
