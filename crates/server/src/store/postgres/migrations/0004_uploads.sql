-- Uploads. Bytes lie elsewhere, under their hash; these rows say which are wanted.

-- A blob that is written, or about to be. While a sweep deletes its bytes, it says since
-- when: the claim of a sweep that ended in the middle runs out.
CREATE TABLE upload_blob (
    community_id  TEXT COLLATE "C" NOT NULL,
    blob_hash     BYTEA            NOT NULL,  -- SHA-256 of the bytes as kept
    noted_at_ms   BIGINT           NOT NULL,
    claimed_at_ms BIGINT,
    PRIMARY KEY (community_id, blob_hash)
);

-- An upload: whose, what for, who may see it.
CREATE TABLE upload (
    community_id  TEXT COLLATE "C" NOT NULL,
    upload_id     TEXT COLLATE "C" NOT NULL,  -- 128 bits of chance, in hexadecimal
    owner         TEXT COLLATE "C" NOT NULL,  -- staff:<id> or voter:<voter>
    purpose       TEXT COLLATE "C" NOT NULL,
    policy        TEXT COLLATE "C" NOT NULL,
    media_type    TEXT COLLATE "C" NOT NULL,
    blob_hash     BYTEA            NOT NULL,
    thumb_hash    BYTEA,
    bytes         BIGINT           NOT NULL,
    width         BIGINT,
    height        BIGINT,
    created_at_ms BIGINT           NOT NULL,
    PRIMARY KEY (community_id, upload_id),
    CONSTRAINT one_upload_per_content UNIQUE (community_id, owner, purpose, blob_hash)
);
CREATE INDEX upload_by_blob ON upload (community_id, blob_hash);
CREATE INDEX upload_by_thumb ON upload (community_id, thumb_hash);

-- What somebody has sent in a day: the owner, or a keyed hash of the client's address.
CREATE TABLE upload_quota (
    community_id TEXT COLLATE "C" NOT NULL,
    subject      TEXT COLLATE "C" NOT NULL,
    day          BIGINT           NOT NULL,  -- days since 1970-01-01, UTC
    uploads      BIGINT           NOT NULL,
    bytes        BIGINT           NOT NULL,
    PRIMARY KEY (community_id, subject, day)
);
