//! Wire v1, held by golden files: `tests/cases/wire/v1/<type>.json`, an object of named
//! cases each.
//!
//! What is there stays readable and is written the same for ever. There are two readers
//! (serde's and [`tree`]'s): they must agree on every case, also on every damaged one.
//! A new variant does not compile here until it is listed, and is not accepted until it
//! has a case.

use linli_model::tree::{self, FromTree};
use linli_model::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::fmt::Debug;
use std::path::Path;

/// Reads and rewrites every case of a file; gives what was read.
fn goldens<T>(name: &str) -> Vec<T>
where
    T: DeserializeOwned + Serialize + PartialEq + Debug,
{
    cases(name)
        .into_iter()
        .map(|(case, golden)| {
            let read: T = serde_json::from_value(golden.clone())
                .unwrap_or_else(|error| panic!("{name}/{case}: {error}"));
            let written = serde_json::to_value(&read).expect("the model is JSON");
            assert_eq!(written, golden, "{name}/{case} is written differently");
            read
        })
        .collect()
}

fn cases(name: &str) -> Map<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/wire/v1");
    let text = std::fs::read_to_string(folder.join(name).with_extension("json"))
        .unwrap_or_else(|error| panic!("{name}.json: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}.json: {error}"))
}

/// Both readers on a value that clients receive: the same result for the case, for the
/// case with members of a later version, and for every way to damage it.
fn both_read<T>(name: &str)
where
    T: DeserializeOwned + Serialize + FromTree + PartialEq + Debug,
{
    let serde = |value: &Value| serde_json::from_value::<T>(value.clone()).ok();
    let tree = |value: &Value| tree::read::<T>(&value.to_string());
    let known = goldens::<T>(name);
    for ((case, golden), known) in cases(name).into_iter().zip(known) {
        assert_eq!(
            tree(&golden).as_ref(),
            Some(&known),
            "{name}/{case} as a tree"
        );
        let mut later = golden.clone();
        add_members(&mut later);
        assert_eq!(
            serde(&later).as_ref(),
            Some(&known),
            "{name}/{case} from a later version"
        );
        assert_eq!(
            tree(&later).as_ref(),
            Some(&known),
            "{name}/{case} from a later version"
        );
        for (damage, damaged) in damages(&golden) {
            assert_eq!(
                serde(&damaged),
                tree(&damaged),
                "{name}/{case} {damage}: {damaged}"
            );
        }
    }
}

/// Puts a member that no version has into every object.
fn add_members(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(add_members);
            members.insert("from_the_future".to_owned(), json!({ "x": [1, null] }));
        }
        Value::Array(items) => items.iter_mut().for_each(add_members),
        _ => {}
    }
}

/// The value with one member missing or of another type, at every place.
fn damages(value: &Value) -> Vec<(String, Value)> {
    let mut damaged: Vec<_> = [
        json!(null),
        json!(true),
        json!(-1),
        json!("x"),
        json!([]),
        json!({}),
    ]
    .into_iter()
    .map(|other| (format!("is {other}"), other))
    .collect();
    if let Value::Object(members) = value {
        for (name, member) in members {
            let mut without = members.clone();
            without.remove(name);
            damaged.push((format!("without {name}"), Value::Object(without)));
            for (damage, other) in damages(member) {
                let mut with = members.clone();
                with.insert(name.clone(), other);
                damaged.push((format!("{name} {damage}"), Value::Object(with)));
            }
        }
    }
    if let Value::Array(items) = value {
        for (index, item) in items.iter().enumerate() {
            for (damage, other) in damages(item) {
                let mut with = items.clone();
                with[index] = other;
                damaged.push((format!("[{index}] {damage}"), Value::Array(with)));
            }
        }
    }
    damaged
}

/// Fails to compile when a variant is not listed, and to pass when it has no case.
macro_rules! every_variant {
    ($cases:expr, $type:ident { $($variant:ident $({ $($rest:tt)+ })?),+ $(,)? }) => {{
        let names = [$(stringify!($variant)),+];
        let mut seen = vec![false; names.len()];
        for case in $cases {
            let name = match case {
                $($type::$variant $({ $($rest)+ })? => stringify!($variant)),+
            };
            if let Some(place) = names.iter().position(|known| *known == name) {
                seen[place] = true;
            }
        }
        let missing: Vec<_> = names.iter().zip(seen).filter(|(_, seen)| !seen).collect();
        assert!(missing.is_empty(), "no case for {missing:?} of {}", stringify!($type));
    }};
}

