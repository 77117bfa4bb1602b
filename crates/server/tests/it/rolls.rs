//! Rolls from a file to a vote, on either store.

use crate::world::*;
use linli_model::desk::roll::*;
use linli_model::*;
use linli_rules::tally::owners_278;
use linli_server::Failure;
use linli_server::store::{
    AdoptRoll, Bearer, EntriesQuery, IssueGrant, TokenBearer, TokenVoter, sqlite,
};
use serde_json::json;
use std::sync::{Arc, LazyLock};

const DAY: UtcMs = 24 * HOUR;

fn community() -> &'static CommunityId {
    static COMMUNITY: LazyLock<CommunityId> =
        LazyLock::new(|| CommunityId::parse("jiangpan").unwrap());
    &COMMUNITY
}

async fn preview(world: &World, kind: RollKind, text: &str) -> RollPreview {
    let bytes = text.as_bytes().to_vec();
    let read = world
        .service
        .preview_roll(community(), kind, bytes, "名册.csv");
    read.await.unwrap().unwrap()
}

async fn adopt(
    world: &World,
    draft: &str,
    leave_out_errors: bool,
) -> Result<RollVersion, RollRefusal> {
    let adopt = AdoptRoll {
        community: community().clone(),
        draft: draft.to_owned(),
        leave_out_errors,
        by: "staff:1".to_owned(),
    };
    world.service.adopt_roll(adopt).await.unwrap()
}

async fn put(world: &World, kind: RollKind, text: &str) -> RollVersion {
    let preview = preview(world, kind, text).await;
    adopt(world, &preview.draft, false).await.unwrap()
}

/// The households of the world, without some and with others.
fn households(without: &[u32], more: &str) -> String {
    let mut text = "网格,户,面积\n".to_owned();
    for n in (1..=24).filter(|n| !without.contains(n)) {
        let grid = if n <= 16 { "一网格" } else { "二网格" };
        let area = 8_000 + n;
        text.push_str(&format!("{grid},{n} 号,{}.{:02}\n", area / 100, area % 100));
    }
    text + more
}

/// A world with another poll of `electorate`.
async fn world_with(topic: &str, electorate: &str, place: &str) -> World {
    let world = World::new().await;
    let mut file = import_file();
    let credential = match electorate {
        "persons" | "members" => "otp",
        _ => "household_code",
    };
    let poll = json!({
        "id": topic, "kind": { "type": "motion" }, "nature": "consultation",
        "electorate": electorate, "credential": credential, "secrecy": "recorded",
        "changes": "never", "results": "live", "opens_at_ms": NOW - HOUR,
        "closes_at_ms": NOW + 48 * HOUR,
    });
    file["topics"].as_array_mut().unwrap().push(json!({
        "id": topic, "community": "jiangpan", "place": place, "lang": "zh-Hans",
        "title": topic, "poll": poll,
    }));
    world.service.import_text(&file.to_string()).await.unwrap();
    world
}

async fn vote(world: &World, topic: &str, household: u32, stance: Stance) -> Result<(), Refusal> {
    let grant = world.identify(topic, &long_code(household)).await?.token;
    let key = u128::from(household) + 1_000;
    let cast = world.cast(topic, &grant, key, motion(stance), None);
    cast.await.map(drop)
}

async fn turnout(world: &World, topic: &str) -> (u64, Option<u64>) {
    let turnout = world.service.topic(&id(topic)).await.unwrap().turnout;
    (turnout.cast, turnout.eligible)
}

#[tokio::test]
async fn an_import_file_makes_the_first_version() {
    let world = World::new().await;
    let rolls = world.service.rolls(community()).await.unwrap().unwrap();
    let [first] = &rolls[..] else {
        panic!("{rolls:?}")
    };
    assert_eq!(
        (first.kind, first.version, first.entries),
        (RollKind::Households, 1, 24)
    );
    assert_eq!(
        (first.voters, first.diff.added, &*first.adopted_by),
        (24, 24, "import")
    );
    // The same file twice, and a file that says the same.
    world
        .service
        .import_text(&format!("{} ", import_file()))
        .await
        .unwrap();
    let again = world.service.rolls(community()).await.unwrap().unwrap();
    assert_eq!(again, rolls);
}

