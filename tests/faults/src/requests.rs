//! Bad requests in great number, over everything that the server's own OpenAPI document
//! lists, so that addresses which come later are covered by themselves.
//!
//! A request begins as the document wants it, with names, codes and grants that exist,
//! and then one to three things of it are made wrong: the JSON, a header, the address,
//! the method, the framing. No answer may be a 5xx, none may be missing, and each must be
//! of a form that a client can read. Afterwards the server must be sound.

mod document;
mod wire;

use crate::check;
use crate::journal::Line;
use crate::server::{Linli, Started};
use crate::trial::Trial;
use crate::world::{self, POLLS};
use anyhow::{Context, Result, bail, ensure};
use document::{Document, Operation};
use linli_conformance::lossy::Chance;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use wire::{Answer, Line as Connection, Request};

/// Requests are made by so many at once.
const SENDERS: u64 = 4;
/// Faults that are told; more are counted.
const TOLD_MAX: usize = 20;
/// Households on the roll.
const HOUSEHOLDS: u32 = 50;
/// The one that votes when all is over.
const LAST: u32 = 49;

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Requests that were sent.
    pub requests: u64,
    /// Operations of the document.
    pub operations: u64,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// Answers by the code of their refusal.
    pub codes: BTreeMap<String, u64>,
    /// Everything that is not as it must be.
    pub faults: Vec<String>,
}

impl Report {
    /// A line of counts.
    pub fn summary(&self) -> String {
        let statuses: Vec<String> = self
            .statuses
            .iter()
            .map(|(status, times)| format!("{status}: {times}"))
            .collect();
        format!(
            "{} requests over {} operations; answers {}; {} kinds of refusal; {} faults",
            self.requests,
            self.operations,
            statuses.join(", "),
            self.codes.len(),
            self.faults.len()
        )
    }

    fn add(&mut self, other: Self) {
        self.requests += other.requests;
        for (status, times) in other.statuses {
            *self.statuses.entry(status).or_default() += times;
        }
        for (code, times) in other.codes {
            *self.codes.entry(code).or_default() += times;
        }
        self.faults.extend(other.faults);
        self.faults.truncate(TOLD_MAX);
    }
}

