//! Why work on a connection came to nothing, and what of that a caller may learn.

use crate::store::Failure;
use linli_model::Refusal;

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
            JobError::Sql(error) => Self::Fault(error.to_string()),
            JobError::Corrupt(detail) => Self::Fault(detail),
        }
    }
}
