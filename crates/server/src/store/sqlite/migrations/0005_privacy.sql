-- What people may ask of their own data, and how long things are kept.

-- Somebody who looks at their own data.
CREATE TABLE my_session (
    community_id  TEXT    NOT NULL,
    token_hash    BLOB    NOT NULL,  -- SHA-256 of the token
    subject       TEXT    NOT NULL,  -- h<household_id>, or d<hash> of a device
    voters        TEXT    NOT NULL,  -- JSON: every name that polls know them by
    label         TEXT    NOT NULL,  -- what the household is called; empty for a device
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (community_id, token_hash)
) STRICT, WITHOUT ROWID;

-- A consent to one purpose, by the notice's version. Taking it back is a time, not a
-- deletion: it stays provable what was agreed to, and until when.
CREATE TABLE consent (
    community_id    TEXT    NOT NULL,
    consent_id      TEXT    NOT NULL,  -- 128 bits of chance, in hexadecimal
    subject         TEXT    NOT NULL,
    purpose         TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    given_at_ms     INTEGER NOT NULL,
    helped          BLOB,              -- sealed JSON: helper and witness
    withdrawn_at_ms INTEGER,
    PRIMARY KEY (community_id, consent_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_consent ON consent (community_id, subject, purpose)
    WHERE withdrawn_at_ms IS NULL;
CREATE INDEX consent_by_subject ON consent (community_id, subject);

-- What somebody asks staff for about their own data.
CREATE TABLE person_request (
    community_id  TEXT    NOT NULL,
    request_id    TEXT    NOT NULL,  -- 128 bits of chance, in hexadecimal
    subject       TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    body          BLOB    NOT NULL,  -- sealed JSON: their words, and how to reach them
    asked_at_ms   INTEGER NOT NULL,
    answer        BLOB,              -- sealed
    settled_by    TEXT,              -- staff:<id>
    settled_at_ms INTEGER,
    PRIMARY KEY (community_id, request_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_request_by_subject ON person_request (community_id, subject);

-- How long a community keeps something, where it decided otherwise than the map says.
CREATE TABLE retention_period (
    community_id TEXT    NOT NULL,
    what         TEXT    NOT NULL,
    days         INTEGER NOT NULL,
    PRIMARY KEY (community_id, what)
) STRICT, WITHOUT ROWID;

-- Device polls whose ballots name no device any more.
CREATE TABLE poll_unlinked (
    community_id   TEXT    NOT NULL,
    poll_id        TEXT    NOT NULL,
    unlinked_at_ms INTEGER NOT NULL,
    PRIMARY KEY (community_id, poll_id)
) STRICT, WITHOUT ROWID;

-- What a person's own data is found by.
CREATE INDEX cast_grant_by_voter ON cast_grant (community_id, voter);
CREATE INDEX cast_grant_by_end ON cast_grant (community_id, expires_at_ms);
