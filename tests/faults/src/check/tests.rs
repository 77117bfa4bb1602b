//! The judge's negative controls: a database and journals that are right, and every
//! kind of wrong done to a copy of one of them. Each must be found, by its own words.

use super::{Findings, check_lines};
use crate::journal::Line;
use crate::world;
use linli_model::{
    BallotSecret, CastBallot, Choice, IdempotencyKey, OptionId, PollId, Proof, Refusal, Stance,
    TopicId,
};
use linli_port::CastCommand;
use linli_server::{Caller, Config, Failure, Page, Service, SystemClock, open_service};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

const CALLER: Caller = Caller {
    page: Page::Unknown,
    client: None,
};

/// A small vote that went well: its database and its journal.
struct Vote {
    folder: TempDir,
    database: PathBuf,
    journal: Vec<Line>,
}

impl Vote {
    /// In each poll, households 1 to 3 vote; 1 and 2 change where they may; 3 tries what
    /// is not allowed. Household 4 never comes.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            data_dir: folder.path().join("data"),
            ..Config::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let journal = runtime.block_on(async {
            let service = open_service(&config, Arc::new(SystemClock)).await.unwrap();
            service.import_text(&world::import_text(5)).await.unwrap();
            let mut voting = Voting {
                journal: vec![Line::Keys {
                    keys: service.receipt_keys(),
                }],
                service: &service,
                made: 0,
            };
            for poll in &world::POLLS {
                for household in 1..=3 {
                    voting.visit(poll, household).await;
                }
            }
            let journal = voting.journal;
            service.close().await.unwrap();
            journal
        });
        Self {
            database: config.database(),
            folder,
            journal,
        }
    }

    fn judge(&self, journal: &[Line]) -> Findings {
        check_lines(&[journal.to_vec()], &self.database).unwrap()
    }

    /// Judges a copy on which `sql` was run.
    fn judge_after(&self, sql: &str) -> Findings {
        let copy = self.folder.path().join("copy.sqlite");
        std::fs::copy(&self.database, &copy).unwrap();
        let conn = Connection::open(&copy).unwrap();
        conn.execute_batch(sql)
            .unwrap_or_else(|e| panic!("{e}: {sql}"));
        assert!(conn.changes() > 0, "nothing was changed: {sql}");
        drop(conn);
        check_lines(std::slice::from_ref(&self.journal), &copy).unwrap()
    }
}

struct Voting<'a> {
    service: &'a Service,
    journal: Vec<Line>,
    made: u8,
}

impl Voting<'_> {
    async fn visit(&mut self, poll: &world::Poll, household: u32) {
        let secret = self.bytes();
        let secret = poll.is_secret.then(|| BallotSecret::from_bytes(secret));
        let (first, second) = match poll.name {
            "recorded-changes" => (options(&["c", "a"]), options(&["b"])),
            "secret-changes" => (options(&["a"]), options(&["b"])),
            _ => (motion(Stance::Yes), motion(Stance::No)),
        };
        self.cast(poll, household, &first, secret.clone()).await;
        if household < 3 && poll.may_change || household == 3 && !poll.may_change {
            self.cast(poll, household, &second, secret).await;
        }
        if household == 3 && poll.is_secret {
            let other = BallotSecret::from_bytes(self.bytes());
            self.cast(poll, household, &first, Some(other)).await;
        }
    }

    async fn cast(
        &mut self,
        poll: &world::Poll,
        household: u32,
        choice: &Choice,
        secret: Option<BallotSecret>,
    ) {
        let topic = TopicId::parse(poll.name).unwrap();
        let code = world::code(household);
        let proof = Proof::HouseholdCode { code };
        let grant = self.service.identify(&topic, &proof, CALLER).await.unwrap();
        let key = IdempotencyKey::from_bytes(self.bytes());
        let ballot = CastBallot {
            choice: choice.clone(),
            secret,
        };
        let command = CastCommand {
            key: key.clone(),
            topic: topic.clone(),
            poll: PollId::parse(poll.name).unwrap(),
            grant: grant.token.clone(),
            ballot: ballot.clone(),
        };
        self.journal.push(Line::Intent {
            household: world::label(household),
            command: Box::new(command),
        });
        let cast = self
            .service
            .cast(&topic, &grant.token, key.clone(), ballot, CALLER);
        self.journal.push(match cast.await {
            Ok(recorded) => Line::Acknowledged {
                key,
                body: serde_json::to_string(&recorded.reply).unwrap(),
            },
            Err(Failure::Refused(refusal)) => Line::Refused { key, refusal },
            Err(Failure::Fault(fault)) => panic!("{fault}"),
        });
    }

    fn bytes(&mut self) -> [u8; 16] {
        self.made += 1;
        [self.made; 16]
    }
}

