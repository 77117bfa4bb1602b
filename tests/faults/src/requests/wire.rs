//! Requests as bytes, well framed or not, and answers read back.

use super::below;
use anyhow::{Context, Result, ensure};
use linli_conformance::lossy::Chance;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// No answer takes longer, but for the one to a body that never comes.
const PATIENCE: Duration = Duration::from_secs(40);

/// How the body is announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length,
    /// A length that is not the body's.
    Wrong(i64),
    /// Twice, differently.
    Twice,
    Chunked,
    BadChunks,
    None,
    /// Bytes that are no request.
    Garbage,
}

/// A request.
pub(super) struct Request {
    method: Vec<u8>,
    path: Vec<u8>,
    headers: Vec<(Vec<u8>, Vec<u8>)>,
    framing: Framing,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
            headers: Vec::new(),
            framing: Framing::Length,
            body: Vec::new(),
        }
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        self.headers.push((name.into(), value.into()));
    }

    /// Whether HTTP says that an answer must come.
    pub(super) fn is_framed(&self) -> bool {
        let is_clean = |bytes: &[u8]| bytes.iter().all(|byte| (0x21..0x7f).contains(byte));
        matches!(self.framing, Framing::Length | Framing::Chunked)
            && is_clean(&self.path)
            && is_clean(&self.method)
    }

    /// For people: short, with what is not text escaped.
    pub(super) fn shown(&self) -> String {
        let mut bytes = self.bytes();
        bytes.truncate(600);
        bytes.escape_ascii().to_string()
    }

    pub(super) fn spoil_header(&mut self, chance: &mut Chance) {
        let odd: [&[u8]; 14] = [
            b"",
            b" ",
            b"Bearer",
            b"Bearer  ",
            b"Basic YTpi",
            b"\xff\xfe",
            b"\t",
            b"0",
            b"application/xml",
            b"application/json; charset=latin1",
            b"multipart/form-data",
            b"*",
            b"\"",
            b"gzip",
        ];
        let names: [&[u8]; 10] = [
            b"Authorization",
            b"Idempotency-Key",
            b"Content-Type",
            b"Linli-Ballot-Secret",
            b"If-None-Match",
            b"Origin",
            b"X-Forwarded-For",
            b"Expect",
            b"Content-Encoding",
            b"Accept-Language",
        ];
        let value = match chance.below(6) {
            0 => vec![b'a'; below(chance, 9_000)],
            1 => format!("{:032X}", chance.below(u64::MAX)).into_bytes(),
            _ => odd[below(chance, odd.len())].to_vec(),
        };
        let count = self.headers.len();
        match chance.below(3) {
            0 if count > 0 => drop(self.headers.remove(below(chance, count))),
            1 if count > 0 => self.headers[below(chance, count)].1 = value,
            _ => {
                let name = names[below(chance, names.len())].to_vec();
                self.headers.push((name, value));
            }
        }
    }

    pub(super) fn spoil_path(&mut self, chance: &mut Chance) {
        let odd: [&[u8]; 14] = [
            b"%00",
            b"%ff",
            b"..",
            b"%2e%2e",
            b"//",
            b"?",
            b"?a=%",
            b"#",
            b"%",
            b"\xe4\xb8\xad",
            b"{topic}",
            b"%2f",
            b";",
            b"a",
        ];
        let part = match chance.below(8) {
            0 => vec![b'a'; below(chance, 70_000)],
            _ => odd[below(chance, odd.len())].to_vec(),
        };
        let at = below(chance, self.path.len() + 1);
        match chance.below(3) {
            0 => self.path.truncate(at.max(1)),
            1 => drop(self.path.splice(at..at, part)),
            _ => {
                let from = self.path.iter().rposition(|byte| *byte == b'/');
                self.path.truncate(from.map_or(1, |from| from + 1));
                self.path.extend(part);
            }
        }
    }

    pub(super) fn spoil_method(&mut self, chance: &mut Chance) {
        let odd: [&[u8]; 11] = [
            b"GET", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"HEAD", b"TRACE", b"BREW",
            b"get", b"CONNECT",
        ];
        self.method = odd[below(chance, odd.len())].to_vec();
    }

    pub(super) fn spoil_framing(&mut self, chance: &mut Chance) {
        let far = i64::try_from(chance.below(40_000)).unwrap_or(0) - 20_000;
        let kinds = [
            Framing::Wrong(far),
            Framing::Wrong(i64::MAX),
            Framing::Twice,
            Framing::Chunked,
            Framing::BadChunks,
            Framing::None,
            Framing::Garbage,
        ];
        self.framing = kinds[below(chance, kinds.len())];
    }

    /// The body's bytes, where nothing is JSON any more.
    pub(super) fn spoil_body(&mut self, chance: &mut Chance) {
        let length = self.body.len();
        match chance.below(12) {
            0 => self.body.truncate(below(chance, length + 1)),
            1 if length > 0 => self.body[below(chance, length)] = 0xff,
            2 => self.body.splice(0..0, *b"\xef\xbb\xbf").for_each(drop),
            3 => self.body.extend(b"{}"),
            _ => {}
        }
    }

    fn bytes(&self) -> Vec<u8> {
        if self.framing == Framing::Garbage {
            return [&self.body[..], b"\r\n\r\n"].concat();
        }
        let mut head = [
            &self.method[..],
            b" ",
            &self.path,
            b" HTTP/1.1\r\nHost: x\r\n",
        ]
        .concat();
        for (name, value) in &self.headers {
            head.extend([&name[..], b": ", value, b"\r\n"].concat());
        }
        let length = i64::try_from(self.body.len()).unwrap_or(0);
        let announced = match self.framing {
            Framing::Length if self.body.is_empty() && self.method == b"GET" => String::new(),
            Framing::Length => format!("Content-Length: {length}\r\n"),
            Framing::Wrong(by) => format!("Content-Length: {}\r\n", length.saturating_add(by)),
            Framing::Twice => format!("Content-Length: {length}\r\nContent-Length: 1\r\n"),
            Framing::Chunked | Framing::BadChunks => "Transfer-Encoding: chunked\r\n".to_owned(),
            Framing::None | Framing::Garbage => String::new(),
        };
        head.extend(announced.into_bytes());
        head.extend(b"\r\n");
        match self.framing {
            Framing::Chunked => {
                if !self.body.is_empty() {
                    head.extend(format!("{:x}\r\n", self.body.len()).into_bytes());
                    head.extend(&self.body);
                    head.extend(b"\r\n");
                }
                head.extend(b"0\r\n\r\n");
            }
            Framing::BadChunks => head.extend(b"zz\r\n{}\r\n-1\r\n\r\n"),
            _ => head.extend(&self.body),
        }
        head
    }
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) is_json: bool,
    pub(super) is_html: bool,
    pub(super) body: Vec<u8>,
}

