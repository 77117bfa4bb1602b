//! Recorded polls: first ballots, changes, replays, grants, codes.

use crate::world::*;
use linli_model::*;
use linli_server::receipts;

#[tokio::test]
async fn a_ballot_is_recorded_and_its_receipt_is_genuine() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let recorded = world
        .cast("recorded", &grant, 1, options(&["b"]), None)
        .await
        .unwrap();
    let receipt = &recorded.reply.receipt;
    assert!(!recorded.replayed);
    assert_eq!((receipt.revision, receipt.cast_at_ms), (1, Some(NOW)));
    let keys = world.service.receipt_keys();
    receipts::verify(receipt, &keys).unwrap();
    receipts::verify_opening(receipt, &recorded.reply.opening).unwrap();
    let standing = world
        .service
        .standing(&id("recorded"), &grant, None, CALLER)
        .await
        .unwrap();
    assert_eq!(
        standing,
        Standing {
            voted: true,
            reply: Some(recorded.reply.clone())
        }
    );
}

#[tokio::test]
async fn an_altered_receipt_is_found_out() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let reply = world
        .cast("recorded", &grant, 1, options(&["b"]), None)
        .await
        .unwrap()
        .reply;
    let keys = world.service.receipt_keys();
    type Alter = fn(&mut Receipt);
    let alterations: [Alter; 7] = [
        |r| r.revision = 2,
        |r| r.cast_at_ms = Some(NOW + 1),
        |r| r.topic = id("never"),
        |r| {
            r.commitment.replace_range(
                0..1,
                if r.commitment.starts_with('0') {
                    "1"
                } else {
                    "0"
                },
            )
        },
        |r| r.code = "0000-0000-0000".to_owned(),
        |r| {
            r.signature.replace_range(
                0..2,
                if r.signature.starts_with("00") {
                    "01"
                } else {
                    "00"
                },
            )
        },
        |r| r.version = 2,
    ];
    for (index, alter) in alterations.iter().enumerate() {
        let mut receipt = reply.receipt.clone();
        alter(&mut receipt);
        assert!(
            receipts::verify(&receipt, &keys).is_err(),
            "alteration {index}"
        );
    }
    let mut opening = reply.opening.clone();
    opening.choice = options(&["a"]);
    assert!(receipts::verify_opening(&reply.receipt, &opening).is_err());
}

#[tokio::test]
async fn the_same_command_has_one_effect_and_one_receipt() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let first = world
        .cast("recorded", &grant, 1, options(&["b"]), None)
        .await
        .unwrap();
    let again = world
        .cast("recorded", &grant, 1, options(&["b"]), None)
        .await
        .unwrap();
    assert!(again.replayed);
    assert_eq!(again.reply, first.reply);
    let other = world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await;
    assert_eq!(other.unwrap_err(), Refusal::KeyReused);
    // A newer ballot does not take the older command's receipt away.
    let second = world
        .cast("recorded", &grant, 2, options(&["a"]), None)
        .await
        .unwrap();
    assert_eq!(second.reply.receipt.revision, 2);
    let again = world
        .cast("recorded", &grant, 1, options(&["b"]), None)
        .await
        .unwrap();
    assert_eq!(again.reply, first.reply);
    let reused = world
        .cast("recorded", &grant, 1, options(&["c"]), None)
        .await;
    assert_eq!(reused.unwrap_err(), Refusal::KeyReused);
    // Also after a restart, and after closing with the grant long expired.
    let world = world.restart().await;
    world.clock.set(NOW + 100 * HOUR);
    let again = world
        .cast("recorded", &grant, 2, options(&["a"]), None)
        .await
        .unwrap();
    assert_eq!(again.reply, second.reply);
    let late = world
        .cast("recorded", &grant, 3, options(&["a"]), None)
        .await;
    assert_eq!(
        late.unwrap_err(),
        Refusal::Closed {
            closed_at_ms: NOW + HOUR
        }
    );
    // Keys belong to a voter: another household may happen to make the same.
    world.clock.set(NOW);
    let neighbour = world.grant("recorded", 2).await;
    let theirs = world
        .cast("recorded", &neighbour, 1, options(&["c"]), None)
        .await
        .unwrap();
    assert!(!theirs.replayed);
}

#[tokio::test]
async fn the_last_ballot_counts_where_changes_are_allowed() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    for (key, option) in [(1, "a"), (2, "b"), (3, "c")] {
        let recorded = world
            .cast("recorded", &grant, key, options(&[option]), None)
            .await
            .unwrap();
        assert_eq!(u128::from(recorded.reply.receipt.revision), key);
    }
    let result = world
        .service
        .topic(&id("recorded"))
        .await
        .unwrap()
        .result
        .unwrap();
    let votes: Vec<u64> = result.counts.iter().map(|count| count.votes).collect();
    assert_eq!((votes, result.turnout.cast), (vec![0, 0, 1], 1));
}

