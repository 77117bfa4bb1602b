-- Staff: the same tables, columns and keys as on SQLite, where each is explained too.
-- Lists (posts, notices) are JSON of the model: nothing asks the database about them.

-- Members of staff. Nobody is ever removed: without posts they cannot sign in.
CREATE TABLE staff (
    community_id   TEXT COLLATE "C" NOT NULL,
    staff_id       TEXT COLLATE "C" NOT NULL,  -- 32 hexadecimal digits
    name           TEXT NOT NULL,
    login          TEXT COLLATE "C" NOT NULL,
    login_folded   TEXT COLLATE "C" NOT NULL,  -- NFKC, lower case
    password_phc   TEXT COLLATE "C" NOT NULL,  -- Argon2id
    totp_secret    BYTEA NOT NULL,  -- encrypted
    totp_step      BIGINT NOT NULL,  -- the last one used: none is used twice
    posts          TEXT NOT NULL,
    signed_in_at_ms BIGINT,
    PRIMARY KEY (community_id, staff_id),
    CONSTRAINT staff_login UNIQUE (community_id, login_folded)
);

-- Recovery codes that are left: 80 bits of chance each, so that SHA-256 suffices.
CREATE TABLE recovery_code (
    community_id TEXT COLLATE "C" NOT NULL,
    staff_id     TEXT COLLATE "C" NOT NULL,
    code_hash    BYTEA NOT NULL,
    PRIMARY KEY (community_id, staff_id, code_hash)
);

-- Invitations that were not used. From `login` on: the first of two steps, if it was done.
CREATE TABLE invitation (
    community_id    TEXT COLLATE "C" NOT NULL,
    token_hash      BYTEA NOT NULL,
    invitation_id   TEXT COLLATE "C" NOT NULL,
    name            TEXT NOT NULL,
    posts           TEXT NOT NULL,
    invited_by      TEXT COLLATE "C",             -- absent: somebody with a shell on the server
    invited_by_name TEXT NOT NULL,
    expires_at_ms   BIGINT NOT NULL,
    login           TEXT COLLATE "C",
    password_phc    TEXT COLLATE "C",
    totp_secret     BYTEA,
    PRIMARY KEY (community_id, token_hash),
    CONSTRAINT invitation_name UNIQUE (community_id, invitation_id)
);

-- Sessions. Only the SHA-256 of the token is kept.
CREATE TABLE staff_session (
    community_id  TEXT COLLATE "C" NOT NULL,
    token_hash    BYTEA NOT NULL,
    session_id    TEXT COLLATE "C" NOT NULL,  -- names it without opening it
    staff_id      TEXT COLLATE "C" NOT NULL,
    started_at_ms BIGINT NOT NULL,
    used_at_ms    BIGINT NOT NULL,  -- to the minute
    device        TEXT NOT NULL,  -- family of browser and system
    PRIMARY KEY (community_id, token_hash),
    CONSTRAINT session_name UNIQUE (community_id, session_id)
);

-- Commands that need a second person, and how that ended.
CREATE TABLE approval (
    community_id    TEXT COLLATE "C" NOT NULL,
    approval_id     TEXT COLLATE "C" NOT NULL,
    command         TEXT NOT NULL,
    about           TEXT NOT NULL,
    place_id        TEXT COLLATE "C",             -- where it is decided; absent: the whole community
    asked_by        TEXT COLLATE "C" NOT NULL,
    asked_by_name   TEXT NOT NULL,
    asked_at_ms     BIGINT NOT NULL,
    expires_at_ms   BIGINT NOT NULL,
    state           TEXT COLLATE "C" NOT NULL, -- `waiting` also where it has lapsed since
    decided_by_name TEXT NOT NULL,
    decided_at_ms   BIGINT,
    reason          TEXT NOT NULL,
    PRIMARY KEY (community_id, approval_id)
);

-- What a command was answered, for a day.
CREATE TABLE desk_reply (
    community_id TEXT COLLATE "C" NOT NULL,
    staff_id     TEXT COLLATE "C" NOT NULL,
    command_key  BYTEA NOT NULL,
    command_hash BYTEA NOT NULL,
    reply        TEXT NOT NULL,
    at_ms        BIGINT NOT NULL,
    PRIMARY KEY (community_id, staff_id, command_key)
);

-- The audit log, a chain of hashes per community. Rows are only ever added.
CREATE TABLE audit (
    community_id  TEXT COLLATE "C" NOT NULL,
    number        BIGINT NOT NULL,
    at_ms         BIGINT NOT NULL,
    actor         TEXT NOT NULL,
    action        TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    detail        TEXT NOT NULL,
    previous_hash TEXT COLLATE "C" NOT NULL,
    entry_hash    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, number)
);

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- The ends of a community's audit log and of its changes. Whatever writes here comes
-- one after the other.
CREATE TABLE desk_head (
    community_id TEXT COLLATE "C" NOT NULL,
    audit_number BIGINT NOT NULL,
    audit_hash   TEXT COLLATE "C" NOT NULL,
    event_number BIGINT NOT NULL,
    PRIMARY KEY (community_id)
);

-- What changed, for desks that are open. Kept for an hour.
CREATE TABLE desk_event (
    community_id TEXT COLLATE "C" NOT NULL,
    number       BIGINT NOT NULL,
    at_ms        BIGINT NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    subject_id   TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, number)
);

-- Topics that are not published lie apart: no question of residents can reach one. Their
-- identifiers are taken in the directory.
CREATE TABLE topic_draft (
    community_id TEXT COLLATE "C" NOT NULL,
    topic_id     TEXT COLLATE "C" NOT NULL,
    poll_id      TEXT COLLATE "C" NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (community_id, topic_id),
    CONSTRAINT draft_poll_per_community UNIQUE (community_id, poll_id)
);

-- What residents are told of changes after publishing.
ALTER TABLE topic ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
