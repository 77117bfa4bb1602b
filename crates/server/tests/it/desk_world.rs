//! Staff for the small world: they are invited, enrol and sign in as people do.

use crate::world::*;
use linli_model::desk::Command;
use linli_model::{CommunityId, StaffId};
use linli_server::identity::totp;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const PASSWORD: &str = "a quiet river stone";

/// A member of staff, signed in.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) community: &'static str,
    pub(crate) token: String,
    pub(crate) id: StaffId,
    pub(crate) login: String,
    pub(crate) secret: totp::Secret,
    pub(crate) recovery: Vec<String>,
}

/// A key that nobody has used.
pub(crate) fn fresh_key() -> String {
    static LAST: AtomicU64 = AtomicU64::new(1);
    format!("{:032x}", LAST.fetch_add(1, Ordering::Relaxed))
}

pub(crate) fn community(id: &str) -> CommunityId {
    CommunityId::parse(id).unwrap()
}

pub(crate) fn path(community: &str, rest: &str) -> String {
    format!("/api/v1/communities/{community}/desk/{rest}")
}

impl World {
    /// One request to the desk.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Answer {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let key = fresh_key();
        let mut headers = vec![("Idempotency-Key", key.as_str())];
        if let Some(bearer) = &bearer {
            headers.push(("Authorization", bearer));
        }
        if body.is_some() {
            headers.push(("Content-Type", "application/json"));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        self.http(Request {
            method,
            path,
            headers: &headers,
            body: body.as_bytes(),
        })
        .await
    }

    /// The desk's answer to a question of this member.
    pub(crate) async fn look(&self, member: &Member, rest: &str) -> Answer {
        let path = path(member.community, rest);
        self.ask("GET", &path, Some(&member.token), None).await
    }

    pub(crate) async fn seen(&self, member: &Member, rest: &str) -> Value {
        let answer = self.look(member, rest).await;
        assert_eq!(answer.status, 200, "{rest}: {}", answer.text());
        answer.json()
    }

    /// The answer to a command.
    pub(crate) async fn order(&self, member: &Member, command: &Value) -> Answer {
        let path = path(member.community, "commands");
        self.ask("POST", &path, Some(&member.token), Some(command))
            .await
    }

    /// The reply to a command that must be done.
    pub(crate) async fn done(&self, member: &Member, command: &Value) -> Value {
        let answer = self.order(member, command).await;
        assert_eq!(answer.status, 201, "{command}: {}", answer.text());
        let _: Command = serde_json::from_value(command.clone()).unwrap();
        answer.json()
    }

    /// The refusal of a command that must not be done.
    pub(crate) async fn not_done(&self, member: &Member, command: &Value) -> Value {
        let answer = self.order(member, command).await;
        assert!((400..500).contains(&answer.status), "{}", answer.text());
        answer.json()
    }

    /// An owner of the whole community.
    pub(crate) async fn owner(&self, at: &'static str, login: &str) -> Member {
        let token = self.service.invite_owner(&community(at), login).await;
        self.enrol(at, token.unwrap().as_str(), login).await
    }

    /// Somebody invited by `by`, with these posts.
    pub(crate) async fn member(&self, by: &Member, login: &str, posts: Value) -> Member {
        let invite = json!({ "type": "invite", "name": login, "posts": posts });
        let reply = self.done(by, &invite).await;
        let token = reply["token"].as_str().unwrap();
        self.enrol(by.community, token, login).await
    }

    pub(crate) async fn enrol(&self, at: &'static str, token: &str, login: &str) -> Member {
        let to = path(at, &format!("invitations/{token}"));
        let accept = json!({ "login": login, "password": PASSWORD });
        let answer = self.ask("POST", &to, None, Some(&accept)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let secret = totp::read_secret(answer.json()["secret"].as_str().unwrap()).unwrap();
        let confirm = json!({ "password": PASSWORD, "code": self.code(&secret) });
        let answer = self
            .ask("POST", &format!("{to}/confirmation"), None, Some(&confirm))
            .await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let enrolled = answer.json();
        let session = &enrolled["session"];
        let codes = enrolled["recovery_codes"].as_array().unwrap();
        Member {
            community: at,
            token: session["token"].as_str().unwrap().to_owned(),
            id: StaffId::parse(session["staff"]["id"].as_str().unwrap()).unwrap(),
            login: login.to_owned(),
            secret,
            recovery: codes
                .iter()
                .map(|c| c.as_str().unwrap().to_owned())
                .collect(),
        }
    }

    /// The authenticator's code of now.
    pub(crate) fn code(&self, secret: &totp::Secret) -> String {
        totp::code_at(secret, linli_server::Clock::now_ms(&*self.clock))
    }

    pub(crate) async fn sign_in(
        &self,
        at: &str,
        login: &str,
        password: &str,
        code: &str,
    ) -> Answer {
        let body = json!({ "login": login, "password": password, "code": code });
        self.ask("POST", &path(at, "sessions"), None, Some(&body))
            .await
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, ms: i64) {
        let now_ms = linli_server::Clock::now_ms(&*self.clock);
        self.clock.set(now_ms + ms);
    }
}

/// A draft of a poll that opens now and closes in an hour.
pub(crate) fn draft(id: &str, place: &str) -> Value {
    json!({
        "id": id, "place": place, "lang": "zh-Hans", "title": "晾晒区", "summary": "",
        "poll": {
            "id": id, "kind": { "type": "motion" }, "nature": "consultation",
            "electorate": "households", "credential": "household_code", "secrecy": "recorded",
            "changes": "until_closing", "results": "after_closing",
            "opens_at_ms": NOW - HOUR, "closes_at_ms": NOW + HOUR,
        },
    })
}

pub(crate) fn create(draft: Value) -> Value {
    json!({ "type": "create_topic", "topic": draft })
}

pub(crate) fn open(topic: &str) -> Value {
    json!({ "type": "open_poll", "topic": topic })
}

pub(crate) fn close(topic: &str) -> Value {
    json!({ "type": "close_poll", "topic": topic, "reason": "下雨" })
}
