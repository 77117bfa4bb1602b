-- Uploads. Bytes lie elsewhere, under their hash; these rows say which are wanted.

-- A blob that is written, or about to be. While a sweep deletes its bytes, it says since
-- when: the claim of a sweep that ended in the middle runs out.
CREATE TABLE upload_blob (
    community_id  TEXT    NOT NULL,
    blob_hash     BLOB    NOT NULL,  -- SHA-256 of the bytes as kept
    noted_at_ms   INTEGER NOT NULL,
    claimed_at_ms INTEGER,
    PRIMARY KEY (community_id, blob_hash)
) STRICT, WITHOUT ROWID;

-- An upload: whose, what for, who may see it.
CREATE TABLE upload (
    community_id  TEXT    NOT NULL,
    upload_id     TEXT    NOT NULL,  -- 128 bits of chance, in hexadecimal
    owner         TEXT    NOT NULL,  -- staff:<id> or voter:<voter>
    purpose       TEXT    NOT NULL,
    policy        TEXT    NOT NULL,
    media_type    TEXT    NOT NULL,
    blob_hash     BLOB    NOT NULL,
    thumb_hash    BLOB,
    bytes         INTEGER NOT NULL,
    width         INTEGER,
    height        INTEGER,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (community_id, upload_id),
    CONSTRAINT one_upload_per_content UNIQUE (community_id, owner, purpose, blob_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_by_blob ON upload (community_id, blob_hash);
CREATE INDEX upload_by_thumb ON upload (community_id, thumb_hash);

-- What somebody has sent in a day: the owner, or a keyed hash of the client's address.
CREATE TABLE upload_quota (
    community_id TEXT    NOT NULL,
    subject      TEXT    NOT NULL,
    day          INTEGER NOT NULL,  -- days since 1970-01-01, UTC
    uploads      INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    PRIMARY KEY (community_id, subject, day)
) STRICT, WITHOUT ROWID;