/// Sends `requests` of them to a fresh server in `folder`, which must not exist.
pub fn pelt(linli: &Path, folder: &Path, seed: u64, requests: u64) -> Result<Report> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let linli = Linli::new(linli, folder);
    let file = folder.join("import.json");
    fs::write(&file, world::import_text(HOUSEHOLDS))?;
    linli.import(&file)?;
    let mut server = linli.spawn()?;
    let origin = server.listening()?;
    let addr = origin.trim_start_matches("http://").to_owned();
    let document = ask(&addr, "GET", "/api/v1/openapi.json", "", "")?;
    let document = Document::read(&serde_json::from_slice(&document.body)?)?;
    let stock = Stock::gather(&addr)?;

    let sum = Mutex::new(Report {
        operations: document.operations.len() as u64,
        ..Report::default()
    });
    thread::scope(|scope| {
        let (document, stock, addr, sum) = (&document, &stock, &addr, &sum);
        let senders: Vec<_> = (0..SENDERS)
            .map(|nth| {
                scope.spawn(move || {
                    let chance = Chance::new(seed ^ (nth + 1) << 48);
                    let mut sender = Sender {
                        document,
                        stock,
                        chance,
                        connection: Connection::new(addr),
                        report: Report::default(),
                    };
                    for _ in 0..requests.div_ceil(SENDERS) {
                        sender.send();
                    }
                    let mut sum = sum.lock().map_err(|_| anyhow::anyhow!("a panic"))?;
                    sum.add(sender.report);
                    Ok::<_, anyhow::Error>(())
                })
            })
            .collect();
        for sender in senders {
            let ended = sender.join();
            ended.unwrap_or_else(|_| Err(anyhow::anyhow!("a sender panicked")))?;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    let mut report = sum.into_inner().unwrap_or_default();
    report.faults.extend(is_sound(&linli, server)?);
    if report.faults.is_empty() {
        fs::remove_dir_all(folder)?;
    }
    Ok(report)
}

/// The server still takes a vote, and its store is whole.
fn is_sound(linli: &Linli, server: Started) -> Result<Vec<String>> {
    server.kill()?;
    let mut trial = Trial::new(linli, linli.spawn()?, Vec::new())?;
    trial.visit(LAST)?;
    trial.kill()?;
    let own = trial
        .lines
        .iter()
        .filter(|line| matches!(line, Line::Acknowledged { .. }));
    ensure!(own.count() > 0, "no vote was recorded afterwards");
    linli.check_store()?;
    let found = check::check_lines(std::slice::from_ref(&trial.lines), &linli.database())?;
    // Ballots that requests cast by luck are strangers to these lines.
    let strange = |fault: &String| !fault.contains("never sent") && !fault.contains("register");
    Ok(found.faults.into_iter().filter(strange).collect())
}

fn ask(addr: &str, method: &str, path: &str, headers: &str, body: &str) -> Result<Answer> {
    let mut request = Request::new(method, path);
    for line in headers.lines() {
        let (name, value) = line.split_once(": ").context("a header")?;
        request.header(name, value);
    }
    request.body = body.as_bytes().to_vec();
    let answer = Connection::new(addr).send(&request)?;
    let answer = answer.context("no answer")?;
    ensure!(answer.status < 300, "{path}: {}", answer.status);
    Ok(answer)
}

/// What exists, by the name of the parameter that takes it.
struct Stock {
    words: BTreeMap<&'static str, Vec<String>>,
}

impl Stock {
    fn gather(addr: &str) -> Result<Self> {
        let mut words: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
        for (poll, household) in POLLS.iter().zip(0..) {
            let body = serde_json::json!({
                "proof": { "type": "household_code", "code": world::code(household) },
            });
            let path = format!("/api/v1/topics/{}/grants", poll.name);
            let json = "Content-Type: application/json";
            let grant = ask(addr, "POST", &path, json, &body.to_string())?;
            let grant: Value = serde_json::from_slice(&grant.body)?;
            let token = grant["token"].as_str().context("a grant")?;
            let bearer = format!("Bearer {token}");
            words.entry("Authorization").or_default().push(bearer);
            words.entry("topic").or_default().push(poll.name.to_owned());
        }
        let code = |household| world::code(household);
        words.insert("code", (0..LAST).map(code).collect());
        words.insert(
            "options",
            vec!["a".to_owned(), "b".to_owned(), "zz".to_owned()],
        );
        Ok(Self { words })
    }

    fn pick(&self, name: &str, chance: &mut Chance) -> Option<String> {
        let words = self.words.get(name)?;
        Some(words[below(chance, words.len())].clone())
    }
}

struct Sender<'a> {
    document: &'a Document,
    stock: &'a Stock,
    chance: Chance,
    connection: Connection,
    report: Report,
}

impl Sender<'_> {
    fn send(&mut self) {
        let request = self.make();
        self.report.requests += 1;
        let fault = match self.connection.send(&request) {
            Ok(Some(answer)) => self.look(&answer),
            // Some framings rightly get nothing but the end of the connection.
            Ok(None) if !request.is_framed() => None,
            Ok(None) => Some("no answer".to_owned()),
            Err(error) => Some(format!("{error:#}")),
        };
        if let Some(fault) = fault {
            let nth = self.report.requests;
            self.report
                .faults
                .push(format!("request {nth}: {fault}: {}", request.shown()));
        }
    }

    /// What is wrong with an answer.
    fn look(&mut self, answer: &Answer) -> Option<String> {
        *self.report.statuses.entry(answer.status).or_default() += 1;
        if answer.status >= 500 {
            let body = String::from_utf8_lossy(&answer.body);
            return Some(format!("answered {} {body}", answer.status));
        }
        if answer.status < 400 || !answer.is_json {
            // Bare answers of the HTTP library itself, and pages.
            let is_bare = answer.is_json || answer.body.is_empty() || answer.is_html;
            return (answer.status >= 400 && !is_bare)
                .then(|| format!("{} in no known form", answer.status));
        }
        let body: Result<Value, _> = serde_json::from_slice(&answer.body);
        match body.ok().as_ref().and_then(|body| body["code"].as_str()) {
            Some(code) => {
                *self.report.codes.entry(code.to_owned()).or_default() += 1;
                None
            }
            None => Some(format!("a {} without a code", answer.status)),
        }
    }

    fn make(&mut self) -> Request {
        let nth = below(&mut self.chance, self.document.operations.len());
        let operation = &self.document.operations[nth];
        let (mut request, mut body) = self.proper(operation);
        for _ in 0..=self.chance.below(3) {
            match self.chance.below(8) {
                0..=3 if body.is_some() => {
                    if let Some(body) = &mut body {
                        document::spoil(body, &mut self.chance);
                    }
                }
                0 | 4 => request.spoil_header(&mut self.chance),
                1 | 5 => request.spoil_path(&mut self.chance),
                2 | 6 => request.spoil_method(&mut self.chance),
                _ => request.spoil_framing(&mut self.chance),
            }
        }
        if let Some(body) = body {
            request.body = serde_json::to_vec(&body).unwrap_or_default();
            request.spoil_body(&mut self.chance);
        }
        request
    }

    /// As the document wants it, mostly.
    fn proper(&mut self, operation: &Operation) -> (Request, Option<Value>) {
        let mut path = operation.path.clone();
        for parameter in operation.parameters.iter().filter(|one| one.is_in("path")) {
            let value = self.value(&parameter.name);
            path = path.replace(&format!("{{{}}}", parameter.name), &value);
        }
        let mut query = Vec::new();
        for parameter in operation.parameters.iter().filter(|one| one.is_in("query")) {
            query.push(format!(
                "{}={}",
                parameter.name,
                self.value(&parameter.name)
            ));
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let mut request = Request::new(&operation.method, &path);
        for parameter in operation
            .parameters
            .iter()
            .filter(|one| one.is_in("header"))
        {
            if self.chance.below(8) != 0 {
                let value = self.value(&parameter.name);
                request.header(&parameter.name, &value);
            }
        }
        let body = operation.body.as_ref().map(|schema| {
            request.header("Content-Type", "application/json");
            let stock = |name: &str, chance: &mut Chance| self.stock.pick(name, chance);
            self.document
                .sample(schema, "", &stock, &mut self.chance, 0)
        });
        (request, body)
    }

    fn value(&mut self, name: &str) -> String {
        match self.stock.pick(name, &mut self.chance) {
            Some(known) => known,
            // Keys and secrets are 32 hexadecimal digits, and so may be what comes later.
            None => format!("{:032x}", self.chance.below(u64::MAX)),
        }
    }
}

/// A number below `end`, which is not 0.
fn below(chance: &mut Chance, end: usize) -> usize {
    usize::try_from(chance.below(end as u64)).unwrap_or(0)
}

/// A document without operations would be covered in no time.
fn refuse_empty(operations: &[Operation]) -> Result<()> {
    match operations.len() {
        0..5 => bail!("the document lists {} operations", operations.len()),
        _ => Ok(()),
    }
}
