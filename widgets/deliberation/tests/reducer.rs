//! The reducer, through its actions: what a person does, what the world answers, and
//! what is on screen then. Clock and chance are pinned.

use linli_deliberation::state::{
    Action, Effect, Env, Keepsake, Keepsakes, Problem, ProgressStep, Recorded, Stage, State,
    TopicState, Trouble, Voter, code_is_whole, reduce, refresh_in_ms,
};
use linli_model::*;
use linli_port::{Capabilities, CastCommand, Pending, PortError, Settlement, Step};

const NOW: i64 = 1_000_000;
const ENV: Env = Env {
    now_ms: NOW,
    chance: [[1; 16], [2; 16]],
};

fn full() -> Capabilities {
    Capabilities {
        topics: true,
        receipts: true,
        standing: true,
        formal: false,
    }
}

fn id<T, E: std::fmt::Debug>(parse: impl Fn(&str) -> Result<T, E>, text: &str) -> T {
    parse(text).expect("test identifiers are valid")
}

fn opt(text: &str) -> OptionId {
    id(OptionId::parse, text)
}

fn options() -> Vec<PollOption> {
    ["a", "b", "c"]
        .map(|name| PollOption {
            id: opt(name),
            text: name.to_uppercase(),
            detail: String::new(),
        })
        .to_vec()
}

fn topic() -> TopicView {
    TopicView {
        topic: Topic {
            id: id(TopicId::parse, "t"),
            community: CommunityRef {
                id: id(CommunityId::parse, "c"),
                name: "江畔社区".into(),
                time_zone: "Asia/Shanghai".into(),
            },
            place: PlaceRef {
                id: id(PlaceId::parse, "p"),
                name: "二网格".into(),
            },
            lang: "zh-Hans".into(),
            title: "3 号楼前空地，改成什么？".into(),
            summary: String::new(),
            poll: Poll {
                id: id(PollId::parse, "q"),
                question: String::new(),
                kind: PollKind::SingleChoice { options: options() },
                nature: PollNature::Consultation,
                electorate: Electorate::Households,
                credential: Credential::HouseholdCode,
                secrecy: Secrecy::Recorded,
                changes: Changes::UntilClosing,
                results: ResultsVisibility::AfterClosing,
                opens_at_ms: 0,
                closes_at_ms: NOW + 3_600_000,
                rule: None,
                work_bits: None,
            },
        },
        phase: Phase::Open,
        turnout: Turnout {
            cast: 87,
            eligible: Some(240),
        },
        result: None,
    }
}

fn loaded(change: impl FnOnce(&mut TopicView)) -> State {
    let mut view = topic();
    change(&mut view);
    let mut state = State::new(full());
    reduce(&mut state, Action::TopicAnswered(Ok(Box::new(view))), &ENV);
    state
}

fn token(text: &str) -> GrantToken {
    id(GrantToken::parse, text)
}

fn pick(names: &[&str]) -> Choice {
    Choice::Options {
        options: names.iter().map(|name| opt(name)).collect(),
    }
}

fn reply(choice: Choice, revision: u32) -> CastReply {
    CastReply {
        receipt: Receipt {
            version: 1,
            code: "7Q4M-KX2P-9TDA".into(),
            community: id(CommunityId::parse, "c"),
            topic: id(TopicId::parse, "t"),
            poll: id(PollId::parse, "q"),
            secrecy: Secrecy::Recorded,
            revision,
            commitment: "0".repeat(64),
            cast_at_ms: Some(NOW),
            key_id: "k".into(),
            on_behalf: false,
            signature: "s".into(),
        },
        opening: Opening {
            choice,
            nonce: "0".repeat(64),
        },
    }
}

fn grant(voted: bool, reply: Option<CastReply>) -> Grant {
    Grant {
        token: token("g1"),
        poll: id(PollId::parse, "q"),
        voter: "8 栋 2 单元 301".into(),
        expires_at_ms: NOW + 60_000,
        standing: Standing { voted, reply },
    }
}

/// Chooses `a`, asks to vote, types a whole code and submits it.
fn identify_for_a(state: &mut State) -> Vec<Effect> {
    reduce(state, Action::Toggled(opt("a")), &ENV);
    reduce(state, Action::Submitted, &ENV);
    reduce(state, Action::CodeTyped("7q4m-kx2p-9tda".into()), &ENV);
    reduce(state, Action::Submitted, &ENV)
}