#[tokio::test]
async fn a_second_ballot_is_refused_where_changes_are_not_allowed() {
    let world = World::new().await;
    let grant = world.grant("never", 1).await;
    world
        .cast("never", &grant, 1, motion(Stance::Yes), None)
        .await
        .unwrap();
    let second_phone = world.grant("never", 1).await;
    for (grant, key) in [(&grant, 2), (&second_phone, 3)] {
        let second = world
            .cast("never", grant, key, motion(Stance::No), None)
            .await;
        assert_eq!(second.unwrap_err(), Refusal::AlreadyVoted);
    }
}

#[tokio::test]
async fn rules_run_in_the_transaction() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    let option = |id: &str| OptionId::parse(id).unwrap();
    let cases = [
        (options(&[]), ChoiceFault::TooFew { min: 1, chosen: 0 }),
        (
            options(&["a", "b"]),
            ChoiceFault::TooMany { max: 1, chosen: 2 },
        ),
        (
            options(&["z"]),
            ChoiceFault::UnknownOption {
                option: option("z"),
            },
        ),
        (
            options(&["a", "a"]),
            ChoiceFault::Repeated {
                option: option("a"),
            },
        ),
        (motion(Stance::Yes), ChoiceFault::WrongKind),
    ];
    for (choice, fault) in cases {
        let refused = world
            .cast("recorded", &grant, 1, choice, None)
            .await
            .unwrap_err();
        assert_eq!(refused, Refusal::ChoiceInvalid { fault });
    }
    let unexpected = world
        .cast("recorded", &grant, 1, options(&["a"]), Some(1))
        .await;
    assert_eq!(unexpected.unwrap_err(), Refusal::BallotSecretUnexpected);
    assert_eq!(
        world
            .service
            .topic(&id("recorded"))
            .await
            .unwrap()
            .turnout
            .cast,
        0
    );
}

#[tokio::test]
async fn the_clock_of_the_transaction_decides() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    world.clock.set(NOW + HOUR - 1);
    world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap();
    world.clock.set(NOW + HOUR);
    let late = world
        .cast("recorded", &grant, 2, options(&["b"]), None)
        .await;
    assert_eq!(
        late.unwrap_err(),
        Refusal::Closed {
            closed_at_ms: NOW + HOUR
        }
    );
    world.identify("upcoming", &long_code(1)).await.unwrap();
    world.clock.set(NOW);
    let early = world.identify("upcoming", &long_code(1)).await;
    assert_eq!(
        early.unwrap_err(),
        Refusal::NotYetOpen {
            opens_at_ms: NOW + HOUR
        }
    );
}

#[tokio::test]
async fn grants_are_for_one_poll_and_a_limited_time() {
    let world = World::new().await;
    let grant = world.identify("recorded", &long_code(1)).await.unwrap();
    assert_eq!(grant.expires_at_ms, NOW + HOUR, "at most until closing");
    let elsewhere = world
        .cast("never", &grant.token, 1, motion(Stance::Yes), None)
        .await;
    assert_eq!(elsewhere.unwrap_err(), Refusal::GrantInvalid);
    let token = grant.token.as_str();
    let stored = match world.config.database_url {
        Some(_) => format!("strpos(encode(token_hash, 'escape'), '{token}') > 0"),
        None => format!("instr(token_hash, '{token}')"),
    };
    let stored = world.count(&format!("cast_grant WHERE {stored}"));
    assert_eq!(stored, 0, "only a hash is stored");
    world.clock.set(NOW + HOUR);
    let standing = world
        .service
        .standing(&id("recorded"), &grant.token, None, CALLER)
        .await;
    assert_eq!(refusal(standing).unwrap_err(), Refusal::GrantExpired);
}

#[tokio::test]
async fn both_codes_find_the_household_and_its_place_must_fit() {
    let world = World::new().await;
    for code in [
        long_code(1),
        "aaa1 0000 0001".to_owned(),
        "ＡＡＡ１－００００－０００１".to_owned(),
        "AAAI-OOOO-OOOL".to_owned(),
    ] {
        assert_eq!(
            world.identify("recorded", &code).await.unwrap().voter,
            "1 号",
            "{code}"
        );
    }
    // The topic concerns grid 2 only: household 1 lives in grid 1, household 20 in grid 2.
    assert!(matches!(
        world.identify("grid", &long_code(1)).await,
        Err(Refusal::CodeUnknown { .. })
    ));
    assert_eq!(
        world.identify("grid", &long_code(20)).await.unwrap().voter,
        "20 号"
    );
    // Another community's code means nothing here.
    assert!(matches!(
        world.identify("recorded", &long_code(900)).await,
        Err(Refusal::CodeUnknown { .. })
    ));
}

