-- Challenges of polls that ask for work which have let a device in, until they end by
-- themselves. `waiter` is a keyed hash of poll and subscriber's address, where the
-- challenge was waited out; it counts against the limit until `waits_until_ms`. Nothing
-- here names the grant or the device.
CREATE TABLE work_spent (
    community_id   TEXT    NOT NULL,
    poll_id        TEXT    NOT NULL,
    nonce_hash     BLOB    NOT NULL,
    expires_at_ms  INTEGER NOT NULL,
    waiter         BLOB,
    waits_until_ms INTEGER,
    PRIMARY KEY (community_id, poll_id, nonce_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX work_spent_by ON work_spent (community_id, waiter, waits_until_ms)
    WHERE waiter IS NOT NULL;
