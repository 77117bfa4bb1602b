-- As on SQLite.
CREATE TABLE work_spent (
    community_id   TEXT COLLATE "C" NOT NULL,
    poll_id        TEXT COLLATE "C" NOT NULL,
    nonce_hash     BYTEA            NOT NULL,
    expires_at_ms  BIGINT           NOT NULL,
    waiter         BYTEA,
    waits_until_ms BIGINT,
    PRIMARY KEY (community_id, poll_id, nonce_hash)
);
CREATE INDEX work_spent_by ON work_spent (community_id, waiter, waits_until_ms)
    WHERE waiter IS NOT NULL;
