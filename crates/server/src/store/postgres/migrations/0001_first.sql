-- The first schema: the same tables, columns and keys as on SQLite, where each is
-- explained. `community_id` leads every key, so that the same tables can be spread over
-- machines by that column. What differs:
--
-- * Columns of names compare byte by byte (COLLATE "C"), as on SQLite.
-- * `ballot`, `voted_register` and `ballot_box` have one unique constraint each, so that
--   "nothing was inserted" has one meaning.
-- * No sequences: a sequence would tell an order.
-- * `poll_generation` is here only.

CREATE TABLE community (
    community_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name         TEXT NOT NULL,
    time_zone    TEXT NOT NULL
);

CREATE TABLE community_origin (
    community_id TEXT COLLATE "C" NOT NULL,
    origin       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, origin)
);

CREATE TABLE place (
    community_id TEXT COLLATE "C" NOT NULL,
    place_id     TEXT COLLATE "C" NOT NULL,
    parent_id    TEXT COLLATE "C",
    name         TEXT NOT NULL,
    PRIMARY KEY (community_id, place_id)
);

CREATE TABLE household (
    community_id TEXT COLLATE "C" NOT NULL,
    household_id BIGINT           NOT NULL,
    place_id     TEXT COLLATE "C" NOT NULL,
    label        TEXT COLLATE "C" NOT NULL,
    area_csqm    BIGINT,
    PRIMARY KEY (community_id, household_id),
    CONSTRAINT household_label UNIQUE (community_id, place_id, label)
);

CREATE TABLE typed_code (
    community_id TEXT COLLATE "C" NOT NULL,
    selector     TEXT COLLATE "C" NOT NULL,
    household_id BIGINT           NOT NULL,
    secret_phc   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, selector),
    CONSTRAINT typed_code_per_household UNIQUE (community_id, household_id)
);

CREATE TABLE scanned_code (
    community_id TEXT COLLATE "C" NOT NULL,
    code_hash    BYTEA            NOT NULL,
    household_id BIGINT           NOT NULL,
    PRIMARY KEY (community_id, code_hash),
    CONSTRAINT scanned_code_per_household UNIQUE (community_id, household_id)
);

CREATE TABLE attempt (
    community_id     TEXT COLLATE "C" NOT NULL,
    subject          BYTEA            NOT NULL,
    failures         BIGINT           NOT NULL,
    blocked_until_ms BIGINT           NOT NULL,
    last_at_ms       BIGINT           NOT NULL,
    PRIMARY KEY (community_id, subject)
);

CREATE TABLE topic_directory (
    topic_id     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    community_id TEXT COLLATE "C" NOT NULL
);

CREATE TABLE topic (
    community_id TEXT COLLATE "C" NOT NULL,
    topic_id     TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    version      BIGINT           NOT NULL,
    body         TEXT             NOT NULL,
    PRIMARY KEY (community_id, topic_id),
    CONSTRAINT poll_per_community UNIQUE (community_id, poll_id)
);

CREATE TABLE cast_grant (
    community_id  TEXT COLLATE "C" NOT NULL,
    poll_id       TEXT COLLATE "C" NOT NULL,
    token_hash    BYTEA            NOT NULL,
    voter         TEXT COLLATE "C" NOT NULL,
    expires_at_ms BIGINT           NOT NULL,
    PRIMARY KEY (community_id, poll_id, token_hash)
);

CREATE TABLE ballot (
    community_id TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    voter        TEXT COLLATE "C" NOT NULL,
    revision     BIGINT           NOT NULL,
    cast_key     BYTEA            NOT NULL,
    choice       TEXT COLLATE "C" NOT NULL,
    nonce        BYTEA            NOT NULL,
    key_id       TEXT COLLATE "C" NOT NULL,
    cast_at_ms   BIGINT           NOT NULL,
    CONSTRAINT one_ballot_per_voter PRIMARY KEY (community_id, poll_id, voter)
);

CREATE TABLE ballot_superseded (
    community_id TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    voter        TEXT COLLATE "C" NOT NULL,
    revision     BIGINT           NOT NULL,
    cast_key     BYTEA            NOT NULL,
    choice       TEXT COLLATE "C" NOT NULL,
    nonce        BYTEA            NOT NULL,
    key_id       TEXT COLLATE "C" NOT NULL,
    cast_at_ms   BIGINT           NOT NULL,
    PRIMARY KEY (community_id, poll_id, voter, revision),
    CONSTRAINT ballot_superseded_key UNIQUE (community_id, poll_id, voter, cast_key)
);

-- Rows of one transaction carry its number (xmin), and lie in the order in which they
-- came (ctid). Both are made anew by `unlink.rs`, apart from the box's.
CREATE TABLE voted_register (
    community_id TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    voter_mark   BYTEA            NOT NULL,
    CONSTRAINT one_entry_per_voter PRIMARY KEY (community_id, poll_id, voter_mark)
);

CREATE TABLE ballot_box (
    community_id TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    address      BYTEA            NOT NULL,
    revision     BIGINT           NOT NULL,
    cast_key     BYTEA            NOT NULL,
    choice       TEXT COLLATE "C" NOT NULL,
    nonce        BYTEA            NOT NULL,
    key_id       TEXT COLLATE "C" NOT NULL,
    CONSTRAINT one_ballot_per_address PRIMARY KEY (community_id, poll_id, address)
);

CREATE TABLE ballot_box_superseded (
    community_id TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    address      BYTEA            NOT NULL,
    revision     BIGINT           NOT NULL,
    cast_key     BYTEA            NOT NULL,
    choice       TEXT COLLATE "C" NOT NULL,
    nonce        BYTEA            NOT NULL,
    key_id       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, poll_id, address, revision),
    CONSTRAINT ballot_box_superseded_key UNIQUE (community_id, poll_id, address, cast_key)
);

CREATE TABLE last_import (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  BIGINT NOT NULL,
    digest   BYTEA  NOT NULL
);

-- How many ballots each poll has taken, summed over slots. Connections mostly have a
-- slot of their own, so that voters do not wait for one row. Servers that share the
-- database see by it that their counts are old.
CREATE TABLE poll_generation (
    community_id TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    slot         BIGINT           NOT NULL,
    ballots      BIGINT           NOT NULL,
    PRIMARY KEY (community_id, poll_id, slot)
) WITH (fillfactor = 50);