fn cast_command(effects: &[Effect]) -> CastCommand {
    let cast = effects.iter().find_map(|effect| match effect {
        Effect::Cast(command) => Some((**command).clone()),
        _ => None,
    });
    cast.unwrap_or_else(|| panic!("no cast in {effects:?}"))
}

fn settle(state: &mut State, command: &CastCommand, settlement: Settlement) -> Vec<Effect> {
    let step = Step::Settled(settlement);
    reduce(
        state,
        Action::Stepped(Box::new(command.clone()), step),
        &ENV,
    )
}

#[test]
fn two_taps_and_a_code_cast_a_vote() {
    let mut state = loaded(|_| {});
    reduce(&mut state, Action::Toggled(opt("b")), &ENV);
    reduce(&mut state, Action::Submitted, &ENV);
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem: None
        }
    );
    reduce(&mut state, Action::CodeTyped("7Q4M-KX2P-9TDA".into()), &ENV);
    let effects = reduce(&mut state, Action::Submitted, &ENV);
    assert_eq!(effects, [Effect::IdentifyCode("7Q4M-KX2P-9TDA".into())]);
    let effects = reduce(&mut state, Action::Identified(Ok(grant(false, None))), &ENV);
    let command = cast_command(&effects);
    assert_eq!(command.ballot.choice, pick(&["b"]));
    assert_eq!(command.key, IdempotencyKey::from_bytes([1; 16]));
    assert_eq!(command.ballot.secret, None);
    assert!(state.code.is_empty(), "the code is not kept");
    let reply = reply(pick(&["b"]), 1);
    let effects = settle(
        &mut state,
        &command,
        Settlement::Recorded(Box::new(reply.clone())),
    );
    assert_eq!(state.stage, Stage::Receipt);
    assert!(effects.contains(&Effect::TellSubmitted { recorded: true }));
    assert_eq!(state.reply(), Some(&reply));
    assert_eq!(state.keepsakes.current.as_deref(), Some("8 栋 2 单元 301"));
}

#[test]
fn a_device_poll_needs_no_form() {
    let mut state = loaded(|view| {
        view.topic.poll.credential = Credential::Device;
        view.topic.poll.electorate = Electorate::Devices;
    });
    reduce(&mut state, Action::Toggled(opt("a")), &ENV);
    assert_eq!(
        reduce(&mut state, Action::Submitted, &ENV),
        [Effect::IdentifyDevice]
    );
    // A second, impatient tap does nothing more.
    assert_eq!(reduce(&mut state, Action::Submitted, &ENV), []);
}

#[test]
fn a_tap_on_send_while_sending_does_nothing() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let effects = reduce(&mut state, Action::Identified(Ok(grant(false, None))), &ENV);
    cast_command(&effects);
    assert_eq!(reduce(&mut state, Action::Submitted, &ENV), []);
}

#[test]
fn an_incomplete_choice_stays_and_says_why() {
    let mut state = loaded(|view| {
        view.topic.poll.kind = PollKind::MultipleChoice {
            options: options(),
            min: 2,
            max: 2,
        };
    });
    reduce(&mut state, Action::Toggled(opt("a")), &ENV);
    assert_eq!(reduce(&mut state, Action::Submitted, &ENV), []);
    assert_eq!(
        state.draft_fault,
        Some(ChoiceFault::TooFew { min: 2, chosen: 1 })
    );
    for name in ["b", "c"] {
        reduce(&mut state, Action::Toggled(opt(name)), &ENV);
    }
    assert_eq!(state.draft_fault, None, "a new tap clears the message");
    reduce(&mut state, Action::Submitted, &ENV);
    assert_eq!(
        state.draft_fault,
        Some(ChoiceFault::TooMany { max: 2, chosen: 3 })
    );
    reduce(&mut state, Action::Toggled(opt("a")), &ENV);
    assert_eq!(state.draft, [opt("b"), opt("c")]);
}

