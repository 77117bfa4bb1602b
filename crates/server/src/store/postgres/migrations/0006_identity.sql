-- Who may vote, apart from codes on paper. Explained on SQLite.

CREATE TABLE voter_contact (
    community_id  TEXT COLLATE "C" NOT NULL,
    contact_index BYTEA            NOT NULL,
    voter         TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, contact_index)
);
CREATE INDEX voter_contact_of ON voter_contact (community_id, voter);

CREATE TABLE one_time_password (
    community_id  TEXT COLLATE "C" NOT NULL,
    poll_id       TEXT COLLATE "C" NOT NULL,
    contact_index BYTEA            NOT NULL,
    password_hash BYTEA            NOT NULL,
    tries         BIGINT           NOT NULL,
    expires_at_ms BIGINT           NOT NULL,
    PRIMARY KEY (community_id, poll_id, contact_index)
);

CREATE TABLE host_key (
    community_id TEXT COLLATE "C" NOT NULL,
    key_id       TEXT COLLATE "C" NOT NULL,
    host         TEXT COLLATE "C" NOT NULL,
    public_key   BYTEA            NOT NULL,
    origins      TEXT             NOT NULL,
    PRIMARY KEY (community_id, key_id)
);

CREATE TABLE voter_link (
    community_id TEXT COLLATE "C" NOT NULL,
    link_hash    BYTEA            NOT NULL,
    voter        TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, link_hash)
);
CREATE INDEX voter_link_of ON voter_link (community_id, voter);

CREATE TABLE host_nonce (
    community_id  TEXT COLLATE "C" NOT NULL,
    poll_id       TEXT COLLATE "C" NOT NULL,
    nonce_hash    BYTEA            NOT NULL,
    expires_at_ms BIGINT           NOT NULL,
    PRIMARY KEY (community_id, poll_id, nonce_hash)
);

CREATE TABLE ballot_on_behalf (
    community_id    TEXT COLLATE "C" NOT NULL,
    poll_id         TEXT COLLATE "C" NOT NULL,
    voter           TEXT COLLATE "C" NOT NULL,
    revision        BIGINT           NOT NULL,
    recorder_kind   TEXT COLLATE "C" NOT NULL,
    recorder        TEXT             NOT NULL,
    manner          TEXT COLLATE "C" NOT NULL,
    consenter       BYTEA,
    relation        TEXT             NOT NULL,
    consented_at_ms BIGINT           NOT NULL,
    recorded_at_ms  BIGINT           NOT NULL,
    record_id       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, poll_id, voter, revision)
);