#[tokio::test]
async fn guessing_ends_in_growing_pauses_that_a_restart_keeps() {
    let world = World::new().await;
    for left in (0..5).rev() {
        let wrong = world.identify("recorded", "AAA1-0000-0002").await;
        assert_eq!(
            wrong.unwrap_err(),
            Refusal::CodeUnknown {
                attempts_left: left
            }
        );
    }
    let pause = Refusal::TooManyAttempts {
        retry_after_ms: 60_000,
    };
    // The right code does not help while the pause lasts: else guessing could go on.
    assert_eq!(
        world
            .identify("recorded", "AAA1-0000-0001")
            .await
            .unwrap_err(),
        pause
    );
    let world = world.restart().await;
    assert_eq!(
        world
            .identify("recorded", "AAA1-0000-0001")
            .await
            .unwrap_err(),
        pause
    );
    // Other households, and the scanned code of this one, are not concerned.
    world.identify("recorded", "AAA2-0000-0002").await.unwrap();
    world.identify("recorded", &long_code(1)).await.unwrap();
    world.clock.set(NOW + 60_000);
    world.identify("recorded", "AAA1-0000-0001").await.unwrap();
    // A right try forgets the wrong ones.
    let wrong = world.identify("recorded", "AAA1-0000-0002").await;
    assert_eq!(
        wrong.unwrap_err(),
        Refusal::CodeUnknown { attempts_left: 4 }
    );
}

#[tokio::test]
async fn tries_at_the_same_moment_do_not_slip_through() {
    let world = World::new().await;
    let tries = (0..40).map(|n| {
        let (service, code) = (world.service.clone(), format!("AAA1-0000-00{:02}", n + 10));
        tokio::spawn(async move {
            let proof = Proof::HouseholdCode { code };
            refusal(service.identify(&id("recorded"), &proof, CALLER).await).unwrap_err()
        })
    });
    let mut looked_at = 0;
    for one in tries.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Refusal::CodeUnknown { .. } => looked_at += 1,
            Refusal::TooManyAttempts { .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn a_device_is_one_voter_in_device_polls_only() {
    let world = World::new().await;
    let device = Proof::Device {
        device: DeviceId::from_bytes([7; 16]),
    };
    let weak = world
        .service
        .identify(&id("recorded"), &device, CALLER)
        .await;
    assert_eq!(
        refusal(weak).unwrap_err(),
        Refusal::CredentialTooWeak {
            needs: Credential::HouseholdCode
        }
    );
    for (key, revision) in [(1, 1), (2, 2)] {
        let grant = world
            .service
            .identify(&id("devices"), &device, CALLER)
            .await
            .unwrap();
        let recorded = world
            .cast("devices", &grant.token, key, motion(Stance::Yes), None)
            .await
            .unwrap();
        assert_eq!(recorded.reply.receipt.revision, revision);
    }
    let code = world.identify("devices", &long_code(1)).await;
    assert_eq!(code.unwrap_err(), Refusal::Unsupported);
}

#[tokio::test]
async fn an_import_cannot_change_what_was_voted_on() {
    let world = World::new().await;
    let grant = world.grant("recorded", 1).await;
    world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap();
    let mut file = import_file();
    file["topics"][0]["title"] = "新的标题".into();
    file["topics"][0]["poll"]["closes_at_ms"] = (NOW + 2 * HOUR).into();
    world.service.import_text(&file.to_string()).await.unwrap();
    let view = world.service.topic(&id("recorded")).await.unwrap();
    assert_eq!(view.topic.title, "新的标题");
    file["topics"][0]["poll"]["secrecy"] = "secret".into();
    let refused = world
        .service
        .import_text(&file.to_string())
        .await
        .unwrap_err();
    assert!(refused.0.contains("has ballots"), "{refused}");
}

#[tokio::test]
async fn importing_again_changes_nothing() {
    let world = World::new().await;
    let rows = |world: &World| -> Vec<i64> {
        [
            "household",
            "typed_code",
            "scanned_code",
            "place",
            "topic",
            "community",
        ]
        .iter()
        .map(|table| world.count(table))
        .collect()
    };
    let before = rows(&world);
    let file = import_file().to_string();
    assert!(!world.service.import_text(&file).await.unwrap().changed);
    let report = world
        .service
        .import_text(&format!("{file}\n"))
        .await
        .unwrap();
    assert_eq!(
        (report.changed, report.households_added, report.codes_set),
        (true, 0, 0)
    );
    assert_eq!(rows(&world), before);
    world.identify("recorded", "AAA1-0000-0001").await.unwrap();
}
