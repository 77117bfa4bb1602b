//! Polls of people, owners, tenants and members: who they are without a code on paper.

use crate::identity::{listening, next, wrong};
use crate::page::Browser;
use crate::world::*;
use linli_model::desk::roll::*;
use linli_model::*;
use linli_server::MyFailure;
use linli_server::store::AdoptRoll;
use serde_json::{Value, json};

const PEOPLE: &str = "\
网格,房号,姓名,手机号,邮箱
一网格,8 栋 101,张三,13800000101；139 0000 0101,Zhang@Example.cn
一网格,8 栋 101,李四,13800000102,
一网格,8 栋 102,王五,13800000103,
一网格,8 栋 102,赵六,13800000103,
二网格,9 栋 101,钱七,13800000104,
一网格,8 栋 103,孙八,,
";

pub(crate) async fn preview(world: &World, kind: RollKind, text: &str) -> RollPreview {
    let community = CommunityId::parse("jiangpan").unwrap();
    let bytes = text.as_bytes().to_vec();
    let read = world
        .service
        .preview_roll(&community, kind, bytes, "名册.csv");
    read.await.unwrap().unwrap()
}

pub(crate) async fn put(world: &World, kind: RollKind, text: &str) -> RollPreview {
    let preview = preview(world, kind, text).await;
    let adopt = AdoptRoll {
        community: CommunityId::parse("jiangpan").unwrap(),
        draft: preview.draft.clone(),
        leave_out_errors: false,
        by: "staff:1".to_owned(),
    };
    world.service.adopt_roll(adopt).await.unwrap().unwrap();
    preview
}

/// A poll of `electorate` in grid 1 that takes passwords.
pub(crate) fn poll(id: &str, electorate: &str) -> Value {
    json!({
        "id": id, "community": "jiangpan", "place": "grid-1", "lang": "zh-Hans", "title": id,
        "poll": {
            "id": id, "kind": { "type": "motion" }, "nature": "consultation",
            "electorate": electorate, "credential": "otp", "secrecy": "recorded",
            "changes": "until_closing", "results": "live", "opens_at_ms": NOW - HOUR,
            "closes_at_ms": NOW + 48 * HOUR,
        },
    })
}

pub(crate) async fn import(world: &World, polls: &[Value], voters: &Value) -> Result<(), String> {
    let mut file = import_file();
    file["topics"]
        .as_array_mut()
        .unwrap()
        .extend_from_slice(polls);
    file["communities"][0]["voters"] = voters.clone();
    let imported = world.service.import_text(&file.to_string()).await;
    imported.map(drop).map_err(|error| error.0)
}

async fn prove(world: &World, topic: &str, contact: &str, code: &str) -> Result<Grant, Refusal> {
    let proof = Proof::OneTimePassword {
        contact: contact.to_owned(),
        code: code.to_owned(),
    };
    refusal(world.service.identify(&id(topic), &proof, CALLER).await)
}

async fn ask(world: &World, topic: &str, contact: &str) {
    let service = &world.service;
    let sent = service
        .send_password(&id(topic), contact, "zh-Hans", CALLER)
        .await;
    refusal(sent).unwrap();
}

