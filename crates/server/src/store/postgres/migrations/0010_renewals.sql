-- A lost second factor: a link that renews that of an account, instead of making one.
ALTER TABLE invitation ADD COLUMN renews TEXT COLLATE "C";
