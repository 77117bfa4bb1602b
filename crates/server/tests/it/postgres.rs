//! The store on PostgreSQL: the tests of the other store once more, and what only a
//! database that servers share can do wrong.

use crate::world::*;
use linli_cluster::{Cluster, Durability, sql};
use linli_model::*;
use linli_server::Config;
use linli_server::config::DatabaseUrl;
use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

/// Tests that hold of any store. This program runs them a second time, with its worlds
/// on a cluster of their own.
const SHARED: &[&str] = &[
    "votes::",
    "secret::",
    "race::",
    "results::",
    "page::",
    "uploads::",
    "identity::",
    "page_identify::",
    "desk_",
    "rolls::",
    "behalf::",
    "work::",
];
/// Of the file and its layout.
const OF_SQLITE: &[&str] = &[
    "secret::register_and_box_share_no_key_no_order_and_no_time",
    "rolls::an_earlier_database_keeps_its_households_on_the_roll",
];

#[test]
fn what_holds_on_sqlite_holds_here() {
    if Cluster::shared().is_none() {
        return;
    }
    let mut tests = Command::new(std::env::current_exe().unwrap());
    tests.args(SHARED).env(ON_POSTGRES, "1");
    for name in OF_SQLITE {
        tests.args(["--skip", name]);
    }
    let done = tests.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(!said.contains(" 0 passed"), "{said}");
}

/// A world on a new database of the cluster, and the database's address.
async fn world_on(cluster: &Cluster) -> (World, String) {
    let url = cluster.database();
    let config = |config: &mut Config| config.database_url = Some(DatabaseUrl::new(&url));
    (World::with(config).await, url)
}

/// A second server on the same database and with the same keys.
async fn beside(world: &World) -> World {
    let dir = tempfile::tempdir().unwrap();
    World::open(dir, world.config.clone()).await
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    // The end of patience, not a measure.
    for _ in 0..600 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

fn lines(url: &str, query: &str) -> BTreeSet<String> {
    sql(url, query).lines().map(str::to_owned).collect()
}

/// The same tables, columns and keys, so that what is said of one holds of the other.
#[tokio::test(flavor = "multi_thread")]
async fn both_schemas_say_the_same() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (_world, url) = world_on(cluster).await;
    let sqlite = rusqlite::Connection::open_in_memory().unwrap();
    for migration in linli_server::store::sqlite::MIGRATIONS {
        sqlite.execute_batch(migration).unwrap();
    }
    let mut select = sqlite
        .prepare(
            "SELECT t.name || '.' || c.name || ' ' || c.\"notnull\" || ' ' || c.pk
             FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'",
        )
        .unwrap();
    let there: BTreeSet<String> = select
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let here = lines(
        &url,
        "SELECT c.table_name || '.' || c.column_name || ' ' ||
             CASE c.is_nullable WHEN 'NO' THEN 1 ELSE 0 END || ' ' || coalesce(k.ordinal_position, 0)
         FROM information_schema.columns c
         LEFT JOIN information_schema.table_constraints p ON p.table_schema = 'public'
             AND p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY'
         LEFT JOIN information_schema.key_column_usage k ON k.table_schema = 'public'
             AND k.constraint_name = p.constraint_name AND k.table_name = c.table_name
             AND k.column_name = c.column_name
         WHERE c.table_schema = 'public' AND c.table_name NOT IN ('poll_generation', 'linli_schema')",
    );
    assert!(here.len() > 60, "{here:?}");
    assert_eq!(here, there);
    // "Nothing was inserted" has one meaning.
    let unique = lines(
        &url,
        "SELECT conrelid::regclass || ' ' || conname FROM pg_constraint WHERE contype IN ('p', 'u')
         AND conrelid IN ('ballot'::regclass, 'voted_register'::regclass, 'ballot_box'::regclass)",
    );
    let expected = [
        "ballot one_ballot_per_voter",
        "ballot_box one_ballot_per_address",
        "voted_register one_entry_per_voter",
    ];
    assert_eq!(unique, expected.map(str::to_owned).into());
    assert_eq!(sql(&url, "SELECT count(*) FROM pg_sequences"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (world, url) = world_on(cluster).await;
    sql(&url, "UPDATE linli_schema SET version = 999");
    let started = linli_server::start(world.config.clone()).await;
    assert!(started.err().unwrap().contains("newer version"));
}

/// What two servers tell must not differ, although each keeps its counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_sees_what_the_other_recorded() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (one, _) = world_on(cluster).await;
    let other = beside(&one).await;
    for household in 1..=4 {
        // Both have counted before.
        for world in [&one, &other] {
            let view = world.service.topic(&id("never")).await.unwrap();
            assert_eq!(view.turnout.cast, u64::from(household) - 1);
        }
        let (here, there) = if household % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let grant = here.grant("never", household).await;
        let cast = |world: &'_ World| {
            let (service, grant) = (Arc::clone(&world.service), grant.clone());
            async move {
                let ballot = CastBallot {
                    choice: motion(Stance::Yes),
                    secret: None,
                };
                let key = key_of(u128::from(household));
                refusal(
                    service
                        .cast(&id("never"), &grant, key, ballot, CALLER)
                        .await,
                )
            }
        };
        let first = cast(there).await.unwrap();
        let again = cast(here).await.unwrap();
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!(first.reply, again.reply, "byte for byte");
    }
    // Counted as final by one, before the last ballot of the other was committed.
    let late = one.grant("recorded", 5).await;
    other.clock.set(NOW + HOUR);
    let before = other.service.topic(&id("recorded")).await.unwrap();
    one.cast("recorded", &late, 9, options(&["a"]), None)
        .await
        .unwrap();
    let after = other.service.topic(&id("recorded")).await.unwrap();
    assert_eq!((before.turnout.cast, after.turnout.cast), (0, 1));
}

