-- Staff, what they decide and what is written down of it. Lists (posts, notices) are
-- JSON of the model: nothing asks the database about their parts.

-- Members of staff. Nobody is ever removed: without posts they cannot sign in.
CREATE TABLE staff (
    community_id   TEXT    NOT NULL,
    staff_id       TEXT    NOT NULL,  -- 32 hexadecimal digits
    name           TEXT    NOT NULL,
    login          TEXT    NOT NULL,
    login_folded   TEXT    NOT NULL,  -- NFKC, lower case
    password_phc   TEXT    NOT NULL,  -- Argon2id
    totp_secret    BLOB    NOT NULL,  -- encrypted
    totp_step      INTEGER NOT NULL,  -- the last one used: none is used twice
    posts          TEXT    NOT NULL,
    signed_in_at_ms INTEGER,
    PRIMARY KEY (community_id, staff_id),
    CONSTRAINT staff_login UNIQUE (community_id, login_folded)
) STRICT, WITHOUT ROWID;

-- Recovery codes that are left: 80 bits of chance each, so that SHA-256 suffices.
CREATE TABLE recovery_code (
    community_id TEXT NOT NULL,
    staff_id     TEXT NOT NULL,
    code_hash    BLOB NOT NULL,
    PRIMARY KEY (community_id, staff_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Invitations that were not used. From `login` on: the first of two steps, if it was done.
CREATE TABLE invitation (
    community_id    TEXT    NOT NULL,
    token_hash      BLOB    NOT NULL,
    invitation_id   TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    posts           TEXT    NOT NULL,
    invited_by      TEXT,             -- absent: somebody with a shell on the server
    invited_by_name TEXT    NOT NULL,
    expires_at_ms   INTEGER NOT NULL,
    login           TEXT,
    password_phc    TEXT,
    totp_secret     BLOB,
    PRIMARY KEY (community_id, token_hash),
    CONSTRAINT invitation_name UNIQUE (community_id, invitation_id)
) STRICT, WITHOUT ROWID;

-- Sessions. Only the SHA-256 of the token is kept.
CREATE TABLE staff_session (
    community_id  TEXT    NOT NULL,
    token_hash    BLOB    NOT NULL,
    session_id    TEXT    NOT NULL,  -- names it without opening it
    staff_id      TEXT    NOT NULL,
    started_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER NOT NULL,  -- to the minute
    device        TEXT    NOT NULL,  -- family of browser and system
    PRIMARY KEY (community_id, token_hash),
    CONSTRAINT session_name UNIQUE (community_id, session_id)
) STRICT, WITHOUT ROWID;

-- Commands that need a second person, and how that ended.
CREATE TABLE approval (
    community_id    TEXT    NOT NULL,
    approval_id     TEXT    NOT NULL,
    command         TEXT    NOT NULL,
    about           TEXT    NOT NULL,
    place_id        TEXT,             -- where it is decided; absent: the whole community
    asked_by        TEXT    NOT NULL,
    asked_by_name   TEXT    NOT NULL,
    asked_at_ms     INTEGER NOT NULL,
    expires_at_ms   INTEGER NOT NULL,
    state           TEXT    NOT NULL, -- `waiting` also where it has lapsed since
    decided_by_name TEXT    NOT NULL,
    decided_at_ms   INTEGER,
    reason          TEXT    NOT NULL,
    PRIMARY KEY (community_id, approval_id)
) STRICT, WITHOUT ROWID;

-- What a command was answered, for a day.
CREATE TABLE desk_reply (
    community_id TEXT    NOT NULL,
    staff_id     TEXT    NOT NULL,
    command_key  BLOB    NOT NULL,
    command_hash BLOB    NOT NULL,
    reply        TEXT    NOT NULL,
    at_ms        INTEGER NOT NULL,
    PRIMARY KEY (community_id, staff_id, command_key)
) STRICT, WITHOUT ROWID;

-- The audit log, a chain of hashes per community. Rows are only ever added.
CREATE TABLE audit (
    community_id  TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    at_ms         INTEGER NOT NULL,
    actor         TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    detail        TEXT    NOT NULL,
    previous_hash TEXT    NOT NULL,
    entry_hash    TEXT    NOT NULL,
    PRIMARY KEY (community_id, number)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;

-- The ends of a community's audit log and of its changes. Whatever writes here comes
-- one after the other.
CREATE TABLE desk_head (
    community_id TEXT    NOT NULL,
    audit_number INTEGER NOT NULL,
    audit_hash   TEXT    NOT NULL,
    event_number INTEGER NOT NULL,
    PRIMARY KEY (community_id)
) STRICT, WITHOUT ROWID;

-- What changed, for desks that are open. Kept for an hour.
CREATE TABLE desk_event (
    community_id TEXT    NOT NULL,
    number       INTEGER NOT NULL,
    at_ms        INTEGER NOT NULL,
    subject      TEXT    NOT NULL,
    subject_id   TEXT    NOT NULL,
    PRIMARY KEY (community_id, number)
) STRICT, WITHOUT ROWID;

-- Topics that are not published lie apart: no question of residents can reach one. Their
-- identifiers are taken in the directory.
CREATE TABLE topic_draft (
    community_id TEXT NOT NULL,
    topic_id     TEXT NOT NULL,
    poll_id      TEXT NOT NULL,
    body         TEXT NOT NULL,
    PRIMARY KEY (community_id, topic_id),
    CONSTRAINT draft_poll_per_community UNIQUE (community_id, poll_id)
) STRICT, WITHOUT ROWID;

-- What residents are told of changes after publishing.
ALTER TABLE topic ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
