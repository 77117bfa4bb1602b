//! The load: keep-alive connections over the loopback that cast one ballot after the
//! other. Owns the bytes on the wire and the latency of each answer; hand-written and
//! on one thread, because client and server share the machine and every cycle that the
//! client takes is one that the server lacks.

use crate::electorate::Electorate;
use anyhow::{Context, Result, bail, ensure};
use futures_util::TryStreamExt;
use futures_util::stream::FuturesUnordered;
use std::cell::{Cell, RefCell};
use std::io::Write as _;
use std::net::SocketAddr;
use std::ops::Range;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a block of casts came to.
pub(crate) struct Casts {
    /// Acknowledged ballots.
    pub(crate) ballots: u64,
    /// From the first byte sent to the last byte received.
    pub(crate) seconds: f64,
    /// Of each ballot, from its first byte sent to the last of its answer received.
    pub(crate) latencies_us: Vec<u32>,
}

/// Casts ballots of `voters` in their order until `lasting` is over or they have all
/// voted, by connections to each of the servers in turn. Any answer but 201 is an error:
/// this measures recorded ballots, not refusals.
pub(crate) fn cast(
    servers: &[SocketAddr],
    electorate: &Electorate,
    voters: Range<u64>,
    connections: usize,
    lasting: Duration,
) -> Result<Casts> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let next = Cell::new(voters.start);
    let latencies = RefCell::new(Vec::with_capacity(1 << 20));
    let (next, latencies) = (&next, &latencies);
    let work = async {
        let mut open = Vec::with_capacity(connections);
        for server in servers.iter().cycle().take(connections) {
            let stream = TcpStream::connect(server).await?;
            stream.set_nodelay(true)?;
            open.push(stream);
        }
        let start = Instant::now();
        let casting: FuturesUnordered<_> = open
            .into_iter()
            .map(|stream| async move {
                let mut line = Line::new(stream);
                while start.elapsed() < lasting && next.get() < voters.end {
                    let voter = next.replace(next.get() + 1);
                    let sent = Instant::now();
                    line.cast(electorate, voter).await?;
                    let took = u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX);
                    latencies.borrow_mut().push(took);
                }
                anyhow::Ok(())
            })
            .collect();
        casting.try_collect::<()>().await?;
        anyhow::Ok(start.elapsed().as_secs_f64())
    };
    let seconds = runtime.block_on(work)?;
    let latencies_us = latencies.take();
    let ballots = u64::try_from(latencies_us.len())?;
    Ok(Casts {
        ballots,
        seconds,
        latencies_us,
    })
}

/// One connection and its buffers.
struct Line {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Line {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            request: Vec::with_capacity(1024),
            answer: Vec::with_capacity(4096),
        }
    }

    async fn cast(&mut self, electorate: &Electorate, voter: u64) -> Result<()> {
        self.request.clear();
        let body = electorate.body(voter);
        write!(
            self.request,
            "POST /api/v1/topics/{}/ballots HTTP/1.1\r\n\
             Host: localhost\r\n\
             Authorization: Bearer {}\r\n\
             Idempotency-Key: {}\r\n\
             Content-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            electorate.topic,
            electorate.token(voter),
            electorate.key(voter),
            body.len(),
        )?;
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.answer).await?;
            ensure!(read > 0, "the server closed a connection");
            if is_recorded(&self.answer)? {
                return Ok(());
            }
        }
    }
}

/// Whether `answer` is whole. An error when it is anything but a recorded ballot.
fn is_recorded(answer: &[u8]) -> Result<bool> {
    let Some(body) = is_whole(answer, 201)? else {
        return Ok(false);
    };
    if !body.starts_with(b"{\"receipt\":{") {
        bail!("not recorded: {}", String::from_utf8_lossy(body));
    }
    Ok(true)
}

/// The body of `answer` once it is whole. An error when it has another status.
pub(crate) fn is_whole(answer: &[u8], status: u16) -> Result<Option<&[u8]>> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut head = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(body_at) = head.parse(answer)? else {
        return Ok(None);
    };
    let length = head
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .context("an answer without Content-Length")?;
    let length: usize = std::str::from_utf8(length.value)?.parse()?;
    let body = &answer[body_at..];
    if body.len() < length {
        return Ok(None);
    }
    if head.code != Some(status) {
        bail!("answered {:?} {}", head.code, String::from_utf8_lossy(body));
    }
    Ok(Some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_once_it_is_whole_and_only_as_a_receipt() {
        let whole = b"HTTP/1.1 201 Created\r\ncontent-length: 14\r\n\r\n{\"receipt\":{}}";
        for cut in 0..whole.len() {
            assert!(!is_recorded(&whole[..cut]).unwrap(), "{cut}");
        }
        assert!(is_recorded(whole).unwrap());
        let refused = b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}";
        assert!(is_recorded(refused).is_err());
        let replayed = b"HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{\"receipt\":{}}";
        assert!(is_recorded(replayed).is_err());
    }
}