#[test]
fn words_have_goldens() {
    every_variant!(goldens("stance"), Stance { Yes, No, Abstain });
    every_variant!(
        goldens("credential"),
        Credential {
            Device,
            Otp,
            HostToken,
            HouseholdCode
        }
    );
    every_variant!(
        goldens("poll_nature"),
        PollNature {
            Consultation,
            Formal
        }
    );
    every_variant!(
        goldens("electorate"),
        Electorate {
            Households,
            Devices,
            Persons,
            Owners,
            Tenants,
            Members
        }
    );
    every_variant!(goldens("secrecy"), Secrecy { Recorded, Secret });
    every_variant!(
        goldens("changes"),
        Changes {
            UntilClosing,
            Never
        }
    );
    every_variant!(
        goldens("results_visibility"),
        ResultsVisibility { AfterClosing, Live }
    );
    every_variant!(
        goldens("phase"),
        Phase {
            Upcoming,
            Open,
            Closed
        }
    );
    every_variant!(
        goldens("base"),
        Base {
            Eligible,
            Participating
        }
    );
    every_variant!(goldens("bound"), Bound { AtLeast, MoreThan });
    every_variant!(
        goldens("silence"),
        Silence {
            Apart,
            Follow,
            Participate
        }
    );
    every_variant!(
        goldens("owner_vote"),
        OwnerVote {
            Yes,
            No,
            Abstain,
            Follow
        }
    );
    every_variant!(
        goldens("threshold"),
        Threshold {
            Participation,
            Approval,
            Other
        }
    );
    every_variant!(goldens("measure"), Measure { Heads, Area, Other });
    every_variant!(
        goldens("block"),
        Block {
            Consultation,
            BasisMissing,
            CitationMissing,
            AreasMissing,
            Other
        }
    );
}

#[test]
fn tagged_enums_have_goldens() {
    every_variant!(goldens("choice"), Choice { Motion { .. }, Options { .. } });
    every_variant!(goldens("proof"), Proof { Device { .. }, HouseholdCode { .. }, OneTimePassword { .. }, HostToken { .. } });
    every_variant!(
        goldens("poll_kind"),
        PollKind { Motion, SingleChoice { .. }, MultipleChoice { .. } }
    );
    every_variant!(
        goldens("outcome"),
        Outcome { NoBallots, Leading { .. }, Tied { .. }, Carried, Lost, NotQuorate, Undetermined, Other }
    );
    every_variant!(
        goldens("ruling"),
        Ruling { NoBallots, NotQuorate, Carried, Lost, Undetermined { .. }, Other }
    );
    every_variant!(
        goldens("count_fault"),
        CountFault {
            LimitInvalid, MatterUnknown { .. }, ElectionElsewhere, TooManyBallots { .. },
            ChoiceInvalid { .. }, TooLarge, FollowingBasisMissing, NoUnits, NoAreas,
            UnitRepeated { .. }, OwnerMissing { .. }, AreaTooLarge { .. }, OwnerUnknown { .. },
            DeveloperHoldsNothing, VoterAmbiguous { .. }, BallotRepeated { .. },
            DeveloperBallotRepeated, TooManyMandates { .. }, Other,
        }
    );
    every_variant!(
        goldens("choice_fault"),
        ChoiceFault {
            WrongKind, UnknownOption { .. }, Repeated { .. }, TooFew { .. }, TooMany { .. }, Other
        }
    );
    every_variant!(
        goldens("refusal"),
        Refusal {
            TopicUnknown, NotYetOpen { .. }, Closed { .. }, AlreadyVoted, BallotSecretLost,
            BallotSecretTaken, BallotSecretMissing, BallotSecretUnexpected, ChoiceInvalid { .. },
            CodeUnknown { .. }, CodeAmbiguous, TooManyAttempts { .. }, CredentialTooWeak { .. }, TokenInvalid, OnBehalfSecret, GrantExpired,
            GrantInvalid, KeyReused, KeyInvalid, FormalElsewhere, Unsupported, Malformed,
            TooLarge { .. }, MediaTypeUnsupported, OriginNotAllowed, NotFound, MethodNotAllowed,
            Busy { .. }, Other,
        }
    );
}

