//! One community's staff before another's desk. The addresses come from the OpenAPI
//! document, so that a new one is covered by itself.

use crate::desk_world::*;
use crate::world::*;
use serde_json::{Value, json};

/// Bodies that each address would take.
fn bodies(path: &str) -> Vec<Value> {
    if path.ends_with("/commands") {
        return vec![
            open("hill"),
            close("hill"),
            json!({ "type": "invite", "name": "x", "posts": [{ "role": "owner" }] }),
            json!({ "type": "make_codes", "renew": true }),
            json!({ "type": "fly" }),
        ];
    }
    vec![
        json!({ "login": "x", "password": PASSWORD, "code": "123456" }),
        json!({}),
    ]
}

/// Fills the parameters of an address with names that exist there.
fn addresses(template: &str) -> Vec<String> {
    let names = [
        ("{community}", &["yunping"][..]),
        ("{topic}", &["hill", "nothing"]),
        ("{request}", &["0000000000000000000000000000000a"]),
        ("{upload}", &["0000000000000000000000000000000a", "nothing"]),
        ("{kind}", &["households", "moon"]),
        (
            "{token}",
            &["0000000000000000000000000000000000000000000000000000000000000000"],
        ),
        (
            "{file}",
            &[
                "audit.csv",
                "polls.xlsx",
                "ballots.csv?topic=hill",
                "moon.csv",
            ],
        ),
    ];
    let mut filled = vec![template.to_owned()];
    for (parameter, values) in names {
        filled = filled
            .iter()
            .flat_map(|path| {
                values
                    .iter()
                    .map(move |value| path.replace(parameter, value))
            })
            .collect();
        filled.dedup();
    }
    for path in &filled {
        assert!(
            !path.contains('{'),
            "{path}: give this test a name for its parameter"
        );
    }
    filled
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_opens_its_own_community_and_no_other() {
    let world = World::new().await;
    let owner = world.owner("jiangpan", "wang").await;
    let there = world.owner("yunping", "zhao").await;
    let before = state(&world);
    let document = world.get("/api/v1/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    let desk = paths.iter().filter(|(path, _)| path.contains("/desk/"));
    let mut asked = 0;
    for (template, methods) in desk {
        for method in methods.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            for path in addresses(template) {
                let bodies = match method.as_str() {
                    "POST" => bodies(&path).into_iter().map(Some).collect(),
                    _ => vec![None],
                };
                for body in bodies {
                    for token in [Some(owner.token.as_str()), Some("x"), None] {
                        let answer = world.ask(&method, &path, token, body.as_ref()).await;
                        tells_nothing(&method, &path, &answer);
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(asked > 60, "{asked}");
    assert_eq!(state(&world), before, "something was done");
    // The same addresses do answer who belongs there.
    assert_eq!(world.look(&there, "home").await.status, 200);
    // And a session of another community's address is none here.
    let mixed = Member {
        community: "yunping",
        ..owner
    };
    assert_eq!(
        world.look(&mixed, "session").await.json(),
        json!({ "code": "signed_out" })
    );
}

fn tells_nothing(method: &str, path: &str, answer: &Answer) {
    let told = answer.text();
    let about = format!("{method} {path}: {} {told}", answer.status);
    assert!((400..500).contains(&answer.status), "{about}");
    let body = answer.json();
    let fields: Vec<&String> = body.as_object().expect(&about).keys().collect();
    let code = body["code"].as_str().expect(&about);
    // What anybody may know: not signed in, no such invitation, a wrong password, and
    // that a body is not of the form that the document tells.
    let expected: &[&str] = match code {
        "signed_out" | "invitation_invalid" | "malformed" => &["code"],
        "sign_in_failed" => &["attempts_left", "code"],
        "too_many_attempts" => &["code", "retry_after_ms"],
        _ => panic!("{about}"),
    };
    assert_eq!(fields, expected, "{about}");
    let is_door = path.ends_with("/sessions") || path.contains("/invitations/");
    assert!(is_door || code == "signed_out", "{about}");
}

/// Whatever a desk could have changed in that community.
fn state(world: &World) -> Vec<Vec<String>> {
    let of = |sql: &str| world.column(&format!("{sql} WHERE community_id = 'yunping' ORDER BY 1"));
    vec![
        of("SELECT posts FROM staff"),
        of("SELECT session_id FROM staff_session"),
        of("SELECT invitation_id FROM invitation"),
        of("SELECT approval_id FROM approval"),
        of("SELECT body FROM topic"),
        of("SELECT topic_id FROM topic_draft"),
        of("SELECT upload_id FROM topic_attachment"),
        of("SELECT upload_id FROM upload"),
    ]
}
