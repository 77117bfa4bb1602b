//! Text messages through a provider's HTTP address. The request is a template of the
//! operator's, so that no provider is built in.
//!
//! `{phone}` is `+8613800000000`, `{national}` the number without a mainland `+86`,
//! `{code}` the password. In the address, and in a body of form fields, they are
//! percent-encoded; elsewhere they need no escaping: digits and one plus sign.

use super::{Message, SendFailure, Sender};
use std::time::Duration;
use ureq::Agent;
use ureq::http::{HeaderName, HeaderValue, Uri};

/// Longest time for one request.
const REQUEST_MAX: Duration = Duration::from_secs(20);
/// Bytes of an answer that are looked at.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// What a try address is filled in with, to see whether it is one.
const SAMPLE: [&str; 3] = ["+8613800000000", "13800000000", "000000"];

/// Posts messages to an HTTP address.
pub struct SmsSender {
    agent: Agent,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: String,
    is_form: bool,
    expect: Option<String>,
}

impl SmsSender {
    /// `headers` are lines such as `Authorization: Bearer …`. An empty `body` makes the
    /// request a GET. `expect` must be in the answer, for providers that answer 200 to
    /// everything.
    pub fn new<'a>(
        url: &str,
        headers: impl Iterator<Item = &'a str>,
        body: &str,
        expect: Option<&str>,
    ) -> Result<Self, String> {
        let sample: Result<Uri, _> = fill(url, &SAMPLE, true).parse();
        let known = sample.is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")));
        if !known {
            return Err("sms_url is not an address like https://host/path".to_owned());
        }
        let headers = headers.map(header).collect::<Option<Vec<_>>>();
        let headers = headers.ok_or("sms_headers are lines like `Name: value`")?;
        if !url.contains("{code}") && !body.contains("{code}") {
            return Err("neither sms_url nor sms_body has {code}".to_owned());
        }
        let is_form = headers.iter().any(|(name, value)| {
            name == "content-type"
                && value
                    .as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
        });
        let config = Agent::config_builder()
            .timeout_global(Some(REQUEST_MAX))
            .http_status_as_error(false)
            .max_redirects(0);
        Ok(Self {
            agent: config.build().into(),
            url: url.to_owned(),
            headers,
            body: body.to_owned(),
            is_form,
            expect: expect.map(str::to_owned),
        })
    }
}

impl Sender for SmsSender {
    fn send(&self, message: &Message) -> Result<(), SendFailure> {
        let phone = message.to.value.as_str();
        let national = phone.strip_prefix("+86").unwrap_or(phone);
        let values = [phone, national, &message.code];
        let url = fill(&self.url, &values, true);
        let answer = if self.body.is_empty() {
            let mut request = self.agent.get(&url);
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            request.call()
        } else {
            let mut request = self.agent.post(&url);
            for (name, value) in &self.headers {
                request = request.header(name, value);
            }
            request.send(fill(&self.body, &values, self.is_form))
        };
        // The library's errors may quote the address, and with it the number.
        let unreachable = |_| SendFailure::Passing("the provider could not be reached".to_owned());
        let mut answer = answer.map_err(unreachable)?;
        let status = answer.status();
        if !status.is_success() {
            let what = format!("the provider said {status}");
            return Err(match status.is_server_error() || status.as_u16() == 429 {
                true => SendFailure::Passing(what),
                false => SendFailure::Lasting(what),
            });
        }
        let Some(expect) = &self.expect else {
            return Ok(());
        };
        let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX);
        let said = body
            .lossy_utf8(true)
            .read_to_string()
            .map_err(unreachable)?;
        match said.contains(expect.as_str()) {
            true => Ok(()),
            false => Err(SendFailure::Lasting(
                "the provider's answer is not the expected one".to_owned(),
            )),
        }
    }
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    let mut value = HeaderValue::from_str(value.trim()).ok()?;
    value.set_sensitive(true);
    Some((name.trim().parse().ok()?, value))
}

fn fill(template: &str, values: &[&str; 3], encoded: bool) -> String {
    let mut out = template.to_owned();
    for (name, value) in ["{phone}", "{national}", "{code}"].into_iter().zip(values) {
        let value = match encoded {
            true => value.replace('+', "%2B"),
            false => (*value).to_owned(),
        };
        out = out.replace(name, &value);
    }
    out
}