#[test]
fn a_motion_takes_a_stance() {
    let mut state = loaded(|view| view.topic.poll.kind = PollKind::Motion);
    reduce(&mut state, Action::Toggled(opt("no")), &ENV);
    reduce(&mut state, Action::Toggled(opt("abstain")), &ENV);
    assert_eq!(
        state.draft_choice(),
        Some(Choice::Motion {
            stance: Stance::Abstain
        })
    );
}

#[test]
fn half_a_code_is_not_sent() {
    let mut state = loaded(|_| {});
    reduce(&mut state, Action::Toggled(opt("a")), &ENV);
    reduce(&mut state, Action::Submitted, &ENV);
    reduce(&mut state, Action::CodeTyped("7q4m".into()), &ENV);
    assert_eq!(reduce(&mut state, Action::Submitted, &ENV), []);
    let problem = Some(Problem::CodeMalformed);
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem
        }
    );
    for (code, whole) in [
        ("7Q4M KX2P 9TDA", true),
        ("７Ｑ４Ｍ—ＫＸ２Ｐ—９ＴＤＡ", true),
        ("7Q4MKX2P9TDAA", false),
        ("", false),
        (&"a".repeat(26), true),
    ] {
        assert_eq!(code_is_whole(code), whole, "{code}");
    }
}

#[test]
fn a_wrong_code_keeps_the_choice_and_the_typed_text() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let refusal = Refusal::CodeUnknown { attempts_left: 3 };
    reduce(
        &mut state,
        Action::Identified(Err(refusal.clone().into())),
        &ENV,
    );
    let problem = Some(Problem::Refused(refusal));
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem
        }
    );
    assert_eq!(state.code, "7q4m-kx2p-9tda");
    assert_eq!(state.draft, [opt("a")]);
    reduce(&mut state, Action::CodeTyped("7q4m-kx2p-9tdb".into()), &ENV);
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem: None
        }
    );
}

#[test]
fn no_network_while_identifying_says_so() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    reduce(
        &mut state,
        Action::Identified(Err(PortError::Unreachable)),
        &ENV,
    );
    let problem = Some(Problem::Trouble(Trouble::Unreachable));
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem
        }
    );
}

#[test]
fn a_family_member_who_voted_is_not_overwritten_unasked() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let earlier = reply(pick(&["c"]), 1);
    let answer = Action::Identified(Ok(grant(true, Some(earlier))));
    reduce(&mut state, answer.clone(), &ENV);
    assert_eq!(state.stage, Stage::Confirming);

    let mut keeps = state.clone();
    reduce(&mut keeps, Action::Back, &ENV);
    assert_eq!(keeps.stage, Stage::Receipt);
    assert_eq!(
        keeps.reply().map(|reply| &reply.opening.choice),
        Some(&pick(&["c"]))
    );

    let command = cast_command(&reduce(&mut state, Action::Submitted, &ENV));
    assert_eq!(command.ballot.choice, pick(&["a"]));
}

#[test]
fn the_same_choice_again_needs_no_second_ballot() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let earlier = reply(pick(&["a"]), 1);
    let effects = reduce(
        &mut state,
        Action::Identified(Ok(grant(true, Some(earlier)))),
        &ENV,
    );
    assert_eq!(state.stage, Stage::Receipt);
    assert!(
        !effects
            .iter()
            .any(|effect| matches!(effect, Effect::Cast(_)))
    );
}

#[test]
fn a_final_poll_refuses_a_second_ballot_before_it_is_sent() {
    let mut state = loaded(|view| view.topic.poll.changes = Changes::Never);
    identify_for_a(&mut state);
    let earlier = reply(pick(&["c"]), 1);
    let effects = reduce(
        &mut state,
        Action::Identified(Ok(grant(true, Some(earlier)))),
        &ENV,
    );
    assert_eq!(state.stage, Stage::Refused(Refusal::AlreadyVoted));
    assert!(effects.contains(&Effect::TellRefused("already_voted".into())));
    reduce(&mut state, Action::Back, &ENV);
    assert_eq!(
        state.stage,
        Stage::Receipt,
        "the recorded ballot is what there is to see"
    );
}

