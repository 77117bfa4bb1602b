-- Contacts and links of every roll: a phone is a person's and their household's.

-- A voter's phone number or e-mail address: nothing but the keyed hash by which it is
-- found when its owner gives it. Where it is several voters' of one roll it names none
-- of them.
CREATE TABLE voter_contact_next (
    community_id  TEXT NOT NULL,
    contact_index BLOB NOT NULL,
    voter         TEXT NOT NULL,  -- as in cast_grant
    kind          TEXT NOT NULL,  -- phone or mail
    PRIMARY KEY (community_id, contact_index, voter)
) STRICT, WITHOUT ROWID;
INSERT INTO voter_contact_next SELECT community_id, contact_index, voter, kind FROM voter_contact;
DROP TABLE voter_contact;
ALTER TABLE voter_contact_next RENAME TO voter_contact;
CREATE INDEX voter_contact_of ON voter_contact (community_id, voter);

-- Which voters a host's visitor is: a keyed hash of host and visitor.
CREATE TABLE voter_link_next (
    community_id TEXT NOT NULL,
    link_hash    BLOB NOT NULL,
    voter        TEXT NOT NULL,  -- as in cast_grant
    PRIMARY KEY (community_id, link_hash, voter)
) STRICT, WITHOUT ROWID;
INSERT INTO voter_link_next SELECT community_id, link_hash, voter FROM voter_link;
DROP TABLE voter_link;
ALTER TABLE voter_link_next RENAME TO voter_link;
CREATE INDEX voter_link_of ON voter_link (community_id, voter);

-- The contacts in a file that waits: JSON of their keyed hashes by entry. NULL where the
-- file has no such column.
ALTER TABLE roll_draft ADD COLUMN contacts TEXT;

-- Finds whom an import or a host site names by what stands on the roll.
CREATE INDEX roll_entry_label ON roll_entry (community_id, kind, label)
    WHERE until_version IS NULL;