/// A first ballot is decided by the topic as this server last saw it: not if another
/// server has changed that.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_another_server_changed_is_looked_at_anew() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (world, url) = world_on(cluster).await;
    let (first, second) = (world.grant("never", 1).await, world.grant("never", 2).await);
    let choice = || motion(Stance::Yes);
    world
        .cast("never", &first, 1, choice(), None)
        .await
        .unwrap();
    // As the import of another server writes it.
    sql(
        &url,
        "UPDATE topic SET version = version + 1,
             body = jsonb_set(body::jsonb, '{poll,closes_at_ms}', '1')::text
         WHERE topic_id = 'never'",
    );
    let late = world.cast("never", &second, 2, choice(), None).await;
    assert_eq!(late.err(), Some(Refusal::Closed { closed_at_ms: 1 }));
    assert_eq!(world.count("ballot"), 1);
}

/// One household from two servers, through a thousand phones.
#[tokio::test(flavor = "multi_thread")]
async fn two_servers_sell_one_ballot() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (one, _) = world_on(cluster).await;
    let other = beside(&one).await;
    let grant = one.grant("never", 1).await;
    let racers = (0..1_000u32).map(|n| {
        let world = if n % 2 == 0 { &one } else { &other };
        let (service, grant) = (Arc::clone(&world.service), grant.clone());
        tokio::spawn(async move {
            let ballot = CastBallot {
                choice: motion(Stance::ALL[n as usize % 3]),
                secret: None,
            };
            let key = key_of(u128::from(n));
            refusal(
                service
                    .cast(&id("never"), &grant, key, ballot, CALLER)
                    .await,
            )
        })
    });
    let mut recorded = 0;
    for racer in racers.collect::<Vec<_>>() {
        match racer.await.unwrap() {
            Ok(_) => recorded += 1,
            Err(Refusal::AlreadyVoted) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((recorded, one.count("ballot")), (1, 1));
}

/// Sessions end under the hands of voters: nobody notices, nobody votes twice.
#[tokio::test(flavor = "multi_thread")]
async fn lost_connections_lose_and_double_nothing() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (world, url) = world_on(cluster).await;
    let mut grants = Vec::new();
    for household in 1..=24 {
        grants.push(world.grant("recorded", household).await);
    }
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let ending = {
        let (done, url) = (Arc::clone(&done), url.clone());
        tokio::task::spawn_blocking(move || {
            let mut ended = 0;
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                ended += sql(
                    &url,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE application_name = 'linli' AND datname = current_database()",
                )
                .lines()
                .count();
            }
            ended
        })
    };
    let voters = grants.into_iter().enumerate().map(|(voter, grant)| {
        let service = Arc::clone(&world.service);
        tokio::spawn(async move {
            let mut revisions = Vec::new();
            for nth in 0..20u128 {
                let option = ["a", "b", "c"][nth as usize % 3];
                let key = key_of((voter as u128) << 32 | nth);
                // As a client does: the same command until it is settled.
                let receipt = loop {
                    let ballot = CastBallot {
                        choice: options(&[option]),
                        secret: None,
                    };
                    match service
                        .cast(&id("recorded"), &grant, key.clone(), ballot, CALLER)
                        .await
                    {
                        Ok(recorded) => break recorded.reply.receipt,
                        Err(linli_server::Failure::Refused(Refusal::Busy { .. })) => {}
                        Err(linli_server::Failure::Fault(_)) => {}
                        Err(other) => panic!("{other:?}"),
                    }
                };
                revisions.push(receipt.revision);
            }
            revisions
        })
    });
    for voter in voters.collect::<Vec<_>>() {
        let revisions = voter.await.unwrap();
        assert_eq!(revisions, (1..=20).collect::<Vec<u32>>());
    }
    done.store(true, std::sync::atomic::Ordering::SeqCst);
    let ended = ending.await.unwrap();
    assert!(ended > 20, "only {ended} sessions were ended");
    let report = world.check().await;
    assert_eq!(
        (report.ballots, report.superseded, report.receipts),
        (24, 24 * 19, 24 * 20)
    );
    assert_eq!(report.faults, Vec::<String>::new());
}

