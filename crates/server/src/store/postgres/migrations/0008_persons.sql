-- Contacts and links of every roll. Explained on SQLite. Servers of the earlier version
-- go on reading both tables; an import by one of them is refused until it is replaced.

ALTER TABLE voter_contact DROP CONSTRAINT voter_contact_pkey,
    ADD PRIMARY KEY (community_id, contact_index, voter);
ALTER TABLE voter_link DROP CONSTRAINT voter_link_pkey,
    ADD PRIMARY KEY (community_id, link_hash, voter);
ALTER TABLE roll_draft ADD COLUMN contacts TEXT;
CREATE INDEX roll_entry_label ON roll_entry (community_id, kind, label)
    WHERE until_version IS NULL;
