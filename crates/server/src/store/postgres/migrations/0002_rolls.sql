-- Rolls: the same tables, columns and keys as on SQLite, where each is explained. A
-- server of the version before goes on while this one is new, except that households
-- which it imports are on no roll until they are imported again.

CREATE TABLE roll (
    community_id TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    version      BIGINT           NOT NULL,
    PRIMARY KEY (community_id, kind)
);

CREATE TABLE roll_version (
    community_id  TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    version       BIGINT           NOT NULL,
    adopted_at_ms BIGINT           NOT NULL,
    adopted_by    TEXT             NOT NULL,
    file_name     TEXT             NOT NULL,
    entries       BIGINT           NOT NULL,
    voters        BIGINT           NOT NULL,
    added         BIGINT           NOT NULL,
    changed       BIGINT           NOT NULL,
    removed       BIGINT           NOT NULL,
    unchanged     BIGINT           NOT NULL,
    salt          BYTEA            NOT NULL,
    commitment    BYTEA            NOT NULL,
    CONSTRAINT one_roll_of_a_version PRIMARY KEY (community_id, kind, version)
);

CREATE TABLE roll_entry (
    community_id    TEXT COLLATE "C" NOT NULL,
    kind            TEXT COLLATE "C" NOT NULL,
    entry_id        BIGINT           NOT NULL,
    since_version   BIGINT           NOT NULL,
    until_version   BIGINT,
    voter_id        BIGINT           NOT NULL,
    household_id    BIGINT,
    place_id        TEXT COLLATE "C" NOT NULL,
    label           TEXT COLLATE "C" NOT NULL,
    name            TEXT COLLATE "C" NOT NULL,
    owner           TEXT COLLATE "C" NOT NULL,
    developer       BOOLEAN          NOT NULL,
    registered_csqm BIGINT,
    surveyed_csqm   BIGINT,
    contract_csqm   BIGINT,
    PRIMARY KEY (community_id, kind, entry_id, since_version)
);

CREATE UNIQUE INDEX one_current_entry ON roll_entry (community_id, kind, entry_id)
    WHERE until_version IS NULL;
CREATE INDEX roll_entry_voter ON roll_entry (community_id, kind, voter_id)
    WHERE until_version IS NULL;
CREATE INDEX roll_entry_household ON roll_entry (community_id, kind, household_id)
    WHERE until_version IS NULL;
CREATE INDEX roll_entry_closed ON roll_entry (community_id, kind, voter_id)
    WHERE until_version IS NOT NULL;

CREATE TABLE roll_draft (
    community_id  TEXT COLLATE "C" NOT NULL,
    draft_id      TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    base_version  BIGINT           NOT NULL,
    errors        BIGINT           NOT NULL,
    expires_at_ms BIGINT           NOT NULL,
    preview       TEXT             NOT NULL,
    body          TEXT             NOT NULL,
    PRIMARY KEY (community_id, draft_id)
);

INSERT INTO roll_entry
SELECT community_id, 'households', household_id, 0, NULL, household_id, household_id,
       place_id, label, '', '', FALSE, area_csqm, NULL, NULL
FROM household;