/// Nobody answers: then nothing was done, and that is what is said.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_database_it_is_busy_and_then_recovers() {
    let Some(mut cluster) = Cluster::start(Durability::None) else {
        return;
    };
    let (world, _) = world_on(&cluster).await;
    let grant = world.grant("recorded", 1).await;
    cluster.crash();
    let refused = world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await;
    assert!(matches!(refused, Err(Refusal::Busy { .. })), "{refused:?}");
    assert_eq!(world.get("/health/ready").await.status, 503);
    cluster.start_again(Durability::None);
    let recorded = world
        .cast("recorded", &grant, 1, options(&["a"]), None)
        .await
        .unwrap();
    assert!(!recorded.replayed, "nothing had been done");
    assert_eq!(world.count("ballot"), 1);
}

/// A synchronous standby that never comes: a ballot whose wait is cancelled is not
/// known to be safe, and is told as recorded only when it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_wait_for_a_standby_is_not_a_receipt() {
    let Some(cluster) = Cluster::start(Durability::None) else {
        return;
    };
    let (world, url) = world_on(&cluster).await;
    let grant = world.grant("recorded", 1).await;
    let standbys = |names: &str| {
        sql(
            &url,
            &format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'"),
        );
        sql(&url, "SELECT pg_reload_conf()");
    };
    standbys("nobody");
    let waiting = "FROM pg_stat_activity
                   WHERE application_name = 'linli' AND wait_event = 'SyncRep'";
    let cast = |nth: u128| {
        let (service, grant) = (Arc::clone(&world.service), grant.clone());
        tokio::spawn(async move {
            let ballot = CastBallot {
                choice: options(&["a"]),
                secret: None,
            };
            let key = key_of(nth);
            service
                .cast(&id("recorded"), &grant, key, ballot, CALLER)
                .await
        })
    };
    // The setting takes effect some time after it was asked for.
    let mut nth = 0;
    let waits = 'asked: loop {
        nth += 1;
        let asked = cast(nth);
        while !asked.is_finished() {
            if sql(&url, &format!("SELECT count(*) {waiting}")) != "0" {
                break 'asked asked;
            }
        }
        asked.await.unwrap().unwrap();
    };
    let mut cancelled = 0;
    // Each try waits again, also the ones that find the ballot there.
    while !waits.is_finished() {
        let ended = sql(&url, &format!("SELECT pg_cancel_backend(pid) {waiting}"));
        cancelled += ended.lines().count();
    }
    let failed = waits.await.unwrap();
    assert!(
        matches!(failed, Err(linli_server::Failure::Fault(_))),
        "{failed:?}"
    );
    assert!(cancelled >= 4, "{cancelled} waits were cancelled");
    standbys("");
    let recorded = cast(nth).await.unwrap().unwrap();
    assert!(recorded.replayed, "the ballot had been there all along");
    assert_eq!(u128::from(recorded.reply.receipt.revision), nth);
    assert_eq!(world.count("ballot"), 1);
}

