//! `cargo xtask bench first-use`: from an empty cache to the first control that a
//! resident can use, our widget beside SurveyJS on a phone's processor and network.
//!
//! Owns the verdict and the tables; `tests/peers/first-use` owns browser and clock.
//!
//! Flags: `--pairs N` (default 9), `--short` (one pair), `--waterfall` (every request
//! of the middle pair).

use super::paired::Spread;
use super::{load, serve};
use crate::{browser, dist, sh};
use anyhow::{Context, Result, bail, ensure};
use pico_args::Arguments;
use serde::Deserialize;
use serde_json::json;
use std::net::TcpListener;

/// Ours may take at most this share of SurveyJS's time.
const GATE: f64 = 0.45;
/// And should take this.
const AIM: f64 = 0.30;

/// What both are given to ask.
const QUESTION: &str = "Where should the new bicycle shed stand?";
const OPTIONS: [(&str, &str); 3] = [
    ("north", "Beside the north gate"),
    ("garden", "Behind the garden of block 3"),
    ("nowhere", "No new shed"),
];

/// The bench.
pub(crate) fn run(mut args: Arguments) -> Result<()> {
    let is_short = args.contains("--short");
    let with_waterfall = args.contains("--waterfall");
    let pairs = args
        .opt_value_from_str("--pairs")?
        .unwrap_or(if is_short { 1 } else { 9 });
    sh::no_more(args)?;
    let report = measure(pairs)?;
    show(&report)?;
    if with_waterfall {
        waterfall(&report);
    }
    let ratio = ratio(&report)?;
    if !is_short && ratio.median > GATE {
        bail!(
            "first use takes {:.2} of SurveyJS's time, the gate is {GATE}",
            ratio.median
        );
    }
    Ok(())
}

/// What the browser saw.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    chromium: String,
    throttle_ms: f64,
    pairs: Vec<Pair>,
}

#[derive(Debug, Deserialize)]
struct Pair {
    ours: Load,
    surveyjs: Load,
}

/// One cold load.
#[derive(Debug, Deserialize)]
struct Load {
    usable_ms: f64,
    /// When our element said so itself.
    ready_ms: Option<f64>,
    /// When the wasm had taken over from the first view.
    taken_ms: Option<f64>,
    requests: Vec<Request>,
}

#[derive(Debug, Deserialize)]
struct Request {
    url: String,
    by: String,
    start_ms: f64,
    first_byte_ms: Option<f64>,
    end_ms: Option<f64>,
    bytes: u64,
}

impl Request {
    /// For the host page itself, which is the same for both.
    fn is_host(&self) -> bool {
        self.url.starts_with("host/")
    }
}

impl Load {
    /// Requests beside the host page itself, and what travelled for them.
    fn weight(&self) -> (usize, u64) {
        let ours = || self.requests.iter().filter(|request| !request.is_host());
        (ours().count(), ours().map(|request| request.bytes).sum())
    }
}