#[tokio::test]
async fn a_second_file_is_a_difference_and_codes_stay() {
    let world = World::new().await;
    let (before, leaver) = (
        world.grant("never", 24).await,
        world.grant("recorded", 24).await,
    );
    world
        .cast("never", &before, 1, motion(Stance::Yes), None)
        .await
        .unwrap();
    let text = households(&[24], "二网格,25 号,90\n").replace("1 号,80.01", "1 号,81");
    let preview = preview(&world, RollKind::Households, &text).await;
    let diff = RollDiff {
        added: 1,
        changed: 1,
        removed: 1,
        unchanged: 22,
    };
    assert_eq!(
        (preview.diff, preview.base_version, preview.entries),
        (diff, 1, 24)
    );
    assert_eq!(
        (
            preview.errors_total,
            preview.without_area,
            preview.first.len()
        ),
        (0, 0, 20)
    );
    // Nothing has changed yet.
    assert_eq!(turnout(&world, "never").await, (1, Some(24)));
    let kept = world
        .service
        .roll_preview(community(), &preview.draft)
        .await
        .unwrap();
    assert_eq!(kept, Ok(preview.clone()));
    let adopted = adopt(&world, &preview.draft, false).await.unwrap();
    assert_eq!(
        (adopted.version, adopted.diff, adopted.entries),
        (2, diff, 24)
    );
    assert_eq!(adopted.file_name, "名册.csv");
    // A ballot of somebody who left counts; they are counted with those who may vote.
    assert_eq!(turnout(&world, "never").await, (1, Some(25)));
    assert_eq!(turnout(&world, "recorded").await, (0, Some(24)));
    // Their code and their grant are of no use any more.
    let code = world.identify("recorded", &long_code(24)).await;
    assert!(matches!(code, Err(Refusal::CodeUnknown { .. })), "{code:?}");
    let late = world
        .cast("recorded", &leaver, 2, options(&["a"]), None)
        .await;
    assert_eq!(late.unwrap_err(), Refusal::GrantInvalid);
    // Everybody else's code is what it was.
    vote(&world, "never", 1, Stance::No).await.unwrap();
    assert_eq!(world.check().await.faults, Vec::<String>::new());
    // Who comes back is the same voter.
    put(&world, RollKind::Households, &households(&[], "")).await;
    assert_eq!(
        vote(&world, "never", 24, Stance::No).await,
        Err(Refusal::AlreadyVoted)
    );
    assert_eq!(turnout(&world, "never").await, (2, Some(24)));
}

#[tokio::test]
async fn a_secret_ballot_of_somebody_who_left_counts_too() {
    let world = World::new().await;
    let grant = world.grant("secret-once", 24).await;
    world
        .cast("secret-once", &grant, 1, motion(Stance::Yes), Some(7))
        .await
        .unwrap();
    put(&world, RollKind::Households, &households(&[23, 24], "")).await;
    assert_eq!(turnout(&world, "secret-once").await, (1, Some(23)));
    assert_eq!(world.check().await.faults, Vec::<String>::new());
}

#[tokio::test]
async fn rows_with_errors_are_left_out_only_when_staff_say_so() {
    let world = World::new().await;
    let text = households(&[], "三网格,26 号,1\n一网格,1 号,2\n");
    let preview = preview(&world, RollKind::Households, &text).await;
    assert_eq!(
        (preview.errors_total, preview.entries, preview.rows),
        (2, 24, 26)
    );
    let refused = adopt(&world, &preview.draft, false).await;
    assert_eq!(refused, Err(RollRefusal::DraftHasErrors { errors: 2 }));
    let rolls = world.service.rolls(community()).await.unwrap().unwrap();
    assert_eq!(rolls[0].version, 1, "nothing half done");
    assert_eq!(
        adopt(&world, &preview.draft, true).await.unwrap().entries,
        24
    );
    assert_eq!(
        adopt(&world, &preview.draft, true).await,
        Err(RollRefusal::DraftUnknown)
    );
}