#[tokio::test]
async fn a_person_votes_by_a_password_to_the_phone_on_the_roll() {
    let (world, inbox) = listening().await;
    import(&world, &[poll("people", "persons")], &json!([]))
        .await
        .unwrap();
    let preview = put(&world, RollKind::Persons, PEOPLE).await;
    assert_eq!(preview.columns_ignored, Vec::<String>::new());
    let told = preview.contacts.unwrap();
    assert_eq!(
        (told.with_phone, told.with_mail, told.shared),
        (Some(5), Some(1), 2)
    );
    let warned: Vec<_> = told
        .warnings
        .iter()
        .map(|w| (w.row, w.kind.clone()))
        .collect();
    let shared = |of_row| RowFault::ContactShared { of_row };
    assert_eq!(warned, [(4, shared(5)), (5, shared(4))]);
    for contact in ["+86 13800000101", "13900000101", "zhang@example.CN"] {
        ask(&world, "people", contact).await;
        let code = next(&inbox).await.code;
        let bad = prove(&world, "people", contact, wrong(&code)).await;
        assert!(matches!(bad, Err(Refusal::CodeUnknown { .. })));
        let grant = prove(&world, "people", contact, &code).await.unwrap();
        assert_eq!(grant.voter, "8 栋 101");
        let voted = contact != "+86 13800000101";
        assert_eq!(grant.standing.voted, voted, "three contacts are one voter");
        let yes = motion(Stance::Yes);
        world
            .cast("people", &grant.token, 1, yes, None)
            .await
            .unwrap();
    }
    // Another person of the household is another voter.
    ask(&world, "people", "13800000102").await;
    let code = next(&inbox).await.code;
    let grant = prove(&world, "people", "13800000102", &code).await.unwrap();
    assert!(!grant.standing.voted);
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn a_shared_phone_and_one_of_another_place_get_the_same_answer_and_no_password() {
    let (world, inbox) = listening().await;
    import(&world, &[poll("people", "persons")], &json!([]))
        .await
        .unwrap();
    put(&world, RollKind::Persons, PEOPLE).await;
    // A couple's, somebody's of grid 2, and a household's, which is no person's.
    for contact in ["13800000103", "13800000104", &phone(1)] {
        ask(&world, "people", contact).await;
        let refused = prove(&world, "people", contact, "123456").await;
        assert_eq!(
            refused.unwrap_err(),
            Refusal::CodeUnknown { attempts_left: 4 }
        );
    }
    let world = world.restart().await;
    assert!(inbox.try_recv().is_err());
    assert_eq!(world.count("one_time_password"), 0);
}

#[tokio::test]
async fn nothing_keeps_a_contact_as_it_was_written() {
    let (world, _inbox) = listening().await;
    let bad = format!("{PEOPLE}一网格,8 栋 104,周九,1380000xyz9,\n");
    let preview = preview(&world, RollKind::Persons, &bad).await;
    assert_eq!(preview.errors_total, 1);
    let error = &preview.errors[0];
    assert_eq!(
        (error.row, &*error.column, &error.kind),
        (8, "手机号", &RowFault::ContactInvalid)
    );
    assert_eq!(error.value_excerpt, "");
    for column in ["preview", "body", "contacts"] {
        let kept = world.column(&format!("SELECT {column} FROM roll_draft"));
        assert_eq!(kept.len(), 1);
        for part in ["13800000", "1380000x", "13900000", "xample"] {
            assert!(!kept[0].contains(part), "{column} has {part}");
        }
    }
    put(&world, RollKind::Persons, PEOPLE).await;
    assert_eq!(
        world.column("SELECT kind FROM voter_contact WHERE voter LIKE 'p%' ORDER BY kind"),
        ["mail", "phone", "phone", "phone", "phone", "phone", "phone"]
    );
}

#[tokio::test]
async fn a_roll_replaces_the_contacts_of_its_columns_and_keeps_others() {
    let (world, inbox) = listening().await;
    import(&world, &[poll("people", "persons")], &json!([]))
        .await
        .unwrap();
    put(&world, RollKind::Persons, PEOPLE).await;
    let count = |kind: &str| {
        let kept =
            format!("SELECT kind FROM voter_contact WHERE voter LIKE 'p%' AND kind = '{kind}'");
        world.column(&kept).len()
    };
    // Without such columns everything stays, but of those who left.
    let bare = "网格,房号,姓名\n一网格,8 栋 101,张三\n一网格,8 栋 101,李四\n一网格,8 栋 102,王五\n";
    let told = put(&world, RollKind::Persons, bare).await;
    assert_eq!(told.contacts, None);
    assert_eq!((count("phone"), count("mail")), (4, 1));
    // The other of the couple has left: the phone is one person's now.
    ask(&world, "people", "13800000103").await;
    let code = next(&inbox).await.code;
    prove(&world, "people", "13800000103", &code).await.unwrap();
    // A column of phones replaces phones; the order of rows does not matter.
    let phones = "网格,房号,姓名,电话\n一网格,8 栋 102,王五,13800000105\n\
                  一网格,8 栋 101,李四,\n一网格,8 栋 101,张三,13800000106\n";
    put(&world, RollKind::Persons, phones).await;
    assert_eq!((count("phone"), count("mail")), (2, 1));
    ask(&world, "people", "13800000106").await;
    let code = next(&inbox).await.code;
    let grant = prove(&world, "people", "13800000106", &code).await.unwrap();
    assert_eq!(grant.voter, "8 栋 101");
    assert_eq!(
        world.count("voter_contact"),
        3 + 6,
        "households keep theirs"
    );
}

#[tokio::test]
async fn one_phone_is_a_persons_their_households_and_their_flats() {
    let (world, inbox) = listening().await;
    let electorates = ["persons", "owners", "tenants", "members"];
    let polls: Vec<Value> = electorates
        .iter()
        .map(|kind| poll(&format!("of-{kind}"), kind))
        .collect();
    import(&world, &polls, &json!([])).await.unwrap();
    let one = phone(1);
    let rolls = [
        (
            RollKind::Persons,
            format!("网格,户,姓名,手机\n一网格,20 号,张三,{one}\n"),
        ),
        // Of household 1 somebody else is the owner; the phone's own flat comes first.
        (
            RollKind::Owners,
            format!(
                "网格,户,业主,面积,手机\n一网格,1 号,李四,80,\n一网格,5 号,张三,90,{one}\n一网格,6 号,张三,90,{one}\n"
            ),
        ),
        (
            RollKind::Members,
            format!("网格,户,姓名,手机\n一网格,21 号,张三,{one}\n"),
        ),
        // Nothing said: the household's phone names its tenant.
        (
            RollKind::Tenants,
            "网格,户,姓名\n一网格,1 号,周九\n".to_owned(),
        ),
    ];
    for (kind, text) in &rolls {
        let told = put(&world, *kind, text).await.contacts;
        assert_eq!(told.map_or(0, |told| told.shared), 0, "{kind:?}");
    }
    for (topic, label) in [
        ("of-persons", "20 号"),
        ("of-owners", "5 号"),
        ("of-members", "21 号"),
        ("of-tenants", "1 号"),
        ("otp", "1 号"),
    ] {
        ask(&world, topic, &one).await;
        let code = next(&inbox).await.code;
        let grant = prove(&world, topic, &one, &code).await.unwrap();
        let fits = grant.voter == label || topic == "of-owners" && grant.voter == "6 号";
        assert!(fits, "{topic} {}", grant.voter);
        let yes = motion(Stance::Yes);
        world.cast(topic, &grant.token, 1, yes, None).await.unwrap();
    }
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn an_import_names_voters_of_any_roll() {
    let (world, inbox) = listening().await;
    let polls = [poll("people", "persons")];
    import(&world, &polls, &json!([])).await.unwrap();
    put(
        &world,
        RollKind::Persons,
        "网格,户,姓名\n一网格,20 号,张三\n一网格,20 号,李四\n",
    )
    .await;
    let named = |name: &str| {
        json!([{ "roll": "persons", "place": "grid-1", "label": "20 号", "name": name,
                 "contacts": ["13800000777"] }])
    };
    import(&world, &polls, &named("张三")).await.unwrap();
    // Said of another of this roll later on, it is theirs.
    import(&world, &polls, &named("李四")).await.unwrap();
    ask(&world, "people", "13800000777").await;
    let code = next(&inbox).await.code;
    prove(&world, "people", "13800000777", &code).await.unwrap();
    let nobody = import(&world, &polls, &named("王五")).await.unwrap_err();
    assert!(
        nobody.contains("20 号") && !nobody.contains("777"),
        "{nobody}"
    );
    let mut nameless = named("张三");
    nameless[0].as_object_mut().unwrap().remove("name");
    assert!(
        import(&world, &polls, &nameless)
            .await
            .unwrap_err()
            .contains("by name")
    );
}

#[tokio::test]
async fn a_person_votes_on_the_page_without_scripts() {
    let (world, inbox) = listening().await;
    import(&world, &[poll("people", "persons")], &json!([]))
        .await
        .unwrap();
    put(&world, RollKind::Persons, PEOPLE).await;
    let mut browser = Browser::default();
    let page = browser.look(&world, "people").await.text();
    assert!(page.contains(r#"name="contact""#), "{page}");
    // No paper names a person, nor can the family fill in for them by it.
    assert!(!page.contains(r#"name="code""#) && !page.contains(r#"name="behalf""#));
    assert!(page.contains("Confirm who you are"), "{page}");
    let who = "contact=13800000101";
    let sent = browser
        .send(&world, "people", &format!("choice=yes&{who}&send=1"))
        .await;
    assert_eq!(sent.status, 202, "{}", sent.text());
    let code = next(&inbox).await.code;
    let fields = format!("choice=yes&{who}&password={code}");
    let done = browser.send(&world, "people", &fields).await;
    assert_eq!(done.status, 201, "{}", done.text());
    assert!(done.text().contains("8 栋 101"));
    assert!(world.check().await.faults.is_empty());
}

#[tokio::test]
async fn a_page_that_cannot_tell_people_says_so() {
    let world = World::new().await;
    let polls = [poll("people", "persons"), poll("flats", "owners")];
    import(&world, &polls, &json!([])).await.unwrap();
    let mut browser = Browser::default();
    let page = browser.look(&world, "people").await.text();
    assert!(
        !page.contains("<form method=\"post\" action=\"/p/people"),
        "{page}"
    );
    assert!(
        page.contains("ask the community office how to take part"),
        "{page}"
    );
    let page = browser.look(&world, "flats").await.text();
    assert!(page.contains(r#"name="code""#) && !page.contains(r#"name="contact""#));
}

async fn my_session(
    world: &World,
    contact: &str,
    code: &str,
) -> Result<me::MySession, me::MyRefusal> {
    let proof = Proof::OneTimePassword {
        contact: contact.to_owned(),
        code: code.to_owned(),
    };
    let community = CommunityId::parse("jiangpan").unwrap();
    let opened = world.service.open_mine(&community, &proof, CALLER).await;
    opened.map_err(|failure| match failure {
        MyFailure::Refused(refusal) => refusal,
        MyFailure::Fault(detail) => panic!("fault: {detail}"),
    })
}

#[tokio::test]
async fn a_person_sees_and_deletes_their_own_by_a_password() {
    let (world, inbox) = listening().await;
    let community = CommunityId::parse("jiangpan").unwrap();
    import(&world, &[poll("people", "persons")], &json!([]))
        .await
        .unwrap();
    put(&world, RollKind::Persons, PEOPLE).await;
    let contact = "13800000101";
    ask(&world, "people", contact).await;
    let code = next(&inbox).await.code;
    let grant = prove(&world, "people", contact, &code).await.unwrap();
    let yes = motion(Stance::Yes);
    world
        .cast("people", &grant.token, 1, yes, None)
        .await
        .unwrap();
    // A password for a poll opens nothing else.
    ask(&world, "people", contact).await;
    let of_poll = next(&inbox).await.code;
    assert!(my_session(&world, contact, &of_poll).await.is_err());
    let send = |contact: &'static str| {
        let (service, community) = (&world.service, &community);
        async move {
            let sent = service.send_my_password(community, contact, "zh-Hans", CALLER);
            refusal(sent.await).unwrap();
        }
    };
    send(contact).await;
    let code = next(&inbox).await.code;
    let bad = my_session(&world, contact, wrong(&code)).await.unwrap_err();
    assert_eq!(bad.code(), "code_unknown");
    let session = my_session(&world, contact, &code).await.unwrap();
    assert_eq!(session.name, "张三");
    assert!(my_session(&world, contact, &code).await.is_err(), "one use");
    let service = &world.service;
    let person = service.person(&community, &session.token).await.unwrap();
    let data = service.my_data(&person).await.unwrap();
    assert_eq!(data.household, None);
    let [entry] = &data.entries[..] else {
        panic!("{:?}", data.entries)
    };
    assert_eq!(
        (entry.electorate, &*entry.label, entry.contacts),
        (Electorate::Persons, "8 栋 101", 3)
    );
    assert_eq!((data.ballots.len(), data.grants.len()), (1, 1));
    let deleted = service.delete_mine(&person).await.unwrap();
    assert_eq!(deleted.grants, 1);
    assert!(deleted.kept.contains(&me::Kept::OnRoll));
    // Whose contact names nobody gets no message, and the same refusal.
    send("13800000103").await;
    let refused = my_session(&world, "13800000103", "123456").await;
    assert_eq!(refused.unwrap_err().code(), "code_unknown");
    let world = world.restart().await;
    assert!(inbox.try_recv().is_err());
    assert_eq!(
        world.column("SELECT poll_id FROM one_time_password"),
        ["people"]
    );
}

#[tokio::test]
async fn a_wrong_password_for_ones_own_is_counted_until_it_ends() {
    let (world, inbox) = listening().await;
    let community = CommunityId::parse("jiangpan").unwrap();
    put(&world, RollKind::Persons, PEOPLE).await;
    let contact = "13800000101";
    let sent = world
        .service
        .send_my_password(&community, contact, "en", CALLER);
    refusal(sent.await).unwrap();
    let code = next(&inbox).await.code;
    for tries in 1..=3 {
        assert!(my_session(&world, contact, wrong(&code)).await.is_err());
        let kept = world.count("one_time_password");
        assert_eq!(kept, 1, "after {tries}");
    }
    let tries = world.column("SELECT CAST(tries AS TEXT) FROM one_time_password");
    assert_eq!(
        tries,
        ["3"],
        "a wrong try is kept though nothing was opened"
    );
}

#[tokio::test]
async fn one_phone_opens_what_is_kept_of_its_person_and_household() {
    let (world, inbox) = listening().await;
    let community = CommunityId::parse("jiangpan").unwrap();
    let text = format!("网格,户,姓名,手机\n一网格,20 号,张三,{}\n", phone(1));
    put(&world, RollKind::Persons, &text).await;
    let sent = world
        .service
        .send_my_password(&community, "13800000001", "en", CALLER);
    refusal(sent.await).unwrap();
    let code = next(&inbox).await.code;
    let session = my_session(&world, &phone(1), &code).await.unwrap();
    let service = &world.service;
    let person = service.person(&community, &session.token).await.unwrap();
    let data = service.my_data(&person).await.unwrap();
    assert_eq!(data.household.unwrap().label, "1 号");
    assert_eq!(data.entries.len(), 1);
}
