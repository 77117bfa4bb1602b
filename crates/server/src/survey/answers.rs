//! Answers as they come in, checked by the engine that respondents' pages run, before
//! anything is decided in the store.
//!
//! What is stored is what the engine leaves of them, in normal form (RFC 8785), so that
//! equal answers have equal bytes and nothing invisible is kept. Respondents' engine has
//! cleaned them already; where it left other answers they are refused by their questions'
//! names, never changed without a word.

use super::definition::{self, questions};
use super::patterns::EcmaPatterns;
use linli_model::Refusal;
use linli_rules::survey::{ANSWERS_BYTES_MAX, Clock, Program, Session, SurveyRefusal};
use lru::LruCache;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Names that one refusal holds.
const NAMES_MAX: usize = 50;
/// Bytes of definitions whose programs are kept.
const KEPT_BYTES_MAX: usize = 8_000_000;
/// Checks that may wait; more are refused as busy.
const WAITING_MAX: usize = 256;
/// Large answers that are read and checked at once; each takes some megabytes.
const LARGE_MAX: usize = 32;
const BUSY_RETRY_MS: i64 = 2_000;

/// Checks answers, a few at once, and keeps the programs of definitions that are asked.
pub struct Checker {
    programs: Mutex<Programs>,
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

/// A definition ready to run.
#[derive(Debug)]
pub struct Ready {
    program: Arc<Program>,
    /// Keys of answers whose question has another name.
    names: HashMap<String, String>,
    bytes: usize,
}

struct Programs {
    kept: LruCache<String, Arc<Ready>>,
    bytes: usize,
}

/// What the engine says of answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The answers in normal form; as they came where they cannot be read.
    pub answers: String,
    /// Whether they fit.
    pub verdict: Result<(), Refusal>,
}

impl Checker {
    /// For a machine with `cores` cores.
    pub fn new(cores: usize) -> Self {
        Self {
            programs: Mutex::new(Programs {
                kept: LruCache::unbounded(),
                bytes: 0,
            }),
            places: Arc::new(Semaphore::new(WAITING_MAX)),
            turns: Arc::new(Semaphore::new(cores.max(1))),
            large: Arc::new(Semaphore::new(LARGE_MAX)),
        }
    }

    /// A place for large answers.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn large(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let place = Arc::clone(&self.large).try_acquire_owned();
        place.map_err(|_| Refusal::Busy {
            retry_after_ms: BUSY_RETRY_MS,
        })
    }

    /// The program of a version, if it is kept.
    pub fn kept(&self, version: &str) -> Option<Arc<Ready>> {
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.kept.get(version).cloned()
    }

    /// Makes a stored definition ready, and keeps it.
    ///
    /// # Errors
    ///
    /// It does not run, although it did when it was written.
    pub async fn load(&self, version: &str, text: Arc<str>) -> Result<Arc<Ready>, String> {
        let ready = tokio::task::spawn_blocking(move || Ready::new(&text)).await;
        let ready = Arc::new(ready.map_err(|error| error.to_string())??);
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.put(version, &ready);
        Ok(ready)
    }

    /// Checks answers, in its turn.
    ///
    /// # Errors
    ///
    /// Too many wait.
    pub async fn check(
        &self,
        ready: Arc<Ready>,
        clock: Clock,
        answers: String,
    ) -> Result<Checked, Refusal> {
        self.run(move || ready.check(clock, answers)).await
    }

    /// Runs what takes an engine's time, in its turn and off the async threads.
    ///
    /// # Errors
    ///
    /// Too many wait.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let busy = || Refusal::Busy {
            retry_after_ms: BUSY_RETRY_MS,
        };
        let place = self.places.try_acquire().map_err(|_| busy())?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| busy())?;
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        let done = task.await.map_err(|_| busy());
        drop(place);
        done
    }
}

impl Programs {
    fn put(&mut self, version: &str, ready: &Arc<Ready>) {
        let before = self.kept.put(version.to_owned(), Arc::clone(ready));
        self.bytes += ready.bytes;
        self.bytes -= before.map_or(0, |before| before.bytes);
        // The newest stays, however large.
        while self.bytes > KEPT_BYTES_MAX && self.kept.len() > 1 {
            let Some((_, oldest)) = self.kept.pop_lru() else {
                break;
            };
            self.bytes -= oldest.bytes;
        }
    }
}

impl Ready {
    /// Makes a stored definition ready.
    ///
    /// # Errors
    ///
    /// It does not run.
    pub fn new(text: &str) -> Result<Self, String> {
        let told = |fault: &dyn std::fmt::Debug| format!("a stored definition: {fault:?}");
        let definition = definition::read(text).map_err(|faults| told(&faults))?;
        let renamed = questions(&definition)
            .into_iter()
            .filter(|question| question.name != question.value_name)
            .map(|question| (question.value_name.clone(), question.name.clone()));
        let names = renamed.collect();
        let program = Program::new(definition).map_err(|faults| told(&faults))?;
        Ok(Self {
            program: Arc::new(program),
            names,
            bytes: text.len(),
        })
    }