/// Builds what is out of date, serves it, and lets the browser measure.
pub(crate) fn measure(pairs: u32) -> Result<Report> {
    let chromium = match browser::prepare()? {
        Ok(path) => path,
        Err(missing) => bail!("{}", missing.notice),
    };
    peers_packages()?;
    let suite = dist::Options::new(false);
    dist::build(&suite)?;
    let linli = serve::release(&[])?.join("linli");
    // The host page's origin must be known before the server is told who may embed.
    let host_port = free_port()?;
    let options = OPTIONS.map(|(id, text)| json!({ "id": id, "text": text }));
    let kind = json!({ "type": "single_choice", "options": options });
    let setting = serve::Setting {
        title: QUESTION,
        poll: serve::poll(kind, "devices", "device")?,
        origins: &[format!("http://127.0.0.1:{host_port}")],
        suite: Some(&suite.out),
        database_url: None,
    };
    let server = serve::Served::start(&linli, &setting)?;
    println!("  {}", load::before_the_run());
    let mut node = sh::command("node");
    node.arg("tests/peers/first-use/measure.mjs")
        .args(["--linli", server.origin(), "--topic", serve::TOPIC])
        .args([
            "--host-port",
            &host_port.to_string(),
            "--pairs",
            &pairs.to_string(),
        ])
        .args([
            "--question",
            &json!({ "title": QUESTION, "options": OPTIONS }).to_string(),
        ])
        .env("LINLI_CHROMIUM", chromium);
    let told = sh::output(&mut node)?;
    serde_json::from_str(&told).context("the browser's report")
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Other people's packages: fetched by their lock file, kept apart from ours.
fn peers_packages() -> Result<()> {
    let folder = sh::root().join("tests/peers");
    let stamp = folder.join("node_modules/.package-lock.json");
    let modified = |path: &std::path::Path| path.metadata().and_then(|data| data.modified()).ok();
    if stamp.exists() && modified(&stamp) >= modified(&folder.join("package-lock.json")) {
        return Ok(());
    }
    let quiet = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    sh::step("npm packages of the peers", || {
        sh::run(
            sh::command("npm")
                .current_dir(&folder)
                .args(quiet)
                .arg("--legacy-peer-deps"),
        )
    })
}

fn ratio(report: &Report) -> Result<Spread> {
    let pairs = report
        .pairs
        .iter()
        .map(|pair| (pair.ours.usable_ms, pair.surveyjs.usable_ms));
    Spread::of_ratios(pairs).context("no pair was measured")
}

/// The table of times and bytes.
pub(crate) fn show(report: &Report) -> Result<()> {
    ensure!(!report.pairs.is_empty(), "no pair was measured");
    let row = |name: &str, of: &dyn Fn(&Pair) -> &Load| -> Result<()> {
        let loads: Vec<&Load> = report.pairs.iter().map(of).collect();
        let usable = Spread::of(loads.iter().map(|load| load.usable_ms)).context("no load")?;
        let ready = Spread::of(loads.iter().filter_map(|load| load.ready_ms));
        let ready = ready.map_or_else(|| "–".to_owned(), |spread| spread.show(0));
        let taken = Spread::of(loads.iter().filter_map(|load| load.taken_ms));
        let taken = taken.map_or_else(|| "–".to_owned(), |spread| spread.show(0));
        let (requests, bytes) = loads[0].weight();
        println!(
            "  {name:<10}{:>20}{ready:>20}{taken:>20}{requests:>10}{bytes:>10}",
            usable.show(0)
        );
        Ok(())
    };
    println!(
        "\n  Chromium {}, 390×844, processor 4× slower, 1.6 Mbit/s, 150 ms; 200,000 bytes took {:.0} ms",
        report.chromium, report.throttle_ms
    );
    println!(
        "  {:<10}{:>20}{:>20}{:>20}{:>10}{:>10}",
        "", "usable, ms", "ready event, ms", "whole widget, ms", "requests", "bytes"
    );
    row("ours", &|pair| &pair.ours)?;
    row("SurveyJS", &|pair| &pair.surveyjs)?;
    let ratio = ratio(report)?;
    println!(
        "  ratio within {} pairs: {} (gate {GATE}, aim {AIM})\n",
        report.pairs.len(),
        ratio.show(3)
    );
    Ok(())
}

/// What travelled for each side's first use, file by file.
pub(crate) fn show_bytes(report: &Report) -> Result<()> {
    let pair = report.pairs.first().context("no pair was measured")?;
    for (name, load) in [("ours", &pair.ours), ("SurveyJS", &pair.surveyjs)] {
        let (requests, bytes) = load.weight();
        println!("  {name}: {requests} requests, {bytes} bytes with their headers");
        for request in load.requests.iter().filter(|request| !request.is_host()) {
            println!("  {:>9}  {}", request.bytes, request.url);
        }
    }
    Ok(())
}

/// Every request of the pair whose ratio is in the middle.
fn waterfall(report: &Report) {
    let mut pairs: Vec<&Pair> = report.pairs.iter().collect();
    pairs.sort_by(|a, b| {
        let ratio = |pair: &Pair| pair.ours.usable_ms / pair.surveyjs.usable_ms;
        ratio(a).total_cmp(&ratio(b))
    });
    let Some(middle) = pairs.get(pairs.len() / 2) else {
        return;
    };
    for (name, load) in [("ours", &middle.ours), ("SurveyJS", &middle.surveyjs)] {
        println!("  {name}: usable at {:.0} ms", load.usable_ms);
        println!(
            "  {:>8}{:>8}{:>8}{:>9}  asked by, address",
            "from", "answer", "until", "bytes"
        );
        for request in &load.requests {
            let at =
                |time: Option<f64>| time.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.0}"));
            println!(
                "  {:>8.0}{:>8}{:>8}{:>9}  {:<9} {}",
                request.start_ms,
                at(request.first_byte_ms),
                at(request.end_ms),
                request.bytes,
                request.by,
                request.url
            );
        }
        println!();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_page_is_nobodys_weight() {
        let request = |url: &str, bytes| Request {
            url: url.to_owned(),
            by: "parser".to_owned(),
            start_ms: 0.0,
            first_byte_ms: None,
            end_ms: None,
            bytes,
        };
        let load = Load {
            usable_ms: 1.0,
            ready_ms: None,
            taken_ms: None,
            requests: vec![
                request("host/ours", 700),
                request("linli/v1/loader.js", 30),
                request("linli/x", 4),
            ],
        };
        assert_eq!(load.weight(), (2, 34));
    }
}