#[test]
fn a_secret_poll_keeps_one_secret_per_household() {
    let secret = |state: &mut State| {
        let command = cast_command(&reduce(state, Action::Submitted, &ENV));
        command.ballot.secret
    };
    let mut state = loaded(|view| view.topic.poll.secrecy = Secrecy::Secret);
    identify_for_a(&mut state);
    let effects = reduce(&mut state, Action::Identified(Ok(grant(false, None))), &ENV);
    let first = cast_command(&effects);
    assert_eq!(first.ballot.secret, Some(BallotSecret::from_bytes([2; 16])));
    settle(
        &mut state,
        &first,
        Settlement::Recorded(Box::new(reply(pick(&["a"]), 1))),
    );

    reduce(&mut state, Action::ChangeAsked, &ENV);
    reduce(&mut state, Action::Toggled(opt("b")), &ENV);
    let later = Env {
        chance: [[8; 16], [9; 16]],
        ..ENV
    };
    let changed = cast_command(&reduce(&mut state.clone(), Action::Submitted, &later));
    assert_eq!(
        changed.ballot.secret, first.ballot.secret,
        "the same ballot is addressed"
    );
    assert_ne!(changed.key, first.key, "it is another command");
    assert_eq!(secret(&mut state), first.ballot.secret);

    reduce(&mut state, Action::SwitchAsked, &ENV);
    identify_for_a(&mut state);
    let other = Grant {
        voter: "8 栋 2 单元 302".into(),
        ..grant(false, None)
    };
    let effects = reduce(&mut state, Action::Identified(Ok(other)), &later);
    let second = cast_command(&effects);
    assert_eq!(
        second.ballot.secret,
        Some(BallotSecret::from_bytes([9; 16]))
    );
}

#[test]
fn a_secret_ballot_of_another_phone_is_out_of_reach() {
    let mut state = loaded(|view| view.topic.poll.secrecy = Secrecy::Secret);
    identify_for_a(&mut state);
    reduce(&mut state, Action::Identified(Ok(grant(true, None))), &ENV);
    assert_eq!(state.stage, Stage::Refused(Refusal::BallotSecretLost));
    assert_eq!(state.draft, [opt("a")], "the choice is still there");
}

#[test]
fn a_secret_ballot_of_this_phone_can_be_replaced_after_a_lost_answer() {
    let mut state = loaded(|view| view.topic.poll.secrecy = Secrecy::Secret);
    let keepsake = Keepsake {
        secret: Some(BallotSecret::from_bytes([5; 16])),
        ..Keepsake::default()
    };
    let voters = [("8 栋 2 单元 301".to_owned(), keepsake)].into();
    state.keepsakes = Keepsakes {
        current: None,
        voters,
    };
    identify_for_a(&mut state);
    reduce(&mut state, Action::Identified(Ok(grant(true, None))), &ENV);
    assert_eq!(state.stage, Stage::Confirming);
    let command = cast_command(&reduce(&mut state, Action::Submitted, &ENV));
    assert_eq!(
        command.ballot.secret,
        Some(BallotSecret::from_bytes([5; 16]))
    );
}

#[test]
fn steps_are_told_as_they_come() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let command = cast_command(&reduce(
        &mut state,
        Action::Identified(Ok(grant(false, None))),
        &ENV,
    ));
    let mut step = |step: Step| {
        reduce(
            &mut state,
            Action::Stepped(Box::new(command.clone()), step),
            &ENV,
        );
        match &state.stage {
            Stage::Casting(progress) => (progress.step, progress.durable),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        step(Step::Kept { durable: false }),
        (ProgressStep::Keeping, false)
    );
    assert_eq!(step(Step::Sending), (ProgressStep::Sending, false));
    let waiting = Step::Waiting {
        retry_at_ms: NOW + 1,
        offline: true,
    };
    assert_eq!(
        step(waiting),
        (ProgressStep::Waiting { offline: true }, false)
    );
}

#[test]
fn an_expired_grant_leads_back_to_identification_with_the_choice_kept() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let command = cast_command(&reduce(
        &mut state,
        Action::Identified(Ok(grant(false, None))),
        &ENV,
    ));
    settle(
        &mut state,
        &command,
        Settlement::Refused(Refusal::GrantExpired),
    );
    let problem = Some(Problem::Refused(Refusal::GrantExpired));
    assert_eq!(
        state.stage,
        Stage::Identifying {
            busy: false,
            problem
        }
    );
    assert_eq!(state.draft, [opt("a")]);
}

