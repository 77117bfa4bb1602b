//! A TCP proxy on the loopback that loses, delays, repeats, reorders and cuts, by a
//! seeded plan.
//!
//! It is of HTTP's messages, not of packets: each connection carries one exchange, so
//! that a plan can say what happens to a request, and what to its answer. Requests that
//! it holds back arrive later, when the client has long asked again.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What happens to one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing bad.
    Pass,
    /// The request is lost before it arrives.
    DropRequest,
    /// The request arrives, its answer is lost.
    DropAnswer,
    /// The request arrives, its answer is cut after this share of it, in 256ths.
    CutAnswer(u8),
    /// The request arrives cut after this share of it, in 256ths.
    CutRequest(u8),
    /// The request arrives twice, on two connections; the second answer comes back.
    Duplicate,
    /// The request is held back and arrives after the next one that passes; the client
    /// hears nothing.
    HoldBack,
    /// Both directions take this many milliseconds longer.
    Delay(u8),
    /// An answer comes that is somebody else's: a captive portal's page.
    Portal,
}

/// A deterministic source of chance (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// Everything follows from `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn fate(&mut self) -> Fate {
        let share = u8::try_from(self.below(256)).unwrap_or(0);
        match self.below(10) {
            0 => Fate::DropRequest,
            1 => Fate::DropAnswer,
            2 => Fate::CutAnswer(share),
            3 => Fate::CutRequest(share),
            4 => Fate::Duplicate,
            5 => Fate::HoldBack,
            6 => Fate::Delay(share / 8),
            7 => Fate::Portal,
            _ => Fate::Pass,
        }
    }
}

/// A running proxy. Dropping it stops it, after what it held back has arrived.
pub struct Lossy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    backend: SocketAddr,
    stopped: AtomicBool,
    calm: AtomicBool,
    chance: Mutex<Chance>,
    held: Mutex<Vec<Vec<u8>>>,
    fates: Mutex<Vec<Fate>>,
}

impl Lossy {
    /// In front of `backend`; every fate follows from `seed` and the order of requests.
    pub fn start(backend: SocketAddr, seed: u64) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            backend,
            stopped: AtomicBool::new(false),
            calm: AtomicBool::new(false),
            chance: Mutex::new(Chance::new(seed)),
            held: Mutex::default(),
            fates: Mutex::default(),
        });
        let serving = Arc::clone(&shared);
        let accepting = thread::spawn(move || accept(&listener, &serving));
        Ok(Self {
            addr,
            shared,
            accepting: Some(accepting),
        })
    }

    /// Where clients connect.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// From now on everything passes, and what was held back arrives first.
    pub fn calm(&self) {
        self.shared.calm.store(true, Ordering::SeqCst);
        self.shared.release();
    }

    /// What has happened, in order.
    pub fn fates(&self) -> Vec<Fate> {
        lock(&self.shared.fates).clone()
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.addr);
        if let Some(accepting) = self.accepting.take() {
            let _ = accepting.join();
        }
        self.shared.release();
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut exchanges = Vec::new();
    for client in listener.incoming().flatten() {
        if shared.stopped.load(Ordering::SeqCst) {
            break;
        }
        let shared = Arc::clone(shared);
        // Clients that hang up are what this is about.
        exchanges.push(thread::spawn(move || {
            let _ = shared.exchange(client);
        }));
    }
    for exchange in exchanges {
        let _ = exchange.join();
    }
}

const PATIENCE: Duration = Duration::from_secs(10);

impl Shared {
    fn exchange(&self, mut client: TcpStream) -> io::Result<()> {
        client.set_read_timeout(Some(PATIENCE))?;
        let request = read_message(&mut client)?;
        let fate = if self.calm.load(Ordering::SeqCst) {
            Fate::Pass
        } else {
            lock(&self.chance).fate()
        };
        lock(&self.fates).push(fate);
        let answer = match fate {
            Fate::DropRequest => None,
            Fate::HoldBack => {
                lock(&self.held).push(request);
                None
            }
            Fate::DropAnswer => {
                self.forward(&request)?;
                None
            }
            Fate::CutRequest(share) => {
                let mut backend = TcpStream::connect(self.backend)?;
                backend.write_all(cut(&request, share))?;
                backend.shutdown(Shutdown::Both)?;
                None
            }
            Fate::CutAnswer(share) => {
                let answer = self.forward(&request)?;
                Some(cut(&answer, share).to_vec())
            }
            Fate::Duplicate => {
                self.forward(&request)?;
                Some(self.forward(&request)?)
            }
            Fate::Portal => Some(PORTAL.to_vec()),
            Fate::Delay(ms) => {
                let pause = Duration::from_millis(u64::from(ms));
                thread::sleep(pause);
                let answer = self.forward(&request)?;
                thread::sleep(pause);
                Some(answer)
            }
            Fate::Pass => {
                let answer = self.forward(&request)?;
                self.release();
                Some(answer)
            }
        };
        if let Some(answer) = answer {
            client.write_all(&answer)?;
        }
        client.shutdown(Shutdown::Both)
    }

    /// Sends a request to the backend and reads its whole answer.
    fn forward(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        let mut backend = TcpStream::connect(self.backend)?;
        backend.set_read_timeout(Some(PATIENCE))?;
        backend.write_all(request)?;
        let mut answer = Vec::new();
        backend.read_to_end(&mut answer)?;
        Ok(answer)
    }

    /// Lets everything that was held back arrive, newest first: that is out of order.
    fn release(&self) {
        let held = std::mem::take(&mut *lock(&self.held));
        for request in held.iter().rev() {
            let _ = self.forward(request);
        }
    }
}

const PORTAL: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 33\r\n\
    Connection: close\r\n\r\n<html>Please log in first.</html>";

/// A part of a message. Never the whole: that would be no cut.
fn cut(message: &[u8], share: u8) -> &[u8] {
    &message[..message.len() * usize::from(share) / 256]
}

/// Reads one HTTP/1.1 message with a `Content-Length` or without a body, and asks for
/// the connection to be closed after it.
fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(head_end) = find(&message, b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&message[..head_end]).into_owned();
            if message.len() >= head_end + 4 + content_length(&head) {
                let mut closing = b"Connection: close\r\n".to_vec();
                closing.extend_from_slice(&message[head_end + 2..]);
                message.truncate(head_end + 2);
                message.extend(closing);
                return Ok(message);
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => message.extend_from_slice(&buffer[..read]),
        }
    }
}

fn content_length(head: &str) -> usize {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let mut length = lines.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let value = length
        .next()
        .and_then(|(_, value)| value.trim().parse().ok());
    value.unwrap_or(0)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
