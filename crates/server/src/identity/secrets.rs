//! Argon2id for typed codes: slow on purpose, so it runs off the async threads and only
//! as often at once as there are cores.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use linli_model::Refusal;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Verifications that may wait; more are refused as busy.
const WAITING_MAX: usize = 256;
const BUSY_RETRY_MS: i64 = 2_000;

/// Verifies typed secrets.
#[derive(Clone)]
pub struct Verifier {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    absent: Arc<str>,
}

impl Verifier {
    /// For a machine with `cores` cores.
    pub fn new(cores: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(WAITING_MAX)),
            turns: Arc::new(Semaphore::new(cores.max(1))),
            absent: hash("no such code").unwrap_or_default().into(),
        }
    }

    /// Hashes `secret`, in its turn like a verification.
    pub async fn hash(&self, secret: String) -> Result<String, Refusal> {
        let busy = || Refusal::Busy {
            retry_after_ms: BUSY_RETRY_MS,
        };
        let place = self.places.try_acquire().map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| busy())?;
        let task = tokio::task::spawn_blocking(move || {
            let hashed = hash(&secret);
            drop(turn);
            hashed
        });
        let hashed = task.await.ok().flatten().ok_or_else(busy);
        drop(place);
        hashed
    }

    /// Whether `secret` is what `phc` was made from. A code that does not exist takes
    /// as long as a wrong one.
    pub async fn verify(&self, secret: String, phc: Option<String>) -> Result<bool, Refusal> {
        let busy = |_| Refusal::Busy {
            retry_after_ms: BUSY_RETRY_MS,
        };
        let place = self.places.try_acquire().map_err(|_| Refusal::Busy {
            retry_after_ms: BUSY_RETRY_MS,
        })?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(busy)?;
        let exists = phc.is_some();
        let phc = phc.unwrap_or_else(|| (*self.absent).to_owned());
        let task = tokio::task::spawn_blocking(move || {
            let right = matches(&secret, &phc);
            drop(turn);
            right
        });
        let right = task.await.unwrap_or(false);
        drop(place);
        Ok(right && exists)
    }
}

/// Hashes a typed secret, in PHC form. `None` only when memory is short.
pub fn hash(secret: &str) -> Option<String> {
    argon2id()
        .hash_password(secret.as_bytes())
        .ok()
        .map(|hash| hash.to_string())
}

/// Whether `secret` is what `phc` was made from. Blocks for tens of milliseconds.
pub fn matches(secret: &str, phc: &str) -> bool {
    PasswordHash::new(phc).is_ok_and(|parsed| {
        argon2id()
            .verify_password(secret.as_bytes(), &parsed)
            .is_ok()
    })
}

/// OWASP's second recommendation: 19 MiB, two passes, one lane.
fn argon2id() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_matches_its_hash() {
        let phc = hash("9PQR4XYZ").unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(matches("9PQR4XYZ", &phc));
        assert!(!matches("9PQR4XYY", &phc));
        assert!(!matches("9PQR4XYZ", "not a hash"));
    }
}