#[tokio::test]
async fn previews_expire_are_compared_again_and_stay_in_their_community() {
    let world = World::new().await;
    let old = preview(&world, RollKind::Households, &households(&[1], "")).await;
    let other = preview(&world, RollKind::Households, &households(&[2], "")).await;
    let elsewhere = AdoptRoll {
        community: CommunityId::parse("yunping").unwrap(),
        draft: old.draft.clone(),
        leave_out_errors: true,
        by: String::new(),
    };
    let elsewhere = world.service.adopt_roll(elsewhere).await.unwrap();
    assert_eq!(elsewhere, Err(RollRefusal::DraftUnknown));
    for nonsense in ["", "x", "\0", &"0".repeat(32), "' OR 1=1"] {
        assert_eq!(
            adopt(&world, nonsense, true).await,
            Err(RollRefusal::DraftUnknown)
        );
    }
    adopt(&world, &other.draft, false).await.unwrap();
    let moved = RollRefusal::VersionMoved {
        seen: 1,
        current: 2,
    };
    assert_eq!(adopt(&world, &old.draft, false).await, Err(moved));
    let last = preview(&world, RollKind::Households, &households(&[1], "")).await;
    world.clock.set(NOW + DAY);
    assert_eq!(
        adopt(&world, &last.draft, false).await,
        Err(RollRefusal::DraftUnknown)
    );
    let gone = world
        .service
        .roll_preview(community(), &last.draft)
        .await
        .unwrap();
    assert_eq!(gone, Err(RollRefusal::DraftUnknown));
}

#[tokio::test]
async fn what_cannot_be_a_roll_is_refused_and_kept_nowhere() {
    let world = World::new().await;
    let nobody = CommunityId::parse("nowhere").unwrap();
    let read = |community: CommunityId, text: &'static str| {
        let service = world.service.clone();
        async move {
            let bytes = text.as_bytes().to_vec();
            let read = service.preview_roll(&community, RollKind::Households, bytes, "a/b\\c.csv");
            read.await.unwrap()
        }
    };
    assert_eq!(
        read(nobody, "户\n1\n").await,
        Err(RollRefusal::CommunityUnknown)
    );
    let fault = FileFault::HeaderMissing {
        columns: vec!["房号/门牌".to_owned()],
    };
    assert_eq!(
        read(community().clone(), "甲\n1\n").await,
        Err(RollRefusal::File { fault })
    );
    assert_eq!(world.count("roll_draft"), 0);
    let empty = read(community().clone(), "户\n").await.unwrap();
    assert_eq!((empty.entries, &*empty.file_name), (0, "c.csv"));
    assert_eq!(
        adopt(&world, &empty.draft, true).await,
        Err(RollRefusal::RollEmpty)
    );
    for _ in 0..12 {
        read(community().clone(), "户\n1\n").await.unwrap();
    }
    assert_eq!(world.count("roll_draft"), i64::from(DRAFTS_MAX));
}

const OWNERS: &str = "网格,房屋,产权人,开发商,登记面积,实测面积\n\
    一网格,1 号,王五,,100,\n一网格,2 号,王五,,50,\n一网格,3 号,李四、张三,,,120\n\
    一网格,4 号,张三、李四,,80,\n一网格,5 号,,是,200,\n二网格,17 号,赵六,,,\n二网格,18 号,孙七,,90,\n";

