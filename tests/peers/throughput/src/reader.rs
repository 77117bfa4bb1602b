//! A connection that reads: one request after the other, each timed to its last byte.

use crate::client;
use anyhow::{Result, ensure};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

/// A keep-alive connection.
pub(crate) struct Reader {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Reader {
    pub(crate) fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            answer: Vec::new(),
        })
    }

    /// Microseconds to the last byte of a whole answer with status 200.
    pub(crate) fn ask(&mut self, request: &str) -> Result<u32> {
        let sent = Instant::now();
        self.stream.write_all(request.as_bytes())?;
        self.answer.clear();
        let mut part = [0; 16 * 1024];
        loop {
            let read = self.stream.read(&mut part)?;
            ensure!(read > 0, "the server closed a connection");
            self.answer.extend_from_slice(&part[..read]);
            if client::is_whole(&self.answer, 200)?.is_some() {
                return Ok(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
        }
    }
}