/// A connection that is made anew when it has ended.
pub(super) struct Line {
    addr: String,
    open: Option<TcpStream>,
}

impl Line {
    pub(super) fn new(addr: &str) -> Self {
        Self {
            addr: addr.to_owned(),
            open: None,
        }
    }

    /// Sends and reads the answer; none where the other side has just ended.
    pub(super) fn send(&mut self, request: &Request) -> Result<Option<Answer>> {
        let is_framed = request.is_framed();
        if let Some(stream) = self.open.take().filter(|_| is_framed)
            && let Some(answer) = self.once(stream, request)?
        {
            return Ok(Some(answer));
        }
        let stream = TcpStream::connect(&self.addr).context("no connection")?;
        stream.set_nodelay(true)?;
        self.once(stream, request)
    }

    fn once(&mut self, mut stream: TcpStream, request: &Request) -> Result<Option<Answer>> {
        stream.set_read_timeout(Some(PATIENCE))?;
        // A server that refuses early may close before it has read everything.
        let sent = stream.write_all(&request.bytes());
        if !request.is_framed() {
            let _ = stream.shutdown(Shutdown::Write);
        }
        let is_head = request.method == b"HEAD";
        let mut bytes = Vec::new();
        let mut part = [0; 16 * 1024];
        loop {
            if let Some((answer, may_stay)) = read(&bytes, is_head, false)? {
                if may_stay && sent.is_ok() && request.is_framed() {
                    self.open = Some(stream);
                }
                return Ok(Some(answer));
            }
            match stream.read(&mut part) {
                Ok(0) => return Ok(read(&bytes, is_head, true)?.map(|(answer, _)| answer)),
                Ok(length) => bytes.extend_from_slice(&part[..length]),
                Err(error) if is_end(error.kind()) => {
                    return Ok(read(&bytes, is_head, true)?.map(|(answer, _)| answer));
                }
                Err(error) => return Err(error).context("no answer in time"),
            }
        }
    }
}

fn is_end(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe)
}

/// The answer in `bytes` once it is whole, and whether the connection goes on.
fn read(bytes: &[u8], is_head: bool, is_over: bool) -> Result<Option<(Answer, bool)>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = std::str::from_utf8(&bytes[..end]).context("a head that is no text")?;
    let head = head.to_lowercase();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status: u16 = status.context("no status")?.parse()?;
    let rest = &bytes[end + 4..];
    if status == 100 {
        return read(rest, is_head, is_over);
    }
    let (mut length, mut is_chunked, mut may_stay) = (None, false, true);
    let (mut is_json, mut is_html) = (false, false);
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        match name {
            "content-length" => length = Some(value.parse::<usize>()?),
            "transfer-encoding" => is_chunked = value == "chunked",
            "connection" => may_stay = value != "close",
            "content-type" => {
                is_json = value.starts_with("application/json");
                is_html = value.starts_with("text/html");
            }
            _ => {}
        }
    }
    ensure!((100..600).contains(&status), "a status {status}");
    let has_none = is_head || status == 204 || status == 304;
    let (body, is_whole) = match (has_none, is_chunked, length) {
        (true, ..) => (Vec::new(), true),
        (_, true, _) => (Vec::new(), rest.ends_with(b"0\r\n\r\n")),
        (_, _, Some(length)) => {
            let body = rest[..rest.len().min(length)].to_vec();
            (body, rest.len() >= length)
        }
        (_, _, None) => (rest.to_vec(), is_over),
    };
    let answer = Answer {
        status,
        is_json: is_json && !has_none && !is_chunked,
        is_html: is_html || has_none || is_chunked,
        body,
    };
    Ok((is_whole || is_over).then_some((answer, may_stay)))
}