#[tokio::test]
async fn owners_vote_once_for_all_their_units_and_count_by_area() {
    let world = world_with("owners", "owners", "jiangpan").await;
    let shown = preview(&world, RollKind::Owners, OWNERS).await;
    assert_eq!(
        (shown.entries, shown.voters, shown.owners_of_several),
        (7, 5, 2)
    );
    assert_eq!(shown.without_area, 1);
    adopt(&world, &shown.draft, false).await.unwrap();
    assert_eq!(turnout(&world, "owners").await, (0, Some(5)));
    vote(&world, "owners", 1, Stance::Yes).await.unwrap();
    assert_eq!(
        vote(&world, "owners", 2, Stance::No).await,
        Err(Refusal::AlreadyVoted)
    );
    vote(&world, "owners", 4, Stance::Yes).await.unwrap();
    assert_eq!(
        vote(&world, "owners", 3, Stance::No).await,
        Err(Refusal::AlreadyVoted)
    );
    vote(&world, "owners", 18, Stance::No).await.unwrap();
    // A slip of paper for an unsold flat speaks for nobody, nor does one of no unit.
    for household in [5, 6] {
        let refused = vote(&world, "owners", household, Stance::No).await;
        assert!(
            matches!(refused, Err(Refusal::CodeUnknown { .. })),
            "{refused:?}"
        );
    }
    assert_eq!(turnout(&world, "owners").await, (3, Some(5)));
    let material = world.service.owners_count(&id("owners")).await.unwrap();
    assert_eq!(
        (
            material.units.len(),
            material.left_out,
            material.roll_version
        ),
        (7, 0, 1)
    );
    let mut count = material.count(9, PollNature::Consultation, String::new());
    count.missing_area_max_csqm = Some(10_000);
    let verdict = owners_278::count(&count).unwrap();
    assert_eq!(verdict.missing_areas, ["grid-2 17 号"]);
    let votes: Vec<(&str, OwnerVote)> = count
        .ballots
        .iter()
        .map(|ballot| (&*ballot.owner, ballot.vote))
        .collect();
    let expected = [
        ("孙七", OwnerVote::No),
        ("张三、李四", OwnerVote::Yes),
        ("王五", OwnerVote::Yes),
    ];
    assert_eq!(votes, expected);
    // 18 号 is sold: the unit is counted for its new owner, who has not answered.
    put(&world, RollKind::Owners, &OWNERS.replace("孙七", "周八")).await;
    let material = world.service.owners_count(&id("owners")).await.unwrap();
    assert_eq!((material.ballots.len(), material.left_out), (2, 1));
    assert_eq!(turnout(&world, "owners").await, (3, Some(6)));
    vote(&world, "owners", 18, Stance::Abstain).await.unwrap();
    assert_eq!(world.check().await.faults, Vec::<String>::new());
}

#[tokio::test]
async fn only_recorded_motions_of_owners_are_counted_by_area() {
    let world = World::new().await;
    for topic in ["recorded", "secret-once", "devices"] {
        let refused = world.service.owners_count(&id(topic)).await;
        assert!(
            matches!(refused, Err(Failure::Refused(Refusal::Unsupported))),
            "{topic}"
        );
    }
}

#[tokio::test]
async fn a_code_names_a_tenant_only_where_there_is_one() {
    let world = world_with("tenants", "tenants", "grid-1").await;
    let text =
        "网格,房屋,承租人\n一网格,1 号,甲\n一网格,2 号,乙\n一网格,2 号,丙\n二网格,17 号,丁\n";
    put(&world, RollKind::Tenants, text).await;
    vote(&world, "tenants", 1, Stance::Yes).await.unwrap();
    // More often than a wrong code may be tried: a right one is not charged.
    for _ in 0..10 {
        let several = world.identify("tenants", "AAA2-0000-0002").await;
        assert_eq!(several.map(drop), Err(Refusal::CodeAmbiguous));
    }
    let elsewhere = vote(&world, "tenants", 17, Stance::Yes).await;
    assert!(
        matches!(elsewhere, Err(Refusal::CodeUnknown { .. })),
        "{elsewhere:?}"
    );
    assert_eq!(turnout(&world, "tenants").await, (1, Some(3)));
}

