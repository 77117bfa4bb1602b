//! What reaches the widget when answers are not as they should be: cut off, somebody
//! else's, of another form, from a page's object or a webhook.

use crate::bench::{Bench, NOW_MS, topic};
use futures::FutureExt;
use futures::executor::block_on;
use linli_adapters::host::{Answer, Host, Page};
use linli_adapters::http::codec::{self, Request, Response};
use linli_adapters::http::{Http, Transport};
use linli_adapters::scoped::Scoped;
use linli_adapters::webhook::Webhook;
use linli_model::*;
use linli_port::memory::MemoryShelf;
use linli_port::{CastOutcome, Deliberations, LocalFuture, PortError, Shelf};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

/// Answers from a list, and remembers what was asked.
#[derive(Clone, Default)]
struct Wire {
    asked: Rc<RefCell<Vec<Request>>>,
    answers: Rc<RefCell<Vec<Option<Response>>>>,
    token: Option<String>,
}

impl Wire {
    fn answering(answers: impl IntoIterator<Item = Option<Response>>) -> Self {
        let wire = Self::default();
        wire.answers.borrow_mut().extend(answers);
        wire
    }
}

impl Transport for Wire {
    const CACHES: bool = false;
    fn send(&self, request: Request) -> LocalFuture<'_, Option<Response>> {
        self.asked.borrow_mut().push(request);
        let answer = self.answers.borrow_mut().remove(0);
        Box::pin(async move { answer })
    }

    fn token<'a>(&'a self, topic: &'a TopicId) -> LocalFuture<'a, Option<String>> {
        let token = self
            .token
            .as_ref()
            .map(|token| format!("{token} for {topic}"));
        Box::pin(async move { token })
    }
}

fn answer(status: u16, body: impl ToString) -> Option<Response> {
    Some(Response {
        status,
        etag: None,
        body: body.to_string(),
    })
}