/// What PostgreSQL keeps beside the columns connects nobody with a ballot, once it was
/// laid anew. Just before, there is a connection to see.
#[tokio::test(flavor = "multi_thread")]
async fn register_and_box_share_no_transaction_and_no_order() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (world, url) = world_on(cluster).await;
    let linked = "SELECT count(*) FROM voted_register r JOIN ballot_box b ON r.xmin = b.xmin";
    let mut linked_before = 0;
    for household in 1..=20u32 {
        let grant = world.grant("secret", household).await;
        let key = u128::from(household);
        world
            .cast("secret", &grant, key, options(&["a"]), Some(key << 64))
            .await
            .unwrap();
        linked_before = linked_before.max(sql(&url, linked).parse().unwrap());
    }
    assert!(linked_before > 0, "there was nothing to take away");
    let orders = |table: &str| {
        sql(
            &url,
            &format!("SELECT count(DISTINCT xmin::text) FROM {table}"),
        )
    };
    until("laid anew", || {
        sql(&url, linked) == "0" && orders("voted_register") == "1" && orders("ballot_box") == "1"
    })
    .await;
    for (table, hash) in [("voted_register", "voter_mark"), ("ballot_box", "address")] {
        let lying = sql(&url, &format!("SELECT {hash} FROM {table} ORDER BY ctid"));
        let mut sorted: Vec<&str> = lying.lines().collect();
        sorted.sort_unstable();
        assert_eq!(lying.lines().collect::<Vec<_>>(), sorted, "{table}");
        assert_eq!(sorted.len(), 20);
    }
    let keys = sql(&url, "SELECT cast_key FROM ballot_box ORDER BY ctid");
    let mut sorted: Vec<&str> = keys.lines().collect();
    sorted.sort_unstable();
    assert_ne!(keys.lines().collect::<Vec<_>>(), sorted, "order of arrival");
    let report = world.check().await;
    assert_eq!((report.ballots, report.faults), (20, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stopped_server_left_is_laid_anew() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (mut world, url) = world_on(cluster).await;
    let orders = || {
        sql(
            &url,
            "SELECT count(DISTINCT xmin::text) FROM voted_register",
        )
    };
    for household in 1..=3 {
        let grant = world.grant("secret", household).await;
        let key = u128::from(household);
        world
            .cast("secret", &grant, key, options(&["a"]), Some(key << 64))
            .await
            .unwrap();
    }
    world.running.take().unwrap().shutdown().await;
    assert_eq!(orders(), "1", "stopping does it");
    // As a killed one would leave it.
    sql(
        &url,
        "UPDATE voted_register SET voter_mark = voter_mark
         WHERE voter_mark = (SELECT voter_mark FROM voted_register LIMIT 1)",
    );
    assert_eq!(orders(), "2");
    let _world = World::open(world.dir, world.config).await;
    until("laid anew at the start", || orders() == "1").await;
}

/// Tables that only this store has are in the data map as well.
#[tokio::test(flavor = "multi_thread")]
async fn every_column_here_is_in_the_data_map() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    use linli_server::privacy::map::{ENTRIES, NOT_PERSONAL};
    let (_world, url) = world_on(cluster).await;
    let mapped = ENTRIES.iter().flat_map(|entry| entry.columns);
    let told: BTreeSet<String> = mapped
        .chain(NOT_PERSONAL)
        .flat_map(|(table, columns)| columns.iter().map(move |c| format!("{table}.{c}")))
        .collect();
    let here = lines(
        &url,
        "SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND column_name <> 'community_id'",
    );
    assert_eq!(told, here);
}