#[tokio::test]
async fn persons_need_more_than_a_household_s_code() {
    for (kind, column) in [(RollKind::Persons, "姓名"), (RollKind::Members, "成员")] {
        let world = world_with("people", kind.as_str(), "jiangpan").await;
        put(
            &world,
            kind,
            &format!("网格,房屋,{column}\n一网格,1 号,甲\n一网格,1 号,乙\n"),
        )
        .await;
        assert_eq!(
            vote(&world, "people", 1, Stance::Yes).await,
            Err(Refusal::Unsupported)
        );
        let query = EntriesQuery {
            community: community().clone(),
            kind,
            after: 0,
            limit: 10,
            search: "乙".to_owned(),
            place: None,
        };
        let page = world.service.roll_entries(query).await.unwrap().unwrap();
        let store = world.service.store();
        let letter = &kind.as_str()[..1];
        let issue = |voter: i64, token: u8| {
            // A host site's visitor, linked to this one person.
            let link = [token; 32];
            let hex = linli_server::seal::hex(&link);
            let bytes = match &world.config.database_url {
                Some(_) => format!("'\\x{hex}'"),
                None => format!("X'{hex}'"),
            };
            world.execute(&format!(
                "INSERT INTO voter_link (community_id, link_hash, voter)
                 VALUES ('{}', {bytes}, '{letter}{voter}')",
                community()
            ));
            store.issue_grant(IssueGrant {
                topic: id("people"),
                bearer: Bearer::HostToken(TokenBearer {
                    nonce_hash: link,
                    expires_at_ms: NOW + HOUR,
                    who: TokenVoter::Linked(link),
                }),
                token_hash: linli_server::seal::token_hash(&token.to_string().repeat(64)),
                settle: Vec::new(),
                charge: Vec::new(),
                charged_left: Some(1),
            })
        };
        // By another proof, which names one person.
        refusal(issue(page.lines[0].voter, 1).await).unwrap();
        let grant = GrantToken::parse(&"1".repeat(64)).unwrap();
        world
            .cast("people", &grant, 1, motion(Stance::Yes), None)
            .await
            .unwrap();
        let stranger = refusal(issue(9_999, 2).await);
        assert_eq!(stranger.map(drop), Err(Refusal::TokenInvalid));
        assert_eq!(turnout(&world, "people").await, (1, Some(2)));
        assert_eq!(world.check().await.faults, Vec::<String>::new());
    }
}

#[tokio::test]
async fn every_version_can_be_proven() {
    let world = World::new().await;
    put(
        &world,
        RollKind::Households,
        &households(&[3, 4], "一网格,99 号,\n"),
    )
    .await;
    put(
        &world,
        RollKind::Households,
        &households(&[5], "").replace("80.01", "80.99"),
    )
    .await;
    let proof = |version| world.service.roll_proof_of(version);
    let versions = world
        .service
        .roll_versions(community(), RollKind::Households);
    let versions = versions.await.unwrap().unwrap();
    assert_eq!(
        versions.iter().map(|v| v.version).collect::<Vec<_>>(),
        [3, 2, 1]
    );
    let mut salts = std::collections::HashSet::new();
    for told in &versions {
        let found = proof(Some(told.version)).await;
        assert_eq!(found.commitment, told.commitment);
        assert_eq!(found.record.entries.len(), told.entries as usize);
        assert_eq!(
            recomputed(&found.record),
            told.commitment,
            "version {}",
            told.version
        );
        assert!(salts.insert(found.record.salt));
    }
    assert_eq!(proof(None).await.record.version, 3);
    let missing = world
        .service
        .roll_proof(community(), RollKind::Households, Some(4));
    assert_eq!(missing.await.unwrap(), Err(RollRefusal::VersionUnknown));
}

fn recomputed(record: &RollRecord) -> String {
    let entries = record.entries.iter();
    let RollRecord {
        community,
        kind,
        version,
        salt,
        ..
    } = record;
    linli_server::seal::hex(&linli_server::roll::commitment(
        community, *kind, *version, salt, entries,
    ))
}

trait ProofOf {
    async fn roll_proof_of(&self, version: Option<u32>) -> RollProof;
}

impl ProofOf for linli_server::Service {
    async fn roll_proof_of(&self, version: Option<u32>) -> RollProof {
        let found = self.roll_proof(community(), RollKind::Households, version);
        found.await.unwrap().unwrap()
    }
}

