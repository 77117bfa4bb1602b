-- What people may ask of their own data, and how long things are kept.

-- Somebody who looks at their own data.
CREATE TABLE my_session (
    community_id  TEXT COLLATE "C" NOT NULL,
    token_hash    BYTEA            NOT NULL,  -- SHA-256 of the token
    subject       TEXT COLLATE "C" NOT NULL,  -- h<household_id>, or d<hash> of a device
    voters        TEXT COLLATE "C" NOT NULL,  -- JSON: every name that polls know them by
    label         TEXT COLLATE "C" NOT NULL,  -- what the household is called; empty for a device
    expires_at_ms BIGINT           NOT NULL,
    PRIMARY KEY (community_id, token_hash)
);

-- A consent to one purpose, by the notice's version. Taking it back is a time, not a
-- deletion: it stays provable what was agreed to, and until when.
CREATE TABLE consent (
    community_id    TEXT COLLATE "C" NOT NULL,
    consent_id      TEXT COLLATE "C" NOT NULL,  -- 128 bits of chance, in hexadecimal
    subject         TEXT COLLATE "C" NOT NULL,
    purpose         TEXT COLLATE "C" NOT NULL,
    version         BIGINT           NOT NULL,
    given_at_ms     BIGINT           NOT NULL,
    helped          BYTEA,                         -- sealed JSON: helper and witness
    withdrawn_at_ms BIGINT,
    PRIMARY KEY (community_id, consent_id)
);
CREATE UNIQUE INDEX one_consent ON consent (community_id, subject, purpose)
    WHERE withdrawn_at_ms IS NULL;
CREATE INDEX consent_by_subject ON consent (community_id, subject);

-- What somebody asks staff for about their own data.
CREATE TABLE person_request (
    community_id  TEXT COLLATE "C" NOT NULL,
    request_id    TEXT COLLATE "C" NOT NULL,  -- 128 bits of chance, in hexadecimal
    subject       TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    body          BYTEA            NOT NULL,  -- sealed JSON: their words, and how to reach them
    asked_at_ms   BIGINT           NOT NULL,
    answer        BYTEA,                         -- sealed
    settled_by    TEXT COLLATE "C",              -- staff:<id>
    settled_at_ms BIGINT,
    PRIMARY KEY (community_id, request_id)
);
CREATE INDEX person_request_by_subject ON person_request (community_id, subject);

-- How long a community keeps something, where it decided otherwise than the map says.
CREATE TABLE retention_period (
    community_id TEXT COLLATE "C" NOT NULL,
    what         TEXT COLLATE "C" NOT NULL,
    days         BIGINT           NOT NULL,
    PRIMARY KEY (community_id, what)
);

-- Device polls whose ballots name no device any more.
CREATE TABLE poll_unlinked (
    community_id   TEXT COLLATE "C" NOT NULL,
    poll_id        TEXT COLLATE "C" NOT NULL,
    unlinked_at_ms BIGINT           NOT NULL,
    PRIMARY KEY (community_id, poll_id)
);

-- What a person's own data is found by.
CREATE INDEX cast_grant_by_voter ON cast_grant (community_id, voter);
CREATE INDEX cast_grant_by_end ON cast_grant (community_id, expires_at_ms);