#[test]
fn closed_while_sending_is_refused_and_looked_at_again() {
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let command = cast_command(&reduce(
        &mut state,
        Action::Identified(Ok(grant(false, None))),
        &ENV,
    ));
    let refusal = Refusal::Closed { closed_at_ms: NOW };
    let effects = settle(&mut state, &command, Settlement::Refused(refusal.clone()));
    assert_eq!(state.stage, Stage::Refused(refusal));
    assert!(effects.contains(&Effect::LoadTopic));
    assert!(effects.contains(&Effect::TellRefused("closed".into())));
}

#[test]
fn a_dispatched_ballot_is_never_called_recorded() {
    let mut state = loaded(|view| view.topic.poll.credential = Credential::Device);
    reduce(&mut state, Action::Toggled(opt("a")), &ENV);
    reduce(&mut state, Action::Submitted, &ENV);
    let command = cast_command(&reduce(
        &mut state,
        Action::Identified(Ok(grant(false, None))),
        &ENV,
    ));
    let effects = settle(&mut state, &command, Settlement::Dispatched);
    assert_eq!(state.stage, Stage::Dispatched);
    assert!(effects.contains(&Effect::TellSubmitted { recorded: false }));
    assert!(effects.contains(&Effect::SaveKeepsakes));
    assert_eq!(state.reply(), None);
}

#[test]
fn a_dispatched_ballot_is_remembered_and_can_be_replaced() {
    let keepsake = Keepsake {
        dispatched: Some(pick(&["a"])),
        ..Keepsake::default()
    };
    let keepsakes = Keepsakes {
        current: Some(String::new()),
        voters: vec![(String::new(), keepsake)],
    };
    let kept = serde_json::to_string(&keepsakes).unwrap();
    let mut state = loaded(|view| view.topic.poll.credential = Credential::Device);
    let read = linli_model::tree::read(&kept).expect("what was saved can be read");
    reduce(&mut state, Action::KeepsakesRead(read), &ENV);
    assert_eq!(state.stage, Stage::Dispatched);
    assert_eq!(state.draft, [opt("a")]);
    reduce(&mut state, Action::ChangeAsked, &ENV);
    reduce(&mut state, Action::Toggled(opt("b")), &ENV);
    let changing = Stage::Choosing { changing: true };
    assert_eq!((&state.stage, &*state.draft), (&changing, &[opt("b")][..]));
    reduce(&mut state, Action::Back, &ENV);
    assert_eq!(state.stage, Stage::Dispatched, "the first choice stands");
    assert_eq!(state.draft, [opt("a")]);
    reduce(&mut state, Action::SwitchAsked, &ENV);
    assert_eq!(state.stage, Stage::Choosing { changing: false });
    assert_eq!(state.dispatched(), None, "the next voter starts afresh");
}

#[test]
fn a_turnout_that_nobody_counts_is_unknown() {
    let none = Turnout {
        cast: 0,
        eligible: None,
    };
    let some = Turnout {
        cast: 3,
        eligible: None,
    };
    for (topics, told, expected) in [
        (true, none, Some(none)),
        (true, some, Some(some)),
        (false, none, None),
        (false, some, Some(some)),
    ] {
        let mut state = loaded(|view| view.turnout = told);
        state.capabilities.topics = topics;
        assert_eq!(state.turnout(), expected, "{topics} {told:?}");
    }
}

#[test]
fn a_visit_after_voting_shows_the_receipt_and_asks_for_news() {
    let mut state = loaded(|_| {});
    let keepsake = Keepsake {
        dispatched: None,
        reply: Some(reply(pick(&["b"]), 1)),
        secret: None,
        grant: Some((token("g1"), NOW + 1)),
    };
    let keepsakes = Keepsakes {
        current: Some("X".into()),
        voters: [("X".to_owned(), keepsake)].into(),
    };
    let effects = reduce(&mut state, Action::KeepsakesRead(keepsakes.clone()), &ENV);
    assert_eq!(state.stage, Stage::Receipt);
    assert_eq!(effects, [Effect::AskStanding(token("g1"), None)]);

    let news = Standing {
        voted: true,
        reply: Some(reply(pick(&["c"]), 2)),
    };
    reduce(&mut state, Action::StandingAnswered(Ok(news)), &ENV);
    assert_eq!(state.reply().map(|reply| reply.receipt.revision), Some(2));

    let mut later = loaded(|_| {});
    let env = Env {
        now_ms: NOW + 1,
        ..ENV
    };
    assert_eq!(
        reduce(&mut later, Action::KeepsakesRead(keepsakes), &env),
        []
    );
}

