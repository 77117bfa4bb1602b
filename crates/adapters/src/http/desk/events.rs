//! A live stream in the form of server-sent events, taken apart as it arrives. Only what
//! the API sends is understood: `id`, `data`, comments. No input, no output.

use linli_model::desk::LiveEvent;

/// Longest line kept; a longer one is none of ours.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Takes bytes, gives events.
#[derive(Debug, Default)]
pub struct Events {
    line: Vec<u8>,
    skipping: bool,
    data: String,
    id: Option<String>,
    last_id: Option<String>,
}

impl Events {
    /// Resumes after the event called `last_id`.
    pub fn after(last_id: Option<String>) -> Self {
        Self {
            last_id,
            ..Self::default()
        }
    }

    /// What to say as `Last-Event-ID`.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// Takes what has arrived; gives the events that it completes. What is not an event
    /// that we know is left out, but counts as received.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<LiveEvent> {
        let mut events = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => events.extend(self.end_line()),
                b'\r' => {}
                _ if self.line.len() >= LINE_BYTES_MAX => self.skipping = true,
                byte => self.line.push(*byte),
            }
        }
        events
    }

    fn end_line(&mut self) -> Option<LiveEvent> {
        let line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.skipping) {
            return None;
        }
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            if let Some(id) = self.id.take() {
                self.last_id = Some(id);
            }
            return super::codec::parsed(data.as_bytes());
        }
        let line = String::from_utf8_lossy(&line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.data.push_str(value),
            "id" => self.id = Some(value.to_owned()),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use linli_model::desk::Subject;

    const STREAM: &str = ": hello\n\nid: 7\ndata: {\"subject\":\"poll\",\"id\":\"lot\"}\n\n\
        : beat\n\nid: 8\r\ndata:{\"subject\":\"turnout\"}\r\n\r\n";

    #[test]
    fn events_come_whole_wherever_the_stream_is_cut() {
        for cut in 1..STREAM.len() {
            let mut events = Events::default();
            let mut heard = Vec::new();
            for chunk in STREAM.as_bytes().chunks(cut) {
                heard.extend(events.take(chunk));
            }
            let subjects: Vec<Subject> = heard.iter().map(|event| event.subject).collect();
            assert_eq!(subjects, [Subject::Poll, Subject::Turnout], "cut at {cut}");
            assert_eq!(heard[0].id, "lot");
            assert_eq!(events.last_id(), Some("8"));
        }
    }

    #[test]
    fn what_is_not_known_is_left_out_and_counts_as_received() {
        let mut events = Events::after(Some("3".to_owned()));
        assert!(
            events
                .take(b"id: 4\ndata: {\"subject\":\"moon\"}\n\n")
                .is_empty()
        );
        assert_eq!(events.last_id(), Some("4"));
        assert!(events.take(b"id: 5\ndata: half").is_empty());
        assert_eq!(events.last_id(), Some("4"), "not yet whole");
        let long = [b'x'; 20_000];
        assert!(Events::default().take(&long).is_empty());
    }
}
