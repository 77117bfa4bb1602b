//! The outbox, by the virtual clock: what a person is told, what is kept, what is sent.

use crate::bench::{Bench, NOW_MS, name};
use linli_model::*;
use linli_port::memory::Fault;
use linli_port::{
    Capabilities, CastCommand, CastOutcome, Deliberations, Delivery, Keeping, LocalFuture,
    PortError, Settlement, Shelf, Step, TopicAnswer,
};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[test]
fn a_command_is_kept_sent_settled_and_purged() {
    let bench = Bench::new();
    let mut visit = bench.visit();
    let command = bench.command("parking", 1, Stance::Yes);
    visit.submit(&command);
    let Some(Step::Settled(Settlement::Recorded(reply))) = visit.last() else {
        panic!("{:?}", visit.last());
    };
    assert_eq!(bench.ballots(), [*reply]);
    assert_eq!(visit.told(1), ["kept", "sending", "recorded"]);
    assert_eq!(bench.kept(), [""; 0]);
}

#[test]
fn what_cannot_be_kept_is_said() {
    let bench = Bench::new();
    bench.shelf.set_keeping(Keeping::ThisPage);
    let mut visit = bench.visit();
    visit.submit(&bench.command("parking", 1, Stance::Yes));
    assert_eq!(visit.told(1), ["kept for this page", "sending", "recorded"]);
}

#[test]
fn offline_waits_and_the_network_wakes() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut visit = bench.visit();
    bench.ambient.set_online(false);
    visit.submit(&command);
    assert_eq!(visit.told(1), ["kept", "offline"]);
    assert_eq!(bench.kept().len(), 1);
    bench.ambient.set_online(true);
    visit.settle();
    assert_eq!(visit.told(1), ["sending", "recorded"]);
    assert_eq!((bench.ballots().len(), bench.kept().len()), (1, 0));
}

#[test]
fn a_device_that_is_wrong_about_being_offline_still_sends() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let sent = Rc::new(Recorder::default());
    let mut visit = bench.visit_to(sent.clone());
    bench.ambient.set_online(false);
    visit.submit(&command);
    assert_eq!(sent.casts.borrow().len(), 0);
    visit.advance(&bench.ambient, 1_000);
    assert_eq!(sent.casts.borrow().len(), 1);
}

#[test]
fn an_answer_lost_after_its_effect_comes_again() {
    let bench = Bench::new();
    let mut visit = bench.visit();
    let command = bench.command("parking", 1, Stance::No);
    bench.backend.faults().next([Fault::UnreachableAfter]);
    visit.submit(&command);
    assert_eq!(visit.told(1), ["kept", "sending", "waiting"]);
    let first = bench.ballots();
    assert_eq!(first.len(), 1, "the command had its effect");
    visit.advance(&bench.ambient, 1_000);
    let last = visit.last();
    assert_eq!(visit.told(1), ["sending", "recorded"]);
    let recorded = Step::Settled(Settlement::Recorded(Box::new(first[0].clone())));
    assert_eq!(last, Some(recorded), "the receipt of the first send");
    assert_eq!(bench.ballots(), first);
}

#[test]
fn waits_grow_until_the_backend_is_back() {
    let bench = Bench::new();
    let mut visit = bench.visit();
    let command = bench.command("parking", 1, Stance::Yes);
    bench
        .backend
        .faults()
        .always(Some(Fault::UnreachableBefore));
    visit.submit(&command);
    let mut waits = Vec::new();
    for _ in 0..9 {
        let Some(Step::Waiting {
            retry_at_ms,
            offline: false,
        }) = visit.last()
        else {
            panic!("{:?}", visit.last());
        };
        let wait_ms = retry_at_ms - now(&bench);
        waits.push(wait_ms);
        visit.steps.borrow_mut().clear();
        visit.advance(&bench.ambient, wait_ms - 1);
        assert_eq!(visit.told(1), [""; 0], "nothing is sent before its time");
        visit.advance(&bench.ambient, 1);
    }
    let ranges = [1, 2, 4, 8, 16, 32, 60, 60, 60].map(|s| (s * 500)..=(s * 1_000));
    for (wait, range) in waits.iter().zip(ranges) {
        assert!(range.contains(wait), "{wait} in {range:?} of {waits:?}");
    }
    bench.backend.faults().always(None);
    visit.advance(&bench.ambient, 60_000);
    assert_eq!(visit.told(1).last(), Some(&"recorded"));
}

