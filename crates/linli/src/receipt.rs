//! `linli verify-receipt`

use clap::Args;
use linli_model::{CastReply, Receipt, ReceiptKeys};
use linli_server::receipts;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Exit code 0: genuine. 1: not genuine. 2: could not be checked.
#[derive(Args)]
pub(crate) struct VerifyReceipt {
    /// The receipt as saved: a receipt, or a receipt with its opening.
    file: PathBuf,
    /// File with the server's public keys.
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    keys: Option<PathBuf>,
    /// Server to ask for its public keys, e.g. `http://127.0.0.1:8080`.
    #[arg(long, value_name = "URL", required_unless_present = "keys")]
    server: Option<String>,
    /// Also check, and show, the choice that the receipt commits to.
    #[arg(long)]
    opening: bool,
}

impl VerifyReceipt {
    pub(crate) fn run(&self) -> Result<ExitCode, String> {
        let text = read(&self.file)?;
        let told = |error: serde_json::Error| format!("{}: {error}", self.file.display());
        let (receipt, opening) = match serde_json::from_str::<CastReply>(&text) {
            Ok(reply) => (reply.receipt, Some(reply.opening)),
            Err(_) => (serde_json::from_str::<Receipt>(&text).map_err(told)?, None),
        };
        let keys = self.public_keys()?;
        let mut verdict = receipts::verify(&receipt, &keys);
        if self.opening {
            let opening = opening
                .as_ref()
                .ok_or("this file holds no opening (choice and nonce)")?;
            verdict = verdict.and_then(|()| receipts::verify_opening(&receipt, opening));
        }
        if let Err(fault) = verdict {
            println!("NOT GENUINE: {fault}");
            return Ok(ExitCode::FAILURE);
        }
        println!(
            "genuine: receipt {}, topic {}, poll {}, revision {}, signed by key {}",
            receipt.code, receipt.topic, receipt.poll, receipt.revision, receipt.key_id
        );
        if let (true, Some(opening)) = (self.opening, opening) {
            let choice = serde_json::to_string(&opening.choice).map_err(told)?;
            println!("it commits to the choice {choice}");
        }
        Ok(ExitCode::SUCCESS)
    }

    fn public_keys(&self) -> Result<ReceiptKeys, String> {
        let (text, from) = match (&self.keys, &self.server) {
            (Some(file), _) => (read(file)?, file.display().to_string()),
            (None, Some(server)) => (fetch_keys(server)?, server.clone()),
            (None, None) => return Err("give --keys or --server".to_owned()),
        };
        serde_json::from_str(&text).map_err(|error| format!("{from}: not receipt keys: {error}"))
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// One plain HTTP/1.0 request. For `https` servers, download the keys with a browser or
/// curl and give them as `--keys`: this command carries no TLS of its own.
fn fetch_keys(server: &str) -> Result<String, String> {
    let host = server
        .strip_prefix("http://")
        .ok_or("only http:// here; for https save <server>/api/v1/receipt-keys and use --keys")?
        .trim_end_matches('/');
    let address = if host.contains(':') {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let told = |error: std::io::Error| format!("{server}: {error}");
    let mut stream = TcpStream::connect(address).map_err(told)?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .map_err(told)?;
    write!(
        stream,
        "GET /api/v1/receipt-keys HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .map_err(told)?;
    let mut answer = String::new();
    stream
        .take(1 << 20)
        .read_to_string(&mut answer)
        .map_err(told)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .ok_or(format!("{server}: no answer"))?;
    if head.split(' ').nth(1) != Some("200") {
        return Err(format!(
            "{server}: {}",
            head.lines().next().unwrap_or_default()
        ));
    }
    Ok(body.to_owned())
}