/// Two servers do not delete at once, and the turn of one that ended is free.
#[tokio::test(flavor = "multi_thread")]
async fn one_server_at_a_time_deletes() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (one, _) = world_on(cluster).await;
    let other = beside(&one).await;
    let turn = one.service.store().retention_turn().await.unwrap();
    assert!(turn.is_some());
    assert!(other.service.retain(false).await.unwrap().is_none());
    assert!(
        other.service.retain(true).await.unwrap().is_some(),
        "counting is free"
    );
    drop(turn);
    for _ in 0..600 {
        if other.service.retain(false).await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: the other's turn");
}

/// A desk that is open on one server hears of what is done on another.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_desk_hears_of_other_servers() {
    use crate::desk_live::Listener;
    use crate::desk_world::{create, draft, open, path};
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (world, _url) = world_on(cluster).await;
    let second = beside(&world).await;
    let owner = world.owner("jiangpan", "wang").await;
    let mut here = Listener::open(&world, &path("jiangpan", "live"), &owner.token, None).await;
    second
        .done(&owner, &create(draft("drying", "grid-1")))
        .await;
    here.until("\"subject\":\"poll\",\"id\":\"drying\"").await;
    second.done(&owner, &open("drying")).await;
    let grant = second.grant("drying", 1).await;
    here.until("\"subject\":\"poll\"").await;
    let cast = second.cast("drying", &grant, 1, motion(Stance::Yes), None);
    cast.await.unwrap();
    here.until("\"subject\":\"turnout\",\"id\":\"drying\"")
        .await;
}

/// The negative control of `desk_race`: without the lock between ballots and a closing,
/// a count that was told as final changes. Ballots are made slow, so that some are under
/// way at every moment; with the lock that makes no difference.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_lock_a_ballot_comes_after_the_count() {
    let Some(cluster) = Cluster::shared() else {
        return;
    };
    let (world, url) = world_on(cluster).await;
    sql(
        &url,
        "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
         CREATE TRIGGER slow BEFORE INSERT ON ballot FOR EACH ROW EXECUTE FUNCTION slow()",
    );
    let world = Arc::new(world);
    let owner = world.owner("jiangpan", "wang").await;
    let second = world.owner("jiangpan", "li").await;
    let raced = crate::desk_race::close_while_voting(&world, &owner, &second, "locked").await;
    assert_eq!(
        (raced.told, raced.later),
        (raced.acknowledged, raced.acknowledged)
    );
    // Functions of the same name, found before the real ones, that lock nothing.
    sql(
        &url,
        "CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void
             LANGUAGE sql AS 'SELECT';
         CREATE FUNCTION public.pg_advisory_xact_lock_shared(bigint) RETURNS void
             LANGUAGE sql AS 'SELECT';
         DO $$ BEGIN EXECUTE format(
             'ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
         END $$",
    );
    let world = Arc::into_inner(world).expect("nobody votes any more");
    let world = Arc::new(world.restart().await);
    let raced = crate::desk_race::close_while_voting(&world, &owner, &second, "unlocked").await;
    assert_ne!(raced.told, raced.later, "the lock makes no difference");
}