#[test]
fn a_busy_backend_is_left_alone_as_long_as_it_says() {
    let bench = Bench::new();
    let mut visit = bench.visit();
    let command = bench.command("parking", 1, Stance::Yes);
    bench.backend.faults().next([Fault::Busy {
        retry_after_ms: 20_000,
    }]);
    visit.submit(&command);
    assert_eq!(visit.told(1), ["kept", "sending", "waiting"]);
    visit.outbox.nudge();
    visit.advance(&bench.ambient, 19_999);
    assert_eq!(
        visit.told(1),
        [""; 0],
        "not even a person's impatience cuts it short"
    );
    visit.advance(&bench.ambient, 5_001);
    assert_eq!(visit.told(1), ["sending", "recorded"]);
}

#[test]
fn a_fault_of_the_backend_is_tried_again_at_a_nudge() {
    let bench = Bench::new();
    let mut visit = bench.visit();
    let command = bench.command("parking", 1, Stance::Yes);
    bench.backend.faults().next([Fault::Broken]);
    visit.submit(&command);
    assert_eq!(visit.told(1), ["kept", "sending", "waiting"]);
    visit.outbox.nudge();
    visit.settle();
    assert_eq!(visit.told(1), ["sending", "recorded"]);
}

#[test]
fn refusals_settle() {
    let bench = Bench::new();
    let mut visit = bench.visit();
    let mut command = bench.command("parking", 1, Stance::Yes);
    command.grant = GrantToken::parse("made-up").expect("visible");
    visit.submit(&command);
    let refused = Step::Settled(Settlement::Refused(Refusal::GrantInvalid));
    assert_eq!(visit.last(), Some(refused));
    assert_eq!((bench.ballots().len(), bench.kept().len()), (0, 0));
}

#[test]
fn an_expired_grant_settles_so_that_the_person_identifies_again() {
    let bench = Bench::new();
    let mut topic = crate::bench::topic("parking");
    topic.poll.closes_at_ms = NOW_MS + 30 * 86_400_000;
    let code = crate::bench::code(0);
    let label = String::from("8 栋");
    bench
        .backend
        .add(topic, vec![linli_port::memory::Household { code, label }]);
    let command = bench.command("parking", 1, Stance::Yes);
    let mut visit = bench.visit();
    bench.ambient.set_online(false);
    visit.submit(&command);
    visit.advance(&bench.ambient, 25 * 3_600_000);
    bench.ambient.set_online(true);
    visit.settle();
    let refused = Step::Settled(Settlement::Refused(Refusal::GrantExpired));
    assert_eq!(visit.last(), Some(refused));
    assert_eq!(bench.kept().len(), 0);
}

#[test]
fn a_reload_takes_up_what_was_left() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut before = bench.visit();
    bench
        .backend
        .faults()
        .next([Fault::UnreachableAfter, Fault::UnreachableAfter]);
    before.submit(&command);
    drop(before);
    assert_eq!(bench.kept().len(), 1);

    let mut after = bench.visit();
    let pending = after.pending("parking").expect("it is still here");
    assert_eq!((&pending.command, pending.kept_at_ms), (&command, NOW_MS));
    after.advance(&bench.ambient, 2_000);
    assert_eq!(after.told(1).last(), Some(&"recorded"));
    assert_eq!((bench.ballots().len(), bench.kept().len()), (1, 0));
    assert_eq!(after.pending("parking"), None);
}

#[test]
fn what_an_earlier_visit_left_is_told_to_who_has_asked() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut before = bench.visit();
    bench.backend.faults().next([Fault::UnreachableBefore]);
    before.submit(&command);
    drop(before);
    // Sent and settled before any widget has read what it remembers.
    let mut after = bench.visit();
    after.settle();
    assert_eq!(bench.ballots().len(), 1);
    assert_eq!(after.told(1), [""; 0]);
    assert_eq!(after.pending("parking"), None);
    assert_eq!(after.told(1), ["recorded"]);
    // Told once.
    assert_eq!(after.pending("parking"), None);
    assert_eq!(after.told(1), [""; 0]);
}

#[test]
fn a_settlement_waits_for_an_element_that_was_taken_off_the_page() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut visit = bench.visit();
    bench.ambient.set_online(false);
    visit.submit(&command);
    visit.watching.clear();
    bench.ambient.set_online(true);
    visit.settle();
    assert_eq!(bench.ballots().len(), 1);
    let told = Rc::new(RefCell::new(Vec::new()));
    let hear = {
        let told = Rc::clone(&told);
        Rc::new(move |_: &CastCommand, step: &Step| told.borrow_mut().push(name(step)))
    };
    let _watching = visit.outbox.watch(&command.topic, hear);
    visit.pending("parking");
    assert_eq!(*told.borrow(), ["recorded"]);
}

#[test]
fn the_same_command_twice_is_one() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut visit = bench.visit();
    visit.outbox.submit(command.clone());
    visit.submit(&command);
    assert_eq!(visit.told(1), ["kept", "sending", "recorded"]);
    assert_eq!(bench.ballots().len(), 1);
}

