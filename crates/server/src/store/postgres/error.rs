//! Why a transaction came to nothing, what of that a caller may learn, and when it may
//! be tried again.

use crate::store::Failure;
use linli_model::Refusal;
use std::fmt;
use tokio_postgres::error::SqlState;

/// Why a job did nothing.
#[derive(Debug)]
pub(super) enum JobError {
    Refused(Refusal),
    Sql(tokio_postgres::Error),
    Corrupt(String),
}

/// What an error says about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Rolled back because of others (a deadlock, a serialization failure).
    Crossed,
    /// The connection, or the server behind it, is of no use any more.
    Lost,
    /// Trying again would end alike.
    Final,
}

impl JobError {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Refused(_) | Self::Corrupt(_) => Kind::Final,
            Self::Sql(error) => kind(error),
        }
    }
}

fn kind(error: &tokio_postgres::Error) -> Kind {
    match error.code() {
        Some(code) => kind_of(code),
        // No answer of the server: a closed or broken connection. What did not fit a
        // type never left this process.
        None if error.is_closed() || has_io_source(error) => Kind::Lost,
        None => Kind::Final,
    }
}

fn kind_of(code: &SqlState) -> Kind {
    let lost = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::DATABASE_DROPPED,
        SqlState::TOO_MANY_CONNECTIONS,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        // The primary that we were connected to is a standby now.
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    let crossed = [
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::LOCK_NOT_AVAILABLE,
        SqlState::QUERY_CANCELED,
    ];
    if lost.contains(code) || code.code().starts_with("08") {
        Kind::Lost
    } else if crossed.contains(code) {
        Kind::Crossed
    } else {
        Kind::Final
    }
}

fn has_io_source(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<std::io::Error>() {
            return true;
        }
        source = inner.source();
    }
    false
}

/// An error in words. The crate's own are "db error"; a detail may hold a row's values
/// and stays out of logs.
pub(super) fn told(error: &tokio_postgres::Error) -> String {
    if let Some(told) = error.as_db_error() {
        return format!("{} {}", told.code().code(), told.message());
    }
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(refusal.code()),
            Self::Corrupt(detail) => f.write_str(detail),
            Self::Sql(error) => f.write_str(&told(error)),
        }
    }
}

impl From<Refusal> for JobError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<tokio_postgres::Error> for JobError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Refused(refusal) => Self::Refused(refusal),
            other => Self::Fault(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_sorted_by_what_may_be_tried_again() {
        let cases = [
            ("40001", Kind::Crossed),
            ("40P01", Kind::Crossed),
            ("57014", Kind::Crossed),
            ("57P01", Kind::Lost),
            ("57P02", Kind::Lost),
            ("57P03", Kind::Lost),
            ("08006", Kind::Lost),
            ("25006", Kind::Lost),
            ("53300", Kind::Lost),
            ("53100", Kind::Final),
            ("23505", Kind::Final),
            ("42P01", Kind::Final),
            ("XX001", Kind::Final),
            // Whether it was committed is not known: never "rolled back".
            ("40003", Kind::Final),
        ];
        for (code, expected) in cases {
            assert_eq!(kind_of(&SqlState::from_code(code)), expected, "{code}");
        }
    }
}