fn motion(stance: Stance) -> Choice {
    Choice::Motion { stance }
}

fn options(ids: &[&str]) -> Choice {
    let options = ids.iter().map(|id| OptionId::parse(id).unwrap()).collect();
    Choice::Options { options }
}

#[test]
fn what_is_right_is_right() {
    let vote = Vote::new();
    let expected = Findings {
        commands: 20,
        acknowledged: 16,
        refused: 4,
        ballots: 12,
        superseded: 4,
        ..Findings::default()
    };
    assert_eq!(vote.judge(&vote.journal), expected);
}

/// What a client does not know yet may be there or not.
#[test]
fn an_unsettled_command_may_be_there_or_not() {
    let vote = Vote::new();
    let is_last = |line: &Line| matches!(line, Line::Acknowledged { .. });
    let last = vote.journal.iter().rposition(is_last).unwrap();
    let mut there = vote.journal.clone();
    there.remove(last);
    let found = vote.judge(&there);
    assert_eq!((found.unsettled, found.faults), (1, Vec::new()));

    let mut absent = vote.journal.clone();
    let Line::Intent { command, .. } = &vote.journal[1] else {
        panic!("the first command")
    };
    let mut command = command.clone();
    command.key = IdempotencyKey::from_bytes([0xee; 16]);
    absent.push(Line::Intent {
        household: world::label(4),
        command,
    });
    let found = vote.judge(&absent);
    assert_eq!((found.unsettled, found.faults), (1, Vec::new()));
}

const FIRST: &str = "WHERE voter = (SELECT min(voter) FROM ballot WHERE poll_id = 'recorded-never')
    AND poll_id = 'recorded-never'";