/// A true reply to the command, from the backend in memory.
fn reply(bench: &Bench, command: &linli_port::CastCommand) -> CastReply {
    match block_on(bench.backend.cast(command)) {
        Ok(CastOutcome::Recorded(reply)) => *reply,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_pages_word_goes_in_place_of_the_device_and_of_nothing_else() {
    let device = Proof::Device {
        device: DeviceId::from_bytes([7; 16]),
    };
    let code = Proof::HouseholdCode {
        code: "x".to_owned(),
    };
    let word = json!({ "type": "host_token", "token": "v1.a.b for parking" });
    let cases = [
        (None, &device, json!(device)),
        (Some("v1.a.b"), &device, word),
        (Some("v1.a.b"), &code, json!(code)),
    ];
    for (token, proof, expected) in cases {
        let mut wire = Wire::answering([answer(403, json!({ "code": "token_invalid" }))]);
        wire.token = token.map(str::to_owned);
        let backend = Http::new(wire.clone(), false);
        let said = block_on(backend.identify(&TopicId::parse("parking").unwrap(), proof));
        assert_eq!(said, Err(PortError::Refused(Refusal::TokenInvalid)));
        let sent = wire.asked.borrow()[0].body.clone().unwrap();
        let sent: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(sent["proof"], expected);
    }
}

#[test]
fn requests_are_as_documented() {
    let bench = Bench::new();
    let mut command = bench.command("parking", 0xab, Stance::Yes);
    command.grant = GrantToken::parse("g.1").unwrap();
    let cast = codec::cast(&command);
    assert_eq!(cast.path, "/api/v1/topics/parking/ballots");
    let key = "ab".repeat(16);
    let headers = [
        ("Authorization", "Bearer g.1".to_owned()),
        ("Idempotency-Key", key),
    ];
    assert_eq!(cast.headers, headers);
    let body: Value = serde_json::from_str(&cast.body.unwrap()).unwrap();
    assert_eq!(
        body,
        json!({ "choice": { "type": "motion", "stance": "yes" } })
    );

    let secret = BallotSecret::from_bytes([1; 16]);
    let standing = codec::standing(&command.topic, &command.grant, Some(&secret));
    assert_eq!(standing.path, "/api/v1/topics/parking/standing");
    assert_eq!(
        standing.headers[1],
        ("Linli-Ballot-Secret", "01".repeat(16))
    );
    assert_eq!(standing.body, None);

    let read = codec::topic(&command.topic, Some("\"e\""));
    assert_eq!(read.headers, [("If-None-Match", "\"e\"".to_owned())]);
    // Without conditions it has no header: browsers then need not ask for permission.
    assert_eq!(codec::topic(&command.topic, None).headers, []);
}

#[test]
fn only_the_backend_can_refuse() {
    let unreachable = || PortError::Unreachable;
    let refused = PortError::Refused;
    let cases = [
        (
            409,
            r#"{"code":"already_voted"}"#,
            refused(Refusal::AlreadyVoted),
        ),
        (
            409,
            r#"{"code":"closed","closed_at_ms":5,"more":1}"#,
            refused(Refusal::Closed { closed_at_ms: 5 }),
        ),
        (
            503,
            r#"{"code":"busy","retry_after_ms":9}"#,
            refused(Refusal::Busy { retry_after_ms: 9 }),
        ),
        (
            500,
            r#"{"code":"fault","incident":"i-1"}"#,
            PortError::Fault {
                incident: "i-1".into(),
            },
        ),
        // A later version's refusal; but a gateway's 5xx is none, whatever it holds.
        (403, r#"{"code":"moon_phase"}"#, refused(Refusal::Other)),
        (502, r#"{"code":"GatewayTimeout"}"#, unreachable()),
        (504, r#"{"code":"moon_phase"}"#, unreachable()),
        // A refusal that lacks what its message needs, gateways, captive portals.
        (409, r#"{"code":"closed"}"#, unreachable()),
        (403, r#"{"code":403,"message":"forbidden"}"#, unreachable()),
        (403, r#"{"error":"AccessDenied"}"#, unreachable()),
        (404, "<!doctype html><title>404</title>", unreachable()),
        (502, "Bad Gateway", unreachable()),
        (302, "", unreachable()),
        (304, "", unreachable()),
        (0, "", unreachable()),
        (
            200,
            "<html><script>location='http://wifi.login'</script>",
            unreachable(),
        ),
        (200, "", unreachable()),
        (200, "null", unreachable()),
        (200, r#"{"code":"already_voted"}"#, unreachable()),
        (204, "", unreachable()),
    ];
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    for (status, body, expected) in cases {
        let http = Http::new(Wire::answering([answer(status, body)]), false);
        let seen = block_on(http.cast(&command));
        assert_eq!(seen, Err(expected), "{status} {body}");
    }
    let http = Http::new(Wire::answering([None]), false);
    assert_eq!(block_on(http.cast(&command)), Err(PortError::Unreachable));
}

#[test]
fn a_receipt_cut_anywhere_is_none() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let whole = json!(reply(&bench, &command)).to_string();
    for end in 0..whole.len() {
        let http = Http::new(Wire::answering([answer(201, &whole[..end])]), false);
        assert_eq!(
            block_on(http.cast(&command)),
            Err(PortError::Unreachable),
            "cut at {end}"
        );
    }
    let http = Http::new(Wire::answering([answer(201, &whole)]), false);
    assert!(matches!(
        block_on(http.cast(&command)),
        Ok(CastOutcome::Recorded(_))
    ));
}

#[test]
fn a_receipt_for_another_ballot_is_none() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mine = reply(&bench, &command);
    let elsewhere = reply(&bench, &bench.command("lamps", 2, Stance::Yes));
    let mut otherwise = mine.clone();
    otherwise.opening.choice = Choice::Motion { stance: Stance::No };
    for other in [elsewhere, otherwise] {
        let http = Http::new(Wire::answering([answer(201, json!(other))]), false);
        assert_eq!(block_on(http.cast(&command)), Err(PortError::Unreachable));
    }
}

#[test]
fn options_may_come_back_in_the_polls_order() {
    let options = |ids: &[&str]| Choice::Options {
        options: ids.iter().map(|id| OptionId::parse(id).unwrap()).collect(),
    };
    let bench = Bench::new();
    let mut command = bench.command("parking", 1, Stance::Yes);
    let mut answered = reply(&bench, &command);
    answered.opening.choice = options(&["b", "a"]);
    let response = answer(201, json!(answered)).unwrap();
    for (sent, same) in [
        (vec!["a", "b"], true),
        (vec!["a"], false),
        (vec!["a", "c"], false),
    ] {
        command.ballot.choice = options(&sent);
        assert_eq!(
            codec::read_cast(&command, &response).is_ok(),
            same,
            "{sent:?}"
        );
    }
}

#[test]
fn another_topic_is_no_answer_and_a_known_one_is_revalidated() {
    let bench = Bench::new();
    let (parking, lamps) = (topic("parking").id, topic("lamps").id);
    let answer = block_on(bench.backend.topic(&parking)).unwrap();
    let tagged = |status, body: String| {
        Some(Response {
            status,
            etag: Some("\"1\"".into()),
            body,
        })
    };
    let wire = Wire::answering([
        tagged(200, answer.text.clone()),
        tagged(304, String::new()),
        tagged(200, answer.text.clone()),
    ]);
    let http = Http::new(wire.clone(), false);
    assert_eq!(block_on(http.topic(&parking)), Ok(answer.clone()));
    assert_eq!(block_on(http.topic(&parking)), Ok(answer));
    assert_eq!(block_on(http.topic(&lamps)), Err(PortError::Unreachable));
    let conditions: Vec<_> = wire
        .asked
        .borrow()
        .iter()
        .map(|r| r.headers.len())
        .collect();
    assert_eq!(conditions, [0, 1, 0]);
}

#[test]
fn a_topic_of_a_later_version_is_told_from_nonsense() {
    let bench = Bench::new();
    let parking = topic("parking").id;
    let view = json!(block_on(bench.backend.topic(&parking)).unwrap().view);
    let later = |pointer: &str, word: &str| {
        let mut view = view.clone();
        *view.pointer_mut(pointer).unwrap() = json!(word);
        view.to_string()
    };
    let newer = || PortError::Newer {
        title: topic("parking").title,
        lang: topic("parking").lang,
    };
    let cases = [
        (later("/topic/poll/kind/type", "ranked_choice"), newer()),
        (later("/topic/poll/credential", "network_identity"), newer()),
        (later("/topic/poll/electorate", "delegates"), newer()),
        (later("/phase", "suspended"), newer()),
        (later("/topic/id", "lamps"), PortError::Unreachable),
        (
            later("/topic/id", "lamps").replace("motion", "ranked_choice"),
            PortError::Unreachable,
        ),
        (
            r#"{"topic":{"id":"parking"}}"#.into(),
            PortError::Unreachable,
        ),
        ("<html>".into(), PortError::Unreachable),
    ];
    for (body, expected) in cases {
        let answer = Some(Response {
            status: 200,
            etag: None,
            body: body.clone(),
        });
        let http = Http::new(Wire::answering([answer]), false);
        assert_eq!(
            block_on(http.topic(&parking)),
            Err(expected.clone()),
            "{body}"
        );
        let object = Object::answering(Answer::Resolved(body.clone()));
        let told = block_on(Host::new(&object, bench.ambient.clone(), None).topic(&parking));
        match expected {
            PortError::Unreachable => assert!(matches!(told, Err(PortError::Fault { .. }))),
            newer => assert_eq!(told, Err(newer), "{body}"),
        }
    }
}

/// A page's object with one answer to everything.
struct Object {
    methods: &'static [&'static str],
    receipts: bool,
    answer: Answer,
    arguments: RefCell<Vec<Value>>,
}

impl Object {
    fn answering(answer: Answer) -> Self {
        let methods = &["topic", "identify", "cast", "standing"];
        Self {
            methods,
            receipts: true,
            answer,
            arguments: RefCell::default(),
        }
    }
}

impl Page for &Object {
    fn has(&self, method: &str) -> bool {
        self.methods.contains(&method)
    }
    fn gives_receipts(&self) -> bool {
        self.receipts
    }
    fn call(&self, _: &'static str, argument: String) -> LocalFuture<'_, Answer> {
        let argument = serde_json::from_str(&argument).expect("the argument is JSON");
        self.arguments.borrow_mut().push(argument);
        Box::pin(async { self.answer.clone() })
    }
}

#[test]
fn a_pages_object_is_not_trusted_to_be_right() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let other = json!(reply(&bench, &bench.command("lamps", 2, Stance::Yes))).to_string();
    let resolved = |text: &str| Answer::Resolved(text.to_owned());
    let rejected = |text: &str| Answer::Rejected(text.to_owned());
    let fault = |incident: &str| PortError::Fault {
        incident: incident.to_owned(),
    };
    let cases = [
        (resolved("null"), fault("host-cast")),
        (resolved("{}"), fault("host-cast")),
        (resolved("[1,2]"), fault("host-cast")),
        (resolved(&other), fault("host-cast")),
        (
            rejected(r#"{"code":"already_voted"}"#),
            PortError::Refused(Refusal::AlreadyVoted),
        ),
        (rejected(r#"{"code":"fault","incident":"x"}"#), fault("x")),
        // Libraries have codes of their own: nothing is known of the effect.
        (
            rejected(r#"{"code":"ERR_NETWORK"}"#),
            PortError::Unreachable,
        ),
        (rejected(r#"{"code":20}"#), PortError::Unreachable),
        (rejected("{}"), PortError::Unreachable),
        (rejected("null"), PortError::Unreachable),
    ];
    for (answer, expected) in cases {
        let object = Object::answering(answer.clone());
        let host = Host::new(&object, bench.ambient.clone(), None);
        assert_eq!(block_on(host.cast(&command)), Err(expected), "{answer:?}");
    }
    let object = Object::answering(resolved("7"));
    let host = Host::new(&object, bench.ambient.clone(), None);
    assert_eq!(
        block_on(host.topic(&command.topic)),
        Err(fault("host-topic"))
    );
    let proof = Proof::Device {
        device: DeviceId::from_bytes([1; 16]),
    };
    assert_eq!(
        block_on(host.identify(&command.topic, &proof)),
        Err(fault("host-identify"))
    );
    let standing = block_on(host.standing(&command.topic, &command.grant, None));
    assert_eq!(standing, Err(fault("host-standing")));
}

/// A page's object whose promises never settle.
struct Silent;

impl Page for Silent {
    fn has(&self, _: &str) -> bool {
        true
    }
    fn gives_receipts(&self) -> bool {
        true
    }
    fn call(&self, _: &'static str, _: String) -> LocalFuture<'_, Answer> {
        Box::pin(std::future::pending())
    }
}

#[test]
fn a_promise_that_never_settles_is_no_answer() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let host = Host::new(Silent, bench.ambient.clone(), None);
    let mut asked = std::pin::pin!(host.topic(&command.topic));
    assert_eq!(asked.as_mut().now_or_never(), None, "it is waited for");
    bench.ambient.advance(20_000);
    let unreachable = Some(Err(PortError::Unreachable));
    assert_eq!(asked.now_or_never(), unreachable);
    let mut cast = std::pin::pin!(host.cast(&command));
    assert_eq!(cast.as_mut().now_or_never(), None);
    bench.ambient.advance(20_000);
    assert_eq!(cast.now_or_never(), Some(Err(PortError::Unreachable)));
}

#[test]
fn a_pages_object_may_have_some_methods_only() {
    let bench = Bench::new();
    let mut command = bench.command("parking", 1, Stance::Yes);
    command.grant = GrantToken::parse("g").unwrap();
    let object = Object {
        methods: &["identify", "cast"],
        receipts: false,
        ..Object::answering(Answer::Resolved("null".to_owned()))
    };
    let given = json!(topic("parking")).to_string();
    let host = Host::new(&object, bench.ambient.clone(), Some(given));
    let can = host.capabilities();
    assert_eq!(
        (can.topics, can.standing, can.receipts, can.formal),
        (false, false, false, false)
    );
    assert_eq!(block_on(host.cast(&command)), Ok(CastOutcome::Dispatched));
    let view = block_on(host.topic(&command.topic)).unwrap().view;
    assert_eq!((view.topic, view.phase), (topic("parking"), Phase::Open));
    let asked = block_on(host.standing(&command.topic, &command.grant, None));
    assert_eq!(asked, Err(PortError::Refused(Refusal::Unsupported)));
    let arguments = object.arguments.borrow();
    let documented = json!({
        "key": "01".repeat(16), "topic": "parking", "poll": "parking-poll", "grant": "g",
        "ballot": { "choice": { "type": "motion", "stance": "yes" } },
    });
    assert_eq!(*arguments, [documented]);
}

fn device_topic() -> Topic {
    let mut topic = topic("parking");
    topic.poll.electorate = Electorate::Devices;
    topic.poll.credential = Credential::Device;
    topic
}

fn webhook(bench: &Bench, wire: &Wire, topic: &Topic) -> Webhook<Wire> {
    Webhook::new(
        wire.clone(),
        bench.ambient.clone(),
        json!(topic).to_string(),
    )
}

#[test]
fn a_webhook_takes_consultations_and_gives_no_receipt() {
    let bench = Bench::new();
    let topic = device_topic();
    let wire = Wire::answering([answer(200, "ok"), answer(503, ""), answer(404, ""), None]);
    let hook = webhook(&bench, &wire, &topic);
    assert!(!hook.capabilities().receipts && !hook.capabilities().formal);
    let proof = Proof::Device {
        device: DeviceId::from_bytes([3; 16]),
    };
    let grant = block_on(hook.identify(&topic.id, &proof)).unwrap();
    let mut command = bench.command("parking", 1, Stance::No);
    command.grant = grant.token;
    assert_eq!(block_on(hook.cast(&command)), Ok(CastOutcome::Dispatched));
    let body: Value = serde_json::from_str(wire.asked.borrow()[0].body.as_ref().unwrap()).unwrap();
    let documented = json!({
        "topic": "parking", "poll": "parking-poll", "key": "01".repeat(16),
        "choice": { "type": "motion", "stance": "no" },
    });
    assert_eq!(body, documented, "no grant, no device, nobody");
    assert_eq!(block_on(hook.cast(&command)), Err(PortError::Unreachable));
    let fault = PortError::Fault {
        incident: "webhook-404".into(),
    };
    assert_eq!(block_on(hook.cast(&command)), Err(fault));
    assert_eq!(block_on(hook.cast(&command)), Err(PortError::Unreachable));
}

#[test]
fn a_webhook_refuses_what_it_cannot_promise() {
    let bench = Bench::new();
    let changed = |change: &dyn Fn(&mut Poll)| {
        let mut topic = device_topic();
        change(&mut topic.poll);
        topic
    };
    let cases = [
        (
            changed(&|poll| poll.nature = PollNature::Formal),
            Refusal::FormalElsewhere,
        ),
        (
            changed(&|poll| poll.secrecy = Secrecy::Secret),
            Refusal::Unsupported,
        ),
        (
            changed(&|poll| poll.credential = Credential::HouseholdCode),
            Refusal::Unsupported,
        ),
        (
            changed(&|poll| poll.closes_at_ms = NOW_MS),
            Refusal::Closed {
                closed_at_ms: NOW_MS,
            },
        ),
    ];
    for (topic, refusal) in cases {
        let wire = Wire::default();
        let hook = webhook(&bench, &wire, &topic);
        let command = bench.command("parking", 1, Stance::Yes);
        assert_eq!(
            block_on(hook.cast(&command)),
            Err(PortError::Refused(refusal))
        );
        assert_eq!(wire.asked.borrow().len(), 0, "nothing leaves the page");
    }
}

#[test]
fn scopes_do_not_see_each_other() {
    let shelf: Rc<dyn Shelf> = Rc::new(MemoryShelf::new());
    let scopes = ["https://a.example", "https://a.example/b", "", "2:x/"];
    let scoped = scopes.map(|scope| Scoped::new(shelf.clone(), scope));
    for (nth, one) in scoped.iter().enumerate() {
        block_on(one.put("outbox/1", nth.to_string()));
    }
    for (nth, one) in scoped.iter().enumerate() {
        let all = vec![("outbox/1".to_owned(), nth.to_string())];
        assert_eq!(block_on(one.list("")), all);
        assert_eq!(block_on(one.list("outbox/")), all);
        assert_eq!(block_on(one.get("outbox/1")), Some(nth.to_string()));
    }
    block_on(scoped[0].remove("outbox/1"));
    assert_eq!(block_on(shelf.list("")).len(), 3);
}