#[tokio::test]
async fn a_roll_is_read_in_pages_and_searched() {
    let world = World::new().await;
    let query = |after, search: &str, place: Option<&str>| EntriesQuery {
        community: community().clone(),
        kind: RollKind::Households,
        after,
        limit: 10,
        search: search.to_owned(),
        place: place.map(|place| PlaceId::parse(place).unwrap()),
    };
    let (mut seen, mut after, mut pages) = (Vec::new(), Some(0), 0);
    while let Some(from) = after {
        let page = world
            .service
            .roll_entries(query(from, "", None))
            .await
            .unwrap()
            .unwrap();
        seen.extend(page.lines.into_iter().map(|line| line.entry));
        after = page.next;
        pages += 1;
    }
    assert_eq!((seen.len(), pages), (24, 3));
    let cases = [
        ("24", None, 1),
        ("1", Some("grid-1"), 8),
        ("", Some("grid-2"), 8),
        ("%", None, 0),
        ("\0", None, 10),
    ];
    for (search, place, expected) in cases {
        let page = world
            .service
            .roll_entries(query(0, search, place))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(page.lines.len(), expected, "{search} in {place:?}");
    }
    let page = world
        .service
        .roll_entries(query(0, "24", None))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((&*page.lines[0].place_name, page.next), ("二网格", None));
}

#[tokio::test]
async fn the_tree_of_places_changes_only_where_nothing_is_lost() {
    let world = World::new().await;
    let node = |place: &str, name: &str, parent: Option<&str>| PlaceNode {
        id: PlaceId::parse(place).unwrap(),
        name: name.to_owned(),
        parent: parent.map(|parent| PlaceId::parse(parent).unwrap()),
    };
    let set =
        async |places: Vec<PlaceNode>| world.service.set_places(community(), places).await.unwrap();
    let root = || node("jiangpan", "江畔社区", None);
    let (one, two) = (
        || node("grid-1", "一网格", Some("jiangpan")),
        || node("grid-2", "二网格", Some("jiangpan")),
    );
    let building = || node("b1", "1 栋", Some("grid-2"));
    set(vec![root(), one(), two(), building()]).await.unwrap();
    // A household moves on; another place of the same entries is not left out.
    let gone = |place: &str| RollRefusal::PlaceInUse {
        place: PlaceId::parse(place).unwrap(),
    };
    assert_eq!(
        set(vec![root(), one(), building()]).await,
        Err(RollRefusal::PlaceMisplaced {
            place: building().id
        })
    );
    assert_eq!(set(vec![root(), one()]).await, Err(gone("grid-2")));
    set(vec![root(), one(), two()]).await.unwrap();
    // A grid that moves takes its households along.
    assert_eq!(turnout(&world, "grid").await, (0, Some(8)));
    set(vec![
        root(),
        node("grid-1", "第一网格", Some("grid-2")),
        two(),
    ])
    .await
    .unwrap();
    assert_eq!(turnout(&world, "grid").await, (0, Some(24)));
    let places = world.service.places(community()).await.unwrap().unwrap();
    assert_eq!(
        places.iter().map(|place| &*place.name).collect::<Vec<_>>(),
        ["二网格", "江畔社区", "第一网格"]
    );
    let nobody = CommunityId::parse("nowhere").unwrap();
    let nowhere = world
        .service
        .set_places(&nobody, vec![root()])
        .await
        .unwrap();
    assert_eq!(nowhere, Err(RollRefusal::CommunityUnknown));
    // A preview whose place has gone since is refused whole.
    set(vec![root(), one(), two(), building()]).await.unwrap();
    let text = households(&[], "1 栋,77 号,\n");
    let shown = preview(&world, RollKind::Households, &text).await;
    set(vec![root(), one(), two()]).await.unwrap();
    let refused = adopt(&world, &shown.draft, false).await;
    assert_eq!(
        refused,
        Err(RollRefusal::PlaceGone {
            place: building().id
        })
    );
}