/// What is done to the database, and what the judge must say.
fn wrongs() -> Vec<(String, &'static str)> {
    let free = |table: &str| {
        format!(
            "CREATE TABLE free AS SELECT * FROM {table}; DROP TABLE {table}; ALTER TABLE free RENAME TO {table};"
        )
    };
    let stranger = "(SELECT 'h' || household_id FROM household WHERE label = 'No. 4')";
    vec![
        (format!("DELETE FROM ballot {FIRST}"), "acknowledged, and it is not there"),
        ("DELETE FROM ballot_superseded".into(), "acknowledged, and it is not there"),
        ("DELETE FROM ballot_superseded".into(), "the revisions of its voter have a gap"),
        ("DELETE FROM ballot_box WHERE poll_id = 'secret-never'".into(), "acknowledged, and it is not there"),
        ("DELETE FROM ballot_box WHERE poll_id = 'secret-never'".into(), "3 in the register have no ballot in the box"),
        // Once more under another voter, which no constraint forbids.
        (format!("INSERT INTO ballot SELECT community_id, poll_id, {stranger}, revision, cast_key, choice, nonce, key_id, cast_at_ms FROM ballot {FIRST}"), "it is there 2 times"),
        (format!("INSERT INTO ballot SELECT community_id, poll_id, {stranger}, revision, cast_key, choice, nonce, key_id, cast_at_ms FROM ballot {FIRST}"), "a ballot of another voter than it was sent by"),
        // Once more under the same voter, after the constraint is gone.
        (format!("{} INSERT INTO ballot SELECT * FROM ballot {FIRST}", free("ballot")), "has 2 ballots that count"),
        (format!("{} INSERT INTO ballot SELECT * FROM ballot {FIRST}", free("ballot")), "it is there 2 times"),
        (format!("{} INSERT INTO ballot_box SELECT * FROM ballot_box WHERE poll_id = 'secret-never' LIMIT 1", free("ballot_box")), "it is there 2 times"),
        ("INSERT INTO ballot_superseded SELECT * FROM ballot WHERE poll_id = 'recorded-never'".into(), "it is there 2 times"),
        (format!(r#"UPDATE ballot SET choice = '{{"stance":"abstain","type":"motion"}}' {FIRST}"#), "a ballot with another choice than was sent"),
        (r#"UPDATE ballot_box SET choice = '{"options":["e"],"type":"options"}' WHERE poll_id = 'secret-changes'"#.into(), "a ballot with another choice than was sent"),
        // The same set in another order: the receipt commits to the bytes.
        (r#"UPDATE ballot_superseded SET choice = '{"options":["c","a"],"type":"options"}'"#.into(), "what is there is not what the receipt promises"),
        (format!("UPDATE ballot SET revision = 2 {FIRST}"), "acknowledged as revision 1, there as 2"),
        (format!("UPDATE ballot SET nonce = zeroblob(32) {FIRST}"), "what is there is not what the receipt promises"),
        (format!("UPDATE ballot SET cast_at_ms = cast_at_ms + 1 {FIRST}"), "what is there is not what the receipt promises"),
        (format!("UPDATE ballot SET key_id = '0000000000000000' {FIRST}"), "what is there is not what the receipt promises"),
        (format!("UPDATE ballot SET cast_key = zeroblob(16) {FIRST}"), "a ballot whose command was never sent"),
        (format!("UPDATE ballot SET voter = {stranger} {FIRST}"), "a ballot of another voter than it was sent by"),
        ("UPDATE ballot SET voter = 'h999' WHERE poll_id = 'recorded-never' AND voter = (SELECT max(voter) FROM ballot)".into(), "check-store: poll recorded-never: 1 voters are not on the roll"),
        ("UPDATE ballot_box SET address = zeroblob(32) WHERE address = (SELECT min(address) FROM ballot_box)".into(), "a ballot of another voter than it was sent by"),
        (format!("INSERT INTO ballot VALUES ('faults', 'recorded-never', {stranger}, 1, zeroblob(16), '{{}}', zeroblob(32), 'k', 1)"), "a ballot whose command was never sent"),
        ("UPDATE ballot SET poll_id = 'recorded-never', voter = voter || '0' WHERE poll_id = 'recorded-changes'".into(), "a ballot in another poll than it was sent to"),
        // A change that lost against the ballot that it replaced.
        ("UPDATE ballot SET cast_key = (SELECT cast_key FROM ballot_superseded s WHERE s.voter = ballot.voter), choice = (SELECT choice FROM ballot_superseded s WHERE s.voter = ballot.voter), nonce = (SELECT nonce FROM ballot_superseded s WHERE s.voter = ballot.voter) WHERE poll_id = 'recorded-changes' AND revision = 2".into(), "acknowledged, and it is not there"),
        ("DELETE FROM voted_register WHERE poll_id = 'secret-never'".into(), "secret-never: 3 with a ballot in the box are not in the register"),
        ("INSERT INTO voted_register VALUES ('faults', 'secret-never', zeroblob(32))".into(), "secret-never: 1 in the register have sent nothing"),
        ("INSERT INTO voted_register VALUES ('faults', 'secret-never', zeroblob(32))".into(), "secret-never: 1 is the difference between register and box"),
        ("UPDATE voted_register SET voter_mark = zeroblob(32) WHERE voter_mark = (SELECT min(voter_mark) FROM voted_register WHERE poll_id = 'secret-changes')".into(), "secret-changes: 1 in the register have sent nothing"),
        ("INSERT INTO ballot_box VALUES ('faults', 'no-such', zeroblob(32), 1, zeroblob(16), '{}', zeroblob(32), 'k')".into(), "check-store: 1 rows of ballot_box belong to no poll"),
    ]
}

#[test]
fn every_wrong_in_the_database_is_found() {
    let vote = Vote::new();
    for (sql, expected) in wrongs() {
        let found = vote.judge_after(&sql);
        let said = found.faults.iter().any(|fault| fault.contains(expected));
        assert!(said, "{sql}\n{expected:?} is not in {:#?}", found.faults);
        if expected.contains("times") || expected.contains("ballots that count") {
            assert!(found.duplicates > 0, "{sql}");
        }
    }
}

#[test]
fn every_wrong_in_what_clients_were_told_is_found() {
    let vote = Vote::new();
    let acknowledged = |edit: &dyn Fn(&str) -> String| {
        let mut journal = vote.journal.clone();
        for line in &mut journal {
            if let Line::Acknowledged { body, .. } = line {
                *body = edit(body);
            }
        }
        vote.judge(&journal).faults
    };
    let replaced = |from: &'static str, to: &'static str| {
        acknowledged(&move |body: &str| body.replace(from, to))
    };
    let intents = |edit: &dyn Fn(&mut String, &mut CastCommand)| {
        let mut journal = vote.journal.clone();
        for line in &mut journal {
            if let Line::Intent { household, command } = line {
                edit(household, command);
            }
        }
        vote.judge(&journal).faults
    };
    let without = |nth: usize| {
        let mut journal = vote.journal.clone();
        journal.drain(nth..nth + 2);
        vote.judge(&journal).faults
    };
    let settled_as = |refusal: Refusal| {
        let mut journal = vote.journal.clone();
        for line in &mut journal {
            if let Line::Acknowledged { key, .. } = line {
                let (key, refusal) = (key.clone(), refusal.clone());
                *line = Line::Refused { key, refusal };
            }
        }
        vote.judge(&journal).faults
    };
    let refused_as = |refusal: Refusal| {
        let mut journal = vote.journal.clone();
        for line in &mut journal {
            if let Line::Refused { refusal: told, .. } = line {
                *told = refusal.clone();
            }
        }
        vote.judge(&journal).faults
    };
    let wrongs: Vec<(Vec<String>, &str)> = vec![
        (acknowledged(&|_| "{}".to_owned()), "no receipt"),
        (
            replaced("\"revision\":1", "\"revision\":7"),
            "the signature does not fit",
        ),
        (
            replaced("\"stance\":\"yes\"", "\"stance\":\"no\""),
            "not what the receipt commits to",
        ),
        (
            replaced("\"topic\":\"recorded", "\"topic\":\"secret"),
            "the signature does not fit",
        ),
        (
            intents(&|_, command| {
                command.ballot.choice = match &command.ballot.choice {
                    Choice::Motion { .. } => motion(Stance::Abstain),
                    Choice::Options { .. } => options(&["e"]),
                };
            }),
            "a ballot with another choice than was sent",
        ),
        (
            intents(&|household, _| *household = world::label(4)),
            "a ballot of another voter than it was sent by",
        ),
        (
            intents(&|household, _| *household = "of another roll".to_owned()),
            "in the register have sent nothing",
        ),
        (without(1), "a ballot whose command was never sent"),
        (
            settled_as(Refusal::AlreadyVoted),
            "refused (already_voted), and it is there",
        ),
        (
            refused_as(Refusal::GrantInvalid),
            "refused (grant_invalid), which is not so",
        ),
        (
            refused_as(Refusal::BallotSecretLost),
            "refused (ballot_secret_lost), which is not so",
        ),
    ];
    for (faults, expected) in wrongs {
        let said = faults.iter().any(|fault| fault.contains(expected));
        assert!(said, "{expected:?} is not in {faults:#?}");
    }
}

/// Two acknowledgements of one client in the wrong order: the second has the lower
/// revision.
#[test]
fn a_ballot_that_is_there_before_an_earlier_one_is_found() {
    let vote = Vote::new();
    let (first, second) = (vote.journal[1..3].to_vec(), vote.journal[3..5].to_vec());
    let keys = vote.journal[..1].to_vec();
    let journal = [keys, second, first, vote.journal[5..].to_vec()].concat();
    let faults = vote.judge(&journal).faults;
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(
        faults[0].contains("sent after revision 2 was acknowledged"),
        "{faults:?}"
    );
}

/// Journals that contradict themselves are no evidence at all.
#[test]
fn journals_that_cannot_be_are_refused() {
    let vote = Vote::new();
    let twice = [vote.journal.clone(), vote.journal[1..3].to_vec()].concat();
    let unsent = [vote.journal[..1].to_vec(), vote.journal[2..3].to_vec()].concat();
    let settled_twice = [vote.journal.clone(), vote.journal[2..3].to_vec()].concat();
    let keyless = vote.journal[1..].to_vec();
    for journal in [twice, unsent, settled_twice, keyless] {
        assert!(check_lines(&[journal], &vote.database).is_err());
    }
}