#[test]
fn requests_have_goldens_and_refuse_what_they_do_not_know() {
    goldens::<IdentifyRequest>("identify_request");
    goldens::<OtpRequest>("otp_request");
    goldens::<CastBallot>("cast_ballot");
    goldens::<OptionsCount>("options_count");
    goldens::<MajorityCount>("majority_count");
    goldens::<PollRule>("poll_rule");
    goldens::<OwnersCount>("owners_count");
    let refused = |name: &str, read: &dyn Fn(Value) -> bool| {
        for (case, mut golden) in cases(name) {
            golden["from_the_future"] = json!(1);
            assert!(
                !read(golden),
                "{name}/{case}: a misspelt member must not pass unseen"
            );
        }
    };
    refused("identify_request", &|v| {
        serde_json::from_value::<IdentifyRequest>(v).is_ok()
    });
    refused("otp_request", &|v| {
        serde_json::from_value::<OtpRequest>(v).is_ok()
    });
    refused("cast_ballot", &|v| {
        serde_json::from_value::<CastBallot>(v).is_ok()
    });
    refused("options_count", &|v| {
        serde_json::from_value::<OptionsCount>(v).is_ok()
    });
    refused("majority_count", &|v| {
        serde_json::from_value::<MajorityCount>(v).is_ok()
    });
    refused("owners_count", &|v| {
        serde_json::from_value::<OwnersCount>(v).is_ok()
    });
}

#[test]
fn both_readers_agree_on_what_clients_receive() {
    both_read::<TopicView>("topic_view");
    both_read::<Grant>("grant");
    both_read::<Standing>("standing");
    both_read::<CastReply>("cast_reply");
    both_read::<ReceiptKeys>("receipt_keys");
    both_read::<Refusal>("refusal");
    both_read::<ChoiceFault>("choice_fault");
    both_read::<Outcome>("outcome");
    both_read::<PollKind>("poll_kind");
    both_read::<Choice>("choice");
    both_read::<Verdict>("verdict");
    both_read::<Ruling>("ruling");
    both_read::<CountFault>("count_fault");
    both_read::<Limit>("limit");
    both_read::<Silence>("silence");
    both_read::<Base>("base");
    both_read::<Bound>("bound");
    both_read::<Threshold>("threshold");
    both_read::<Measure>("measure");
    both_read::<Block>("block");
}

#[test]
fn unknown_variants_are_tolerated_where_promised() {
    fn reads<T: DeserializeOwned + FromTree + PartialEq + Debug>(json: &str, expected: &T) {
        assert_eq!(
            serde_json::from_str::<T>(json).ok().as_ref(),
            Some(expected),
            "{json}"
        );
        assert_eq!(tree::read::<T>(json).as_ref(), Some(expected), "{json}");
    }
    reads(r#"{"code":"moon_phase","x":1}"#, &Refusal::Other);
    reads(
        r#"{"code":"credential_too_weak","needs":"national_identity"}"#,
        &Refusal::Other,
    );
    reads(r#"{"type":"too_blue","hue":3}"#, &ChoiceFault::Other);
    reads(r#"{"type":"hung","margin":0}"#, &Outcome::Other);
    reads(r#"{"type":"hung","margin":0}"#, &Ruling::Other);
    reads(r#"{"type":"hung","margin":0}"#, &CountFault::Other);
    reads(r#""households""#, &Measure::Other);
    reads(r#""dissent""#, &Threshold::Other);
    reads(r#""full_moon""#, &Block::Other);
    let fault = ChoiceFault::Other;
    let nested = r#"{"code":"choice_invalid","fault":{"type":"too_blue"}}"#;
    reads(nested, &Refusal::ChoiceInvalid { fault });
}

#[test]
fn every_refusal_is_written_with_its_code() {
    for refusal in goldens::<Refusal>("refusal") {
        let written = serde_json::to_value(&refusal).unwrap();
        assert_eq!(written["code"], refusal.code());
    }
}

#[test]
fn every_golden_file_is_read_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/wire/v1");
    let source = include_str!("wire.rs");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            source.contains(&format!("(\"{name}\"")),
            "{name}.json is read by no test"
        );
    }
}
