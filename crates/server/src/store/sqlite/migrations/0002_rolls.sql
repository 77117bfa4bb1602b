-- Rolls: who may vote, by kind of electorate, in versions.

-- The version of each roll that counts now. A roll without a row has version 0: it was
-- filled from the households of before versions were kept.
CREATE TABLE roll (
    community_id TEXT    NOT NULL,
    kind         TEXT    NOT NULL,  -- households, persons, owners, tenants, members
    version      INTEGER NOT NULL,
    PRIMARY KEY (community_id, kind)
) STRICT, WITHOUT ROWID;

-- What is known of a version besides its entries. The commitment is SHA-256 over the
-- version's record, which holds the salt.
CREATE TABLE roll_version (
    community_id  TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    adopted_at_ms INTEGER NOT NULL,
    adopted_by    TEXT    NOT NULL,  -- as the caller named them
    file_name     TEXT    NOT NULL,
    entries       INTEGER NOT NULL,
    voters        INTEGER NOT NULL,
    added         INTEGER NOT NULL,
    changed       INTEGER NOT NULL,
    removed       INTEGER NOT NULL,
    unchanged     INTEGER NOT NULL,
    salt          BLOB    NOT NULL,
    commitment    BLOB    NOT NULL,
    CONSTRAINT one_roll_of_a_version PRIMARY KEY (community_id, kind, version)
) STRICT, WITHOUT ROWID;

-- Lines of rolls: units on the roll of owners, voters on the others. A line holds for
-- the versions from `since_version` up to, and without, `until_version`; that is NULL
-- while it holds. A changed or returning line keeps its `entry_id`.
CREATE TABLE roll_entry (
    community_id    TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    entry_id        INTEGER NOT NULL,  -- of households: their household_id
    since_version   INTEGER NOT NULL,
    until_version   INTEGER,
    voter_id        INTEGER NOT NULL,  -- shared by the units of one owner
    household_id    INTEGER,           -- whose code names the voter
    place_id        TEXT    NOT NULL,
    label           TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    owner           TEXT    NOT NULL,  -- one word for all units of an owner
    developer       INTEGER NOT NULL,  -- 1: not sold, or not handed over
    registered_csqm INTEGER,
    surveyed_csqm   INTEGER,
    contract_csqm   INTEGER,
    PRIMARY KEY (community_id, kind, entry_id, since_version)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_current_entry ON roll_entry (community_id, kind, entry_id)
    WHERE until_version IS NULL;
CREATE INDEX roll_entry_voter ON roll_entry (community_id, kind, voter_id)
    WHERE until_version IS NULL;
CREATE INDEX roll_entry_household ON roll_entry (community_id, kind, household_id)
    WHERE until_version IS NULL;
CREATE INDEX roll_entry_closed ON roll_entry (community_id, kind, voter_id)
    WHERE until_version IS NOT NULL;

-- Files that were read and wait to be adopted. The body is JSON of the entries.
CREATE TABLE roll_draft (
    community_id  TEXT    NOT NULL,
    draft_id      TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    base_version  INTEGER NOT NULL,
    errors        INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    preview       TEXT    NOT NULL,  -- JSON of what staff see
    body          TEXT    NOT NULL,
    PRIMARY KEY (community_id, draft_id)
) STRICT, WITHOUT ROWID;

INSERT INTO roll_entry
SELECT community_id, 'households', household_id, 0, NULL, household_id, household_id,
       place_id, label, '', '', 0, area_csqm, NULL, NULL
FROM household;