#[test]
fn an_unsent_ballot_of_an_earlier_visit_is_shown_even_without_the_topic() {
    let mut state = State::new(full());
    let command = CastCommand {
        key: IdempotencyKey::from_bytes([1; 16]),
        topic: id(TopicId::parse, "t"),
        poll: id(PollId::parse, "q"),
        grant: token("g1"),
        ballot: CastBallot {
            choice: pick(&["a"]),
            secret: None,
        },
    };
    let pending = Pending {
        command: command.clone(),
        kept_at_ms: NOW,
        attempts: 3,
    };
    reduce(&mut state, Action::PendingFound(pending), &ENV);
    reduce(
        &mut state,
        Action::TopicAnswered(Err(PortError::Unreachable)),
        &ENV,
    );
    assert!(matches!(state.stage, Stage::Casting(_)));
    let recorded = Settlement::Recorded(Box::new(reply(pick(&["a"]), 1)));
    settle(&mut state, &command, recorded);
    assert_eq!(state.stage, Stage::Receipt);
}

#[test]
fn a_receipt_for_another_household_goes_to_that_household() {
    let mut state = loaded(|_| {});
    let keepsake = Keepsake {
        grant: Some((token("other"), NOW + 9)),
        ..Keepsake::default()
    };
    *state.keepsakes.of_mut("B") = keepsake;
    state.voter = Some(Voter {
        label: "A".into(),
        grant: None,
        recorded: Some(Recorded::Unseen),
    });
    let command = CastCommand {
        key: IdempotencyKey::from_bytes([1; 16]),
        topic: id(TopicId::parse, "t"),
        poll: id(PollId::parse, "q"),
        grant: token("other"),
        ballot: CastBallot {
            choice: pick(&["a"]),
            secret: None,
        },
    };
    let recorded = Settlement::Recorded(Box::new(reply(pick(&["a"]), 1)));
    let effects = settle(&mut state, &command, recorded);
    assert!(
        state
            .keepsakes
            .of("B")
            .is_some_and(|keepsake| keepsake.reply.is_some())
    );
    assert_eq!(state.reply(), None, "A's screen shows nothing of B");
    assert!(!effects.contains(&Effect::FocusHeading));
}

#[test]
fn a_failed_refresh_leaves_the_screen_and_says_that_it_is_old() {
    let mut state = loaded(|_| {});
    reduce(
        &mut state,
        Action::TopicAnswered(Err(PortError::Unreachable)),
        &ENV,
    );
    assert!(matches!(
        state.topic,
        TopicState::Loaded { stale: true, .. }
    ));
    let mut fresh = State::new(full());
    reduce(
        &mut fresh,
        Action::TopicAnswered(Err(PortError::Unreachable)),
        &ENV,
    );
    assert_eq!(fresh.topic, TopicState::Failed(Trouble::Unreachable));
    reduce(&mut fresh, Action::TopicRemembered(Box::new(topic())), &ENV);
    assert!(matches!(
        fresh.topic,
        TopicState::Loaded { stale: true, .. }
    ));
}

#[test]
fn options_that_staff_removed_leave_the_draft() {
    let mut state = loaded(|_| {});
    state.draft = vec![opt("a"), opt("gone")];
    reduce(
        &mut state,
        Action::TopicAnswered(Ok(Box::new(topic()))),
        &ENV,
    );
    assert_eq!(state.draft, [opt("a")]);
}

#[test]
fn formal_polls_take_place_elsewhere_unless_this_is_our_page() {
    let formal = |view: &mut TopicView| view.topic.poll.nature = PollNature::Formal;
    let mut state = loaded(formal);
    assert!(state.is_elsewhere());
    state.capabilities.formal = true;
    assert!(!state.is_elsewhere());
}

