-- Who may vote, apart from codes on paper: contacts on the roll and passwords sent to
-- them, keys of host sites and their visitors.

-- A voter's phone number or e-mail address: nothing but the keyed hash by which it is
-- found when its owner gives it. One contact is one voter's.
CREATE TABLE voter_contact (
    community_id  TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    voter         TEXT NOT NULL,  -- as in cast_grant
    kind          TEXT NOT NULL,  -- phone or mail
    PRIMARY KEY (community_id, contact_index)
) STRICT, WITHOUT ROWID;
CREATE INDEX voter_contact_of ON voter_contact (community_id, voter);

-- Passwords that were sent and not used yet: keyed hashes, good for ten minutes.
CREATE TABLE one_time_password (
    community_id  TEXT    NOT NULL,
    poll_id       TEXT    NOT NULL,
    contact_index BLOB    NOT NULL,
    password_hash BLOB    NOT NULL,
    tries         INTEGER NOT NULL,  -- wrong ones
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (community_id, poll_id, contact_index)
) STRICT, WITHOUT ROWID;

-- Keys that host sites sign tokens with. Links are to the host, so that its next key
-- finds them too.
CREATE TABLE host_key (
    community_id TEXT NOT NULL,
    key_id       TEXT NOT NULL,
    host         TEXT NOT NULL,
    public_key   BLOB NOT NULL,  -- Ed25519
    origins      TEXT NOT NULL,  -- JSON list
    PRIMARY KEY (community_id, key_id)
) STRICT, WITHOUT ROWID;

-- Which voter a host's visitor is: a keyed hash of host and visitor.
CREATE TABLE voter_link (
    community_id TEXT NOT NULL,
    link_hash    BLOB NOT NULL,
    voter        TEXT NOT NULL,  -- as in cast_grant
    PRIMARY KEY (community_id, link_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX voter_link_of ON voter_link (community_id, voter);

-- Tokens that were used, until they end by themselves.
CREATE TABLE host_nonce (
    community_id  TEXT    NOT NULL,
    poll_id       TEXT    NOT NULL,
    nonce_hash    BLOB    NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (community_id, poll_id, nonce_hash)
) STRICT, WITHOUT ROWID;

-- Recorded polls: ballots that somebody filled in for the voter, and the consent to it.
-- One row for each such revision, also of those that were replaced.
CREATE TABLE ballot_on_behalf (
    community_id    TEXT    NOT NULL,
    poll_id         TEXT    NOT NULL,
    voter           TEXT    NOT NULL,
    revision        INTEGER NOT NULL,
    recorder_kind   TEXT    NOT NULL,  -- staff or family
    recorder        TEXT    NOT NULL,  -- staff's name; empty for family
    manner          TEXT    NOT NULL,  -- in_person, by_phone or written
    consenter       BLOB,              -- sealed; NULL for family
    relation        TEXT    NOT NULL,
    consented_at_ms INTEGER NOT NULL,
    recorded_at_ms  INTEGER NOT NULL,
    record_id       TEXT    NOT NULL,  -- what the sealed name is bound to
    PRIMARY KEY (community_id, poll_id, voter, revision)
) STRICT, WITHOUT ROWID;