#[test]
fn two_tabs_may_send_the_same_command() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut left = bench.visit();
    bench.backend.faults().next([Fault::UnreachableAfter]);
    left.submit(&command);
    let mut right = bench.visit();
    right.pending("parking");
    left.advance(&bench.ambient, 1_000);
    right.settle();
    let recorded = |visit: &crate::bench::Visit| visit.last().map(|step| name(&step));
    assert_eq!(recorded(&left), Some("recorded"));
    assert_eq!(left.last(), right.last(), "one command, one receipt");
    assert_eq!((bench.ballots().len(), bench.kept().len()), (1, 0));
}

#[test]
fn commands_of_a_poll_are_sent_in_order() {
    let bench = Bench::new();
    let (first, second) = (
        bench.command("parking", 1, Stance::Yes),
        bench.command("parking", 2, Stance::No),
    );
    let mut visit = bench.visit();
    bench.backend.faults().next([Fault::UnreachableBefore]);
    visit.submit(&first);
    visit.submit(&second);
    assert_eq!(visit.told(2), ["kept"], "the second waits for the first");
    assert_eq!(visit.pending("parking").map(|p| p.command), Some(second));
    visit.steps.borrow_mut().clear();
    visit.advance(&bench.ambient, 1_000);
    let order: Vec<_> = visit
        .steps
        .borrow()
        .iter()
        .map(|(tag, step)| (*tag, name(step)))
        .collect();
    assert_eq!(
        order,
        [
            (1, "sending"),
            (1, "recorded"),
            (2, "sending"),
            (2, "recorded")
        ]
    );
    let ballots = bench.ballots();
    assert_eq!((ballots.len(), ballots[0].receipt.revision), (1, 2));
    assert_eq!(
        ballots[0].opening.choice,
        Choice::Motion { stance: Stance::No }
    );
}

#[test]
fn the_order_survives_a_reload() {
    let bench = Bench::new();
    let commands = [(1, Stance::Yes), (2, Stance::No), (3, Stance::Abstain)]
        .map(|(tag, stance)| bench.command("parking", tag, stance));
    let mut before = bench.visit();
    bench.ambient.set_online(false);
    // Within one millisecond.
    before.submit(&commands[0]);
    before.submit(&commands[1]);
    drop(before);
    let mut after = bench.visit();
    // A new one may be submitted before the old ones are read back.
    after.submit(&commands[2]);
    after.pending("parking");
    after.steps.borrow_mut().clear();
    bench.ambient.set_online(true);
    after.settle();
    let sent: Vec<_> = after
        .steps
        .borrow()
        .iter()
        .filter(|(_, s)| *s == Step::Sending)
        .map(|(tag, _)| *tag)
        .collect();
    assert_eq!(sent, [1, 2, 3]);
    assert_eq!(bench.ballots()[0].receipt.revision, 3);
}

#[test]
fn the_order_survives_a_clock_that_goes_backwards() {
    let bench = Bench::new();
    let commands = [(9, Stance::Yes), (5, Stance::No), (1, Stance::Abstain)]
        .map(|(tag, stance)| bench.command("parking", tag, stance));
    bench.ambient.set_online(false);
    bench.ambient.advance(600_000);
    for command in &commands {
        let mut visit = bench.visit();
        visit.submit(command);
        bench.ambient.advance(-60_000);
    }
    let mut last = bench.visit();
    let newest = last.pending("parking").map(|pending| pending.command);
    assert_eq!(newest.as_ref(), Some(&commands[2]));
    bench.ambient.set_online(true);
    last.settle();
    let ballots = bench.ballots();
    assert_eq!(ballots[0].receipt.revision, 3);
    assert_eq!(ballots[0].opening.choice, commands[2].ballot.choice);
}

#[test]
fn polls_do_not_wait_for_each_other() {
    let bench = Bench::new();
    let (parking, lamps) = (
        bench.command("parking", 1, Stance::Yes),
        bench.command("lamps", 2, Stance::Yes),
    );
    let mut visit = bench.visit();
    bench.backend.faults().next([Fault::UnreachableBefore]);
    visit.submit(&parking);
    visit.submit(&lamps);
    assert_eq!(visit.told(1), ["kept", "sending", "waiting"]);
    assert_eq!(visit.told(2), ["kept", "sending", "recorded"]);
}

