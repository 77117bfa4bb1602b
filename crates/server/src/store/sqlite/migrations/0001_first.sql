-- The first schema. `community_id` leads every key, so that the same tables can be
-- spread over machines by that column. Times are UTC milliseconds, areas 0.01 m².

-- A community: an urban neighbourhood or a village.
CREATE TABLE community (
    community_id TEXT NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL,
    time_zone    TEXT NOT NULL  -- IANA name in which its deadlines are told
) STRICT, WITHOUT ROWID;

-- The web origins whose pages may embed this community's widgets.
CREATE TABLE community_origin (
    community_id TEXT NOT NULL,
    origin       TEXT NOT NULL,  -- scheme://host[:port], lower case
    PRIMARY KEY (community_id, origin)
) STRICT, WITHOUT ROWID;

-- The tree of places. A place without a parent is a root.
CREATE TABLE place (
    community_id TEXT NOT NULL,
    place_id     TEXT NOT NULL,
    parent_id    TEXT,
    name         TEXT NOT NULL,
    PRIMARY KEY (community_id, place_id)
) STRICT, WITHOUT ROWID;

-- The roll of households. The label is what staff and paper call it.
CREATE TABLE household (
    community_id TEXT    NOT NULL,
    household_id INTEGER NOT NULL,
    place_id     TEXT    NOT NULL,
    label        TEXT    NOT NULL,
    area_csqm    INTEGER,        -- exclusive area; absent where it is not known
    PRIMARY KEY (community_id, household_id),
    CONSTRAINT household_label UNIQUE (community_id, place_id, label)
) STRICT, WITHOUT ROWID;

-- The short code that people type: a selector that finds the row, and a secret of
-- which only the Argon2id hash is kept.
CREATE TABLE typed_code (
    community_id TEXT    NOT NULL,
    selector     TEXT    NOT NULL,
    household_id INTEGER NOT NULL,
    secret_phc   TEXT    NOT NULL,
    PRIMARY KEY (community_id, selector),
    CONSTRAINT typed_code_per_household UNIQUE (community_id, household_id)
) STRICT, WITHOUT ROWID;

-- The long code in the printed QR: 128 bits of chance, so that SHA-256 suffices.
CREATE TABLE scanned_code (
    community_id TEXT    NOT NULL,
    code_hash    BLOB    NOT NULL,
    household_id INTEGER NOT NULL,
    PRIMARY KEY (community_id, code_hash),
    CONSTRAINT scanned_code_per_household UNIQUE (community_id, household_id)
) STRICT, WITHOUT ROWID;

-- Wrong tries, kept so that a restart does not forget them. The subject is a keyed
-- hash of a code's selector or of a client's address: neither can be read back.
CREATE TABLE attempt (
    community_id     TEXT    NOT NULL,
    subject          BLOB    NOT NULL,
    failures         INTEGER NOT NULL,
    blocked_until_ms INTEGER NOT NULL,
    last_at_ms       INTEGER NOT NULL,
    PRIMARY KEY (community_id, subject)
) STRICT, WITHOUT ROWID;

-- Finds the community of a topic: topic identifiers are unique over all communities.
CREATE TABLE topic_directory (
    topic_id     TEXT NOT NULL PRIMARY KEY,
    community_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Topics with their poll, as JSON of the model. `version` grows with every import that
-- touches the topic or its community; parsed copies are kept under it.
CREATE TABLE topic (
    community_id TEXT    NOT NULL,
    topic_id     TEXT    NOT NULL,
    poll_id      TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    body         TEXT    NOT NULL,
    PRIMARY KEY (community_id, topic_id),
    CONSTRAINT poll_per_community UNIQUE (community_id, poll_id)
) STRICT, WITHOUT ROWID;

-- Cast grants. Only the SHA-256 of the token is kept.
CREATE TABLE cast_grant (
    community_id  TEXT    NOT NULL,
    poll_id       TEXT    NOT NULL,
    token_hash    BLOB    NOT NULL,
    voter         TEXT    NOT NULL,  -- h<household_id> or d<hash of the device's name>
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (community_id, poll_id, token_hash)
) STRICT, WITHOUT ROWID;

-- Recorded polls: the ballot that counts, one per voter. The primary key is what
-- prevents a second one.
CREATE TABLE ballot (
    community_id TEXT    NOT NULL,
    poll_id      TEXT    NOT NULL,
    voter        TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    cast_key     BLOB    NOT NULL,  -- idempotency key, lives as long as the poll
    choice       TEXT    NOT NULL,  -- RFC 8785 JSON of the choice in normal form
    nonce        BLOB    NOT NULL,  -- opens the receipt's commitment
    key_id       TEXT    NOT NULL,  -- signs the receipt
    cast_at_ms   INTEGER NOT NULL,
    CONSTRAINT one_ballot_per_voter PRIMARY KEY (community_id, poll_id, voter)
) STRICT, WITHOUT ROWID;

-- Recorded polls: ballots that a later one of the same voter replaced. They are not
-- counted; their receipts can still be answered for.
CREATE TABLE ballot_superseded (
    community_id TEXT    NOT NULL,
    poll_id      TEXT    NOT NULL,
    voter        TEXT    NOT NULL,
    revision     INTEGER NOT NULL,
    cast_key     BLOB    NOT NULL,
    choice       TEXT    NOT NULL,
    nonce        BLOB    NOT NULL,
    key_id       TEXT    NOT NULL,
    cast_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (community_id, poll_id, voter, revision),
    CONSTRAINT ballot_superseded_key UNIQUE (community_id, poll_id, voter, cast_key)
) STRICT, WITHOUT ROWID;

-- Secret polls, who: a hash of the voter, and nothing else. No time, no order (rows
-- lie in the order of their hash), nothing in common with the box.
CREATE TABLE voted_register (
    community_id TEXT NOT NULL,
    poll_id      TEXT NOT NULL,
    voter_mark   BLOB NOT NULL,
    CONSTRAINT one_entry_per_voter PRIMARY KEY (community_id, poll_id, voter_mark)
) STRICT, WITHOUT ROWID;

-- Secret polls, what: ballots under a hash of the client's own secret.
CREATE TABLE ballot_box (
    community_id TEXT    NOT NULL,
    poll_id      TEXT    NOT NULL,
    address      BLOB    NOT NULL,
    revision     INTEGER NOT NULL,
    cast_key     BLOB    NOT NULL,
    choice       TEXT    NOT NULL,
    nonce        BLOB    NOT NULL,
    key_id       TEXT    NOT NULL,
    PRIMARY KEY (community_id, poll_id, address)
) STRICT, WITHOUT ROWID;

-- Secret polls: ballots that a later one under the same secret replaced.
CREATE TABLE ballot_box_superseded (
    community_id TEXT    NOT NULL,
    poll_id      TEXT    NOT NULL,
    address      BLOB    NOT NULL,
    revision     INTEGER NOT NULL,
    cast_key     BLOB    NOT NULL,
    choice       TEXT    NOT NULL,
    nonce        BLOB    NOT NULL,
    key_id       TEXT    NOT NULL,
    PRIMARY KEY (community_id, poll_id, address, revision),
    CONSTRAINT ballot_box_superseded_key UNIQUE (community_id, poll_id, address, cast_key)
) STRICT, WITHOUT ROWID;

-- The last import: a keyed digest of its file (so that repeating it is free), and the
-- version that its topics got.
CREATE TABLE last_import (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL,
    digest   BLOB    NOT NULL
) STRICT;
