//! Figures of large rolls that take long to count, as they were a moment ago. What counts
//! as large is the caller's to say: all else is counted afresh each time.

use crate::store::Failure;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is large is counted again after this many times what counting took: counting goes
/// on during fewer than one in twenty answers, which keeps it out of the 95th percentile.
pub(super) const COUNTING_SHARE: u32 = 40;

/// From so many lines on a roll is large.
pub(super) const LARGE_ROLL: u64 = 10_000;

/// The last figures under each key. Whoever keeps it bounds the keys.
pub(super) struct Lately<K, V> {
    known: Mutex<HashMap<K, Known<V>>>,
    turns: Mutex<HashMap<K, Arc<tokio::sync::Mutex<()>>>>,
}

struct Known<V> {
    figures: Arc<V>,
    counted_at: Instant,
    took: Duration,
}

impl<V> Known<V> {
    fn is_due(&self) -> bool {
        self.counted_at.elapsed() >= self.took * COUNTING_SHARE
    }
}

impl<K, V> Default for Lately<K, V> {
    fn default() -> Self {
        Self {
            known: Mutex::default(),
            turns: Mutex::default(),
        }
    }
}

impl<K, V> Lately<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Send + Sync + 'static,
{
    /// The figures under `key`. Those that are large are of a moment ago, while at most
    /// one count is under way behind the answers.
    pub(super) async fn get<F>(
        self: &Arc<Self>,
        key: K,
        is_large: impl Fn(&V) -> bool,
        count: F,
    ) -> Result<Arc<V>, Failure>
    where
        F: Future<Output = Result<V, Failure>> + Send + 'static,
    {
        if let Some((figures, is_due)) = self.large(&key, &is_large) {
            if is_due && let Ok(turn) = self.turn(&key).try_lock_owned() {
                let lately = Arc::clone(self);
                tokio::spawn(async move {
                    if let Err(error) = lately.count(key, count).await {
                        tracing::warn!(?error, "figures of a large roll were not counted");
                    }
                    drop(turn);
                });
            }
            return Ok(figures);
        }
        // Those who ask at once wait for one count, and take what is large from it.
        let _turn = self.turn(&key).lock_owned().await;
        match self.large(&key, &is_large) {
            Some((figures, _)) => Ok(figures),
            None => self.count(key, count).await,
        }
    }

    /// What is known and large, and whether it is due to be counted again.
    fn large(&self, key: &K, is_large: impl Fn(&V) -> bool) -> Option<(Arc<V>, bool)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(key).filter(|known| is_large(&known.figures))?;
        Some((Arc::clone(&known.figures), known.is_due()))
    }

    async fn count<F>(&self, key: K, count: F) -> Result<Arc<V>, Failure>
    where
        F: Future<Output = Result<V, Failure>>,
    {
        let started = Instant::now();
        let figures = Arc::new(count.await?);
        let known = Known {
            figures: Arc::clone(&figures),
            counted_at: Instant::now(),
            took: started.elapsed(),
        };
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, known);
        Ok(figures)
    }

    fn turn(&self, key: &K) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(key.clone()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use tokio::sync::oneshot;

    /// Asks for a figure that is `now`, and counts how often it was counted.
    async fn ask(lately: &Arc<Lately<u8, u64>>, now: u64, counts: &Arc<AtomicU64>) -> u64 {
        let counts = Arc::clone(counts);
        let count = async move {
            counts.fetch_add(1, Ordering::Relaxed);
            Ok(now)
        };
        let figures = lately.get(1, |figure| *figure >= 10, count).await;
        *figures.unwrap()
    }

    #[tokio::test]
    async fn what_is_small_is_counted_each_time() {
        let (lately, counts) = (Arc::default(), Arc::default());
        for now in 1..=3 {
            assert_eq!(ask(&lately, now, &counts).await, now);
        }
        assert_eq!(counts.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn what_is_large_is_answered_at_once_and_counted_behind() {
        let lately: Arc<Lately<u8, u64>> = Arc::default();
        let slow = async {
            tokio::task::yield_now().await;
            Ok(10)
        };
        let first = lately.get(1, |figure| *figure >= 10, slow).await;
        assert_eq!(*first.unwrap(), 10);
        // As if it had been counted in no time: it is due.
        if let Some(known) = lately.known.lock().unwrap().get_mut(&1) {
            known.took = Duration::ZERO;
        }
        let (begun, begins) = oneshot::channel();
        let (go_on, may_go_on) = oneshot::channel::<()>();
        let behind = async move {
            let _ = begun.send(());
            let _ = may_go_on.await;
            Ok(20)
        };
        let second = lately.get(1, |figure| *figure >= 10, behind).await;
        assert_eq!(*second.unwrap(), 10, "nobody waits");
        begins.await.unwrap();
        // While one count is under way there is no other.
        let counts = Arc::default();
        assert_eq!(ask(&lately, 30, &counts).await, 10);
        assert_eq!(counts.load(Ordering::Relaxed), 0);
        go_on.send(()).unwrap();
        let _turn = lately.turn(&1).lock_owned().await;
        let known = lately.large(&1, |figure| *figure >= 10);
        assert_eq!(known.map(|(figure, _)| *figure), Some(20));
    }

    #[tokio::test]
    async fn who_asks_at_once_waits_for_one_count() {
        let (lately, counts) = (Arc::default(), Arc::default());
        let asked = (0..8).map(|_| ask(&lately, 10, &counts));
        let told = futures_util::future::join_all(asked).await;
        assert_eq!(told, [10; 8]);
        assert_eq!(counts.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_count_that_fails_is_not_kept() {
        let (lately, counts) = (Arc::default(), Arc::default());
        let failing = async { Err(Failure::Fault("no disk".to_owned())) };
        let failed = Lately::get(&lately, 1, |figure| *figure >= 10, failing).await;
        assert!(failed.is_err());
        assert_eq!(ask(&lately, 10, &counts).await, 10);
    }
}