/// Twelve staff adopt previews of the same version at once: how many were told that
/// theirs is the roll, and how many versions there are beside the first.
async fn race(world: &World) -> (usize, i64) {
    const RACERS: u32 = 8;
    let mut drafts = Vec::new();
    for n in 1..=RACERS {
        drafts.push(
            preview(world, RollKind::Households, &households(&[n], ""))
                .await
                .draft,
        );
    }
    let start = Arc::new(tokio::sync::Barrier::new(drafts.len()));
    let racers = drafts.into_iter().map(|draft| {
        let (service, start) = (world.service.clone(), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            let by = "racer".to_owned();
            let leave_out_errors = false;
            service
                .adopt_roll(AdoptRoll {
                    community: community().clone(),
                    draft,
                    leave_out_errors,
                    by,
                })
                .await
        })
    });
    let mut won = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap().unwrap() {
            Ok(_) => won += 1,
            Err(RollRefusal::VersionMoved {
                seen: 1,
                current: 2,
            }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    let stored = world.column(
        "SELECT count(*) FROM roll_version WHERE community_id = 'jiangpan' AND version > 1",
    );
    (won, stored[0].parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_who_adopt_at_once_one_does() {
    let world = World::new().await;
    assert_eq!(race(&world).await, (1, 1));
    // Seven previews wait; the roll is one of the eight, whole.
    let rolls = world.service.rolls(community()).await.unwrap().unwrap();
    assert_eq!((rolls[0].version, rolls[0].entries), (2, 23));
    assert_eq!(
        recomputed(&world.service.roll_proof_of(None).await.record),
        rolls[0].commitment
    );
}

/// The negative control: where the version does not move, all of them must win, else the
/// race above proves nothing.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_version_all_of_them_would() {
    let world = World::new().await;
    let statements = match &world.config.database_url {
        Some(_) => "CREATE FUNCTION still() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.version := OLD.version; RETURN NEW; END $$;
            CREATE TRIGGER still BEFORE UPDATE ON roll FOR EACH ROW EXECUTE FUNCTION still();
            ALTER TABLE roll_version DROP CONSTRAINT one_roll_of_a_version;
            ALTER TABLE roll_entry DROP CONSTRAINT roll_entry_pkey;",
        None => "CREATE TRIGGER still AFTER UPDATE ON roll WHEN NEW.version <> OLD.version BEGIN
            UPDATE roll SET version = OLD.version WHERE community_id = OLD.community_id AND kind = OLD.kind; END;
            ALTER TABLE roll_version RENAME TO strict_version;
            CREATE TABLE roll_version AS SELECT * FROM strict_version;
            ALTER TABLE roll_entry RENAME TO strict_entry;
            CREATE TABLE roll_entry AS SELECT * FROM strict_entry;",
    };
    match &world.config.database_url {
        Some(url) => drop(linli_cluster::sql(url.secret(), statements)),
        None => world.database().execute_batch(statements).unwrap(),
    }
    assert_eq!(race(&world).await, (8, 8));
}

/// A database of before rolls had versions: its households are on the roll.
#[test]
fn an_earlier_database_keeps_its_households_on_the_roll() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("old.sqlite");
    let conn = sqlite::open_to_write(&path).unwrap();
    conn.execute_batch(sqlite::MIGRATIONS[0]).unwrap();
    conn.execute_batch(
        "INSERT INTO community VALUES ('jiangpan', '江畔社区', 'Asia/Shanghai');
         INSERT INTO place VALUES ('jiangpan', 'jiangpan', NULL, '江畔社区');
         INSERT INTO household VALUES ('jiangpan', 7, 'jiangpan', '1 号', 9000);
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(conn);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        use linli_server::store::RollStore;
        let store =
            sqlite::SqliteStore::open(&path, 1, Arc::new(linli_server::SystemClock)).unwrap();
        let standing = store
            .roll_standing("jiangpan", RollKind::Households)
            .await
            .unwrap();
        let (version, standing) = standing.unwrap();
        assert_eq!(
            (
                version,
                standing.len(),
                standing[0].entry,
                standing[0].voter
            ),
            (0, 1, 7, 7)
        );
        assert_eq!(standing[0].content.registered_csqm, Some(9_000));
    });
}
