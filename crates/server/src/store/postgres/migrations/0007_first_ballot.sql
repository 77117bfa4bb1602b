-- The first ballot of a voter in a recorded poll, in one statement: what nearly every
-- ballot is. True if it was recorded. False says that it takes a closer look (another
-- version of the topic than the caller decided by, no such grant, a ballot is there
-- already), and that nothing was done.
--
-- In a function, because each statement of one sees what was committed before it began:
-- who changes the topic holds the lock alone, and once this has its share the version is
-- the one that counts. That needs READ COMMITTED, which every session sets.
CREATE FUNCTION cast_first_ballot(
    topic_lock bigint, of_community text, of_topic text, known_version bigint,
    of_poll text, of_token bytea, now_ms bigint, of_key bytea, of_choice text, of_nonce bytea,
    of_key_id text
) RETURNS boolean LANGUAGE plpgsql AS $body$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(topic_lock);
    INSERT INTO ballot (community_id, poll_id, voter, revision, cast_key, choice, nonce,
        key_id, cast_at_ms)
    SELECT of_community, of_poll, g.voter, 1, of_key, of_choice, of_nonce, of_key_id, now_ms
    FROM topic t, cast_grant g
    WHERE t.community_id = of_community AND t.topic_id = of_topic
        AND t.version = known_version
        AND g.community_id = of_community AND g.poll_id = of_poll
        AND g.token_hash = of_token AND g.expires_at_ms > now_ms
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE poll_generation SET ballots = ballots + 1
    WHERE community_id = of_community AND poll_id = of_poll
        AND slot = pg_backend_pid() % 64;
    IF NOT FOUND THEN
        INSERT INTO poll_generation (community_id, poll_id, slot, ballots)
        VALUES (of_community, of_poll, pg_backend_pid() % 64, 1)
        ON CONFLICT (community_id, poll_id, slot)
        DO UPDATE SET ballots = poll_generation.ballots + 1;
    END IF;
    RETURN true;
END
$body$;