    /// What runs.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// What the engine says of the text of answers.
    pub fn check(&self, clock: Clock, answers: String) -> Checked {
        let refused = |answers, questions| Checked {
            answers,
            verdict: Err(Refusal::AnswersInvalid { questions }),
        };
        if answers.len() > ANSWERS_BYTES_MAX {
            return Checked {
                verdict: Err(too_large()),
                answers,
            };
        }
        let Ok(given) = serde_json::from_str::<Value>(&answers) else {
            return refused(answers, Vec::new());
        };
        let normal = normal_form(&given);
        let (session, faults) = match Session::check(
            Arc::clone(&self.program),
            clock,
            &given,
            &EcmaPatterns::new(),
        ) {
            Ok(done) => done,
            Err(SurveyRefusal::TooLarge { .. }) => {
                return Checked {
                    answers: normal,
                    verdict: Err(too_large()),
                };
            }
            Err(SurveyRefusal::UnknownQuestion { name }) => return refused(normal, vec![name]),
            Err(SurveyRefusal::NotAnObject | SurveyRefusal::Restless) => {
                return refused(normal, Vec::new());
            }
        };
        let mut wrong: BTreeSet<String> = faults.into_iter().map(|fault| fault.question).collect();
        let left = session.data();
        if normal_form(&left) != normal {
            wrong.extend(self.differing(&given, &left));
        }
        match wrong.is_empty() {
            true => Checked {
                answers: normal,
                verdict: Ok(()),
            },
            false => refused(normal, wrong.into_iter().take(NAMES_MAX).collect()),
        }
    }

    /// Names of the questions whose answers the engine leaves otherwise.
    fn differing(&self, given: &Value, left: &Value) -> BTreeSet<String> {
        let none = Map::new();
        let fields = |value: &'_ Value| value.as_object().cloned().unwrap_or_else(|| none.clone());
        let (given, left) = (fields(given), fields(left));
        let keys: BTreeSet<&String> = given.keys().chain(left.keys()).collect();
        let differs = |key: &&&String| {
            let form = |fields: &Map<String, Value>| fields.get(**key).map(normal_form);
            form(&given) != form(&left)
        };
        let differing = keys.iter().filter(differs);
        differing.map(|key| self.question_of(key)).collect()
    }

    /// The question whose answer, or whose comment, has this key.
    fn question_of(&self, key: &str) -> String {
        let of = |key: &str| self.names.get(key).cloned();
        let comment = key.strip_suffix("-Comment").filter(|_| of(key).is_none());
        let named = comment.map(|key| of(key).unwrap_or_else(|| key.to_owned()));
        named.or_else(|| of(key)).unwrap_or_else(|| key.to_owned())
    }
}

fn too_large() -> Refusal {
    Refusal::TooLarge {
        limit_bytes: ANSWERS_BYTES_MAX as u64,
    }
}

/// RFC 8785 JSON.
pub fn normal_form(value: &Value) -> String {
    // JSON that was read has neither infinities nor keys that are no text.
    serde_json_canonicalizer::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CLOCK: Clock = Clock {
        now_ms: 1_800_000_000_000.0,
        ahead_of_utc_minutes: 480,
    };

    fn ready() -> Ready {
        let definition = json!({ "elements": [
            { "type": "rating", "name": "all", "isRequired": true },
            { "type": "comment", "name": "why", "visibleIf": "{all} <= 2" },
            { "type": "radiogroup", "name": "pet", "valueName": "animal",
              "choices": ["cat", "dog"], "showOtherItem": true },
            { "type": "expression", "name": "twice", "expression": "{all} * 2" },
        ]});
        Ready::new(&definition.to_string()).unwrap()
    }

    fn refused(questions: &[&str]) -> Result<(), Refusal> {
        Err(Refusal::AnswersInvalid {
            questions: questions.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    #[test]
    fn what_the_engine_leaves_is_kept_in_normal_form_or_refused_by_name() {
        let ready = ready();
        let cases = [
            (
                r#"{ "twice": 8.0, "all": 4 }"#,
                Ok(()),
                "computed values are answers",
            ),
            (
                r#"{"all": 4}"#,
                refused(&["twice"]),
                "a computed value lacks",
            ),
            (
                r#"{"twice": 8, "all": 4, "why": "x"}"#,
                refused(&["why"]),
                "invisible",
            ),
            (r#"{"twice": 2, "all": 1, "why": "x"}"#, Ok(()), "visible"),
            (r#"{"twice": 0}"#, refused(&["all"]), "needed"),
            (
                r#"{"all": 4, "twice": 8, "animal": "cow"}"#,
                refused(&["pet"]),
                "no choice",
            ),
            (
                r#"{"all": 4, "twice": 8, "nobody": 1}"#,
                refused(&["nobody"]),
                "no question",
            ),
            ("[]", refused(&[]), "no object"),
            ("{", refused(&[]), "no JSON"),
            (
                "{\"all\": 4, \"twice\": 8, \"all\": 4}",
                Ok(()),
                "told twice, kept once",
            ),
        ];
        for (answers, verdict, reason) in cases {
            let checked = ready.check(CLOCK, answers.to_owned());
            assert_eq!(checked.verdict, verdict, "{reason}");
        }
        let kept = ready.check(CLOCK, r#"{ "twice": 8.0, "all": 4 }"#.to_owned());
        assert_eq!(kept.answers, r#"{"all":4,"twice":8}"#);
        let long = format!("{{\"why\": \"{}\"}}", "a".repeat(ANSWERS_BYTES_MAX));
        assert_eq!(ready.check(CLOCK, long).verdict, Err(too_large()));
    }

    #[tokio::test]
    async fn programs_are_kept_up_to_a_bound_of_bytes() {
        let checker = Checker::new(1);
        let text = |title: &str| {
            let definition =
                json!({ "title": title, "elements": [{ "type": "text", "name": "a" }] });
            Arc::<str>::from(definition.to_string())
        };
        let tenth = "a".repeat(KEPT_BYTES_MAX / 10);
        for version in 0..15 {
            let version = version.to_string();
            checker.load(&version, text(&tenth)).await.unwrap();
            assert!(checker.kept("0").is_some(), "what is asked for stays");
        }
        assert!(checker.kept("14").is_some() && checker.kept("1").is_none());
        let bytes = checker.programs.lock().unwrap().bytes;
        assert!(bytes <= KEPT_BYTES_MAX, "{bytes}");
    }
}