#[test]
fn an_entry_is_never_sent_twice_at_the_same_time() {
    let bench = Bench::new();
    let slow = Rc::new(Recorder::default());
    slow.holds.set(true);
    let mut visit = bench.visit_to(slow.clone());
    visit.submit(&bench.command("parking", 1, Stance::Yes));
    for _ in 0..3 {
        visit.outbox.nudge();
        bench.ambient.wake();
        visit.settle();
    }
    assert_eq!(slow.casts.borrow().len(), 1);
    // No answer within the time of any transport: that send is given up, then repeated.
    visit.advance(&bench.ambient, 45_000);
    assert_eq!(visit.last().map(|step| name(&step)), Some("waiting"));
    assert_eq!(slow.open.get(), 0);
    visit.advance(&bench.ambient, 1_000);
    assert_eq!((slow.casts.borrow().len(), slow.open.get()), (2, 1));
}

#[test]
fn leaving_releases_the_listener_and_ends_sending() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut visit = bench.visit();
    bench
        .backend
        .faults()
        .always(Some(Fault::UnreachableBefore));
    visit.submit(&command);
    assert_eq!(bench.ambient.listeners(), 1);
    let crate::bench::Visit {
        mut pool,
        outbox,
        steps,
        ..
    } = visit;
    drop(outbox);
    assert_eq!(bench.ambient.listeners(), 0);
    steps.borrow_mut().clear();
    bench.backend.faults().always(None);
    bench.ambient.advance(120_000);
    pool.run_until_stalled();
    assert_eq!((steps.borrow().len(), bench.ballots().len()), (0, 0));
    assert_eq!(
        bench.kept().len(),
        1,
        "left for the next one over this shelf"
    );
}

#[test]
fn leaving_releases_also_what_waits_for_its_turn() {
    let bench = Bench::new();
    let held = Rc::strong_count(&bench.shelf);
    let commands = [(1, Stance::Yes), (2, Stance::No)]
        .map(|(tag, stance)| bench.command("parking", tag, stance));
    let mut visit = bench.visit();
    bench
        .backend
        .faults()
        .always(Some(Fault::UnreachableBefore));
    commands.iter().for_each(|command| visit.submit(command));
    let crate::bench::Visit {
        mut pool, outbox, ..
    } = visit;
    drop(outbox);
    pool.run_until_stalled();
    assert_eq!(Rc::strong_count(&bench.shelf), held);
    assert_eq!(bench.kept().len(), 2);
}

#[test]
fn what_another_version_left_stays_and_does_no_harm() {
    let bench = Bench::new();
    futures::executor::block_on(
        bench
            .shelf
            .put("outbox/0000000000000001/x", "{\"v\":9}".to_owned()),
    );
    let mut visit = bench.visit();
    visit.submit(&bench.command("parking", 1, Stance::Yes));
    assert_eq!(visit.told(1), ["kept", "sending", "recorded"]);
    assert_eq!(bench.kept(), ["{\"v\":9}"]);
}

#[test]
fn entries_name_nobody() {
    let bench = Bench::new();
    let command = bench.command("parking", 1, Stance::Yes);
    let mut visit = bench.visit();
    bench.ambient.set_online(false);
    visit.submit(&command);
    let [kept] = &bench.kept()[..] else {
        panic!("one entry")
    };
    let (plain, label) = (crate::bench::code(0).replace('-', ""), "8 栋");
    for private in [crate::bench::code(0).as_str(), &plain, label] {
        assert!(!kept.contains(private), "{kept}");
    }
}

fn now(bench: &Bench) -> UtcMs {
    use linli_port::Ambient;
    bench.ambient.now_ms()
}

/// Counts sends; answers none of them, at once or never.
#[derive(Default)]
struct Recorder {
    casts: RefCell<Vec<CastCommand>>,
    holds: Cell<bool>,
    open: Rc<Cell<u32>>,
}

impl Deliberations for Recorder {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            topics: true,
            receipts: true,
            standing: true,
            formal: false,
        }
    }
    fn topic<'a>(&'a self, _: &'a TopicId) -> LocalFuture<'a, Result<TopicAnswer, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
    fn identify<'a>(
        &'a self,
        _: &'a TopicId,
        _: &'a Proof,
    ) -> LocalFuture<'a, Result<Grant, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
    fn cast<'a>(
        &'a self,
        command: &'a CastCommand,
    ) -> LocalFuture<'a, Result<CastOutcome, PortError>> {
        self.casts.borrow_mut().push(command.clone());
        self.open.set(self.open.get() + 1);
        let open = Rc::clone(&self.open);
        let closing = linli_port::Guard::new(move || open.set(open.get() - 1));
        Box::pin(async move {
            let _closing = closing;
            if self.holds.get() {
                std::future::pending::<()>().await;
            }
            Err(PortError::Unreachable)
        })
    }
    fn standing<'a>(
        &'a self,
        _: &'a TopicId,
        _: &'a GrantToken,
        _: Option<&'a BallotSecret>,
    ) -> LocalFuture<'a, Result<Standing, PortError>> {
        Box::pin(async { Err(PortError::Unreachable) })
    }
}