#[test]
fn where_people_give_their_number_it_is_not_on_this_page() {
    let mut state = loaded(|view| view.topic.poll.credential = Credential::Otp);
    assert!(state.is_elsewhere());
    state.capabilities.formal = true;
    assert!(state.is_elsewhere());
}

#[test]
fn a_page_that_knows_its_visitors_is_asked_before_the_paper() {
    let mut state = loaded(|view| view.topic.poll.credential = Credential::HostToken);
    reduce(&mut state, Action::Toggled(opt("a")), &ENV);
    let asked = reduce(&mut state, Action::Submitted, &ENV);
    assert_eq!(asked, [Effect::IdentifyDevice]);
    let mut silent = state.clone();
    // The page said it.
    cast_command(&reduce(
        &mut state,
        Action::Identified(Ok(grant(false, None))),
        &ENV,
    ));
    // It did not: the stronger credential does as well.
    let needs = Credential::HostToken;
    for (refusal, told) in [
        (Refusal::CredentialTooWeak { needs }, false),
        (Refusal::TokenInvalid, true),
    ] {
        let answer = Err(PortError::Refused(refusal.clone()));
        reduce(&mut silent, Action::Identified(answer), &ENV);
        let problem = told.then_some(Problem::Refused(refusal));
        let busy = false;
        assert_eq!(silent.stage, Stage::Identifying { busy, problem });
    }
    reduce(
        &mut silent,
        Action::CodeTyped("7QX3-M4KT-9ZRW".to_owned()),
        &ENV,
    );
    let asked = reduce(&mut silent, Action::Submitted, &ENV);
    assert_eq!(asked, [Effect::IdentifyCode("7QX3-M4KT-9ZRW".to_owned())]);
}

#[test]
fn invisible_tricks_do_not_reach_the_screen() {
    let state = loaded(|view| view.topic.title = "同意\u{202e}对反\u{200b}".into());
    assert_eq!(
        state.view().map(|view| view.topic.title.as_str()),
        Some("同意对反")
    );
    let mut state = loaded(|_| {});
    identify_for_a(&mut state);
    let mut grant = grant(false, None);
    grant.voter = "8 栋\u{202e} 301\u{200b}".into();
    reduce(&mut state, Action::Identified(Ok(grant)), &ENV);
    let voter = state.voter.expect("identified");
    assert_eq!(voter.label, "8 栋 301");
}

#[test]
fn the_topic_is_asked_for_again_when_it_is_due_to_change() {
    let mut view = topic();
    assert_eq!(refresh_in_ms(&view, NOW), Some(60_000));
    assert_eq!(
        refresh_in_ms(&view, view.topic.poll.closes_at_ms - 10_000),
        Some(11_500)
    );
    assert_eq!(
        refresh_in_ms(&view, i64::MAX / 2),
        Some(5_000),
        "a wrong clock is no busy loop"
    );
    view.phase = Phase::Closed;
    assert_eq!(refresh_in_ms(&view, NOW), Some(60_000));
    view.result = Some(linli_rules::tally::count(
        &view.topic.poll.kind,
        [],
        None,
        true,
    ));
    assert_eq!(refresh_in_ms(&view, NOW), None);
}

#[test]
fn a_topic_of_a_newer_kind_is_named_and_shown_no_further() {
    let newer = || PortError::Newer {
        title: "电梯\u{202e}排序".into(),
        lang: "zh-Hans".into(),
    };
    let shown = TopicState::Newer {
        title: "电梯排序".into(),
        lang: "zh-Hans".into(),
    };
    let mut state = loaded(|_| {});
    let effects = reduce(&mut state, Action::TopicAnswered(Err(newer())), &ENV);
    assert_eq!((&state.topic, effects), (&shown, Vec::new()));
    assert_eq!(
        state.view(),
        None,
        "what was shown before is out of date in a way that cannot be told"
    );
    let lost = Action::TopicAnswered(Err(PortError::Unreachable));
    reduce(&mut state, lost, &ENV);
    assert_eq!(state.topic, shown);
    reduce(
        &mut state,
        Action::TopicAnswered(Ok(Box::new(topic()))),
        &ENV,
    );
    assert!(state.view().is_some(), "staff may take it back");
}
