//! The desk's requests and answers, without a network.

use linli_adapters::http::desk::codec::{self, DeskResponse};
use linli_model::desk::{DeskRefusal, Permission, RollRefusal};
use linli_model::{CommunityId, GrantToken, Refusal, TopicId};
use linli_port::desk::{Answer, DeskError, FileBytes, Question};

fn answered(status: u16, body: &str) -> DeskResponse {
    DeskResponse {
        status,
        media_type: "application/json".to_owned(),
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn every_question_has_its_address() {
    let topic = TopicId::parse("lot").unwrap();
    let audit = |before, search: &str| Question::Audit {
        before,
        search: search.to_owned(),
    };
    for (question, path) in [
        (Question::Home, "/home"),
        (Question::Polls, "/polls"),
        (Question::Poll(topic), "/polls/lot"),
        (
            Question::Attachments(TopicId::parse("lot").unwrap()),
            "/polls/lot/attachments",
        ),
        (Question::Approvals, "/approvals"),
        (Question::People, "/people"),
        (Question::Places, "/places"),
        (Question::Rolls, "/rolls"),
        (Question::Requests, "/requests"),
        (
            Question::Voters {
                topic: TopicId::parse("lot").unwrap(),
                search: "3 栋".to_owned(),
            },
            "/polls/lot/voters?search=3%20%E6%A0%8B",
        ),
        (audit(None, ""), "/audit"),
        (audit(Some(41), ""), "/audit?before=41"),
        (
            audit(Some(41), "周 &="),
            "/audit?before=41&search=%E5%91%A8%20%26%3D",
        ),
    ] {
        assert_eq!(codec::path_of(&question), path);
    }
}

#[test]
fn a_session_travels_in_a_header_and_a_file_as_it_is() {
    let base = codec::base(&CommunityId::parse("hill").unwrap());
    let token = GrantToken::parse("t0ken").unwrap();
    let request = codec::get(&base, "/home", Some(&token));
    assert_eq!(request.path, "/api/v1/communities/hill/desk/home");
    assert_eq!(
        request.headers,
        [("Authorization", "Bearer t0ken".to_owned())]
    );
    let file = FileBytes {
        name: "户册 10月.csv".to_owned(),
        media_type: String::new(),
        bytes: vec![0xef, 0xbb, 0xbf],
    };
    let kind = linli_model::desk::RollKind::Households;
    let request = codec::roll_file(&base, &token, kind, &file);
    assert!(
        request
            .path
            .ends_with("/rolls/households/drafts?file_name=%E6%88%B7%E5%86%8C%2010%E6%9C%88.csv"),
        "{}",
        request.path
    );
    let (_, bytes) = request.body.unwrap();
    assert_eq!(bytes, file.bytes);
    let topic = TopicId::parse("lot").unwrap();
    let request = codec::attachment(&base, &token, &topic, "东侧 &", &file);
    assert!(
        request
            .path
            .ends_with("/polls/lot/attachments?alt=%E4%B8%9C%E4%BE%A7%20%26"),
        "{}",
        request.path
    );
    assert_eq!(request.body.unwrap().1, file.bytes);
}

#[test]
fn refusals_faults_and_what_is_no_answer_are_told_apart() {
    let refused = |refusal: DeskRefusal| DeskError::Refused(refusal);
    let resident = |refusal: Refusal| refused(DeskRefusal::Resident(refusal));
    let cases = [
        (
            401,
            r#"{"code":"signed_out"}"#,
            refused(DeskRefusal::SignedOut),
        ),
        (
            403,
            r#"{"code":"not_permitted","needs":"rolls"}"#,
            refused(DeskRefusal::NotPermitted {
                needs: Permission::Rolls,
            }),
        ),
        (
            429,
            r#"{"code":"too_many_attempts","retry_after_ms":60000}"#,
            resident(Refusal::TooManyAttempts {
                retry_after_ms: 60_000,
            }),
        ),
        (
            503,
            r#"{"code":"busy","retry_after_ms":500}"#,
            resident(Refusal::Busy {
                retry_after_ms: 500,
            }),
        ),
        (
            409,
            r#"{"code":"draft_has_errors","errors":3}"#,
            DeskError::RollRefused(RollRefusal::DraftHasErrors { errors: 3 }),
        ),
        (
            500,
            r#"{"code":"fault","incident":"7f3a"}"#,
            DeskError::Fault {
                incident: "7f3a".to_owned(),
            },
        ),
        (422, r#"{"code":"newer_than_us"}"#, resident(Refusal::Other)),
        (502, r#"{"code":"bad_gateway"}"#, DeskError::Unreachable),
        (502, "<html>", DeskError::Unreachable),
        (200, "<html>a captive portal", DeskError::Unreachable),
        (200, "[", DeskError::Unreachable),
    ];
    for (status, body, expected) in cases {
        let read = codec::read_answer(&Question::Polls, &answered(status, body));
        assert_eq!(read, Err(expected), "{status} {body}");
    }
    let none = codec::read_answer(&Question::Polls, &answered(200, "[]"));
    assert_eq!(none, Ok(Answer::Polls(Vec::new())));
}
