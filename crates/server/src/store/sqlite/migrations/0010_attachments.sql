-- What a topic is shown with. A row keeps its upload: that cannot be deleted before it.
CREATE TABLE topic_attachment (
    community_id TEXT    NOT NULL,
    topic_id     TEXT    NOT NULL,  -- published or not
    position     INTEGER NOT NULL,  -- in which order
    upload_id    TEXT    NOT NULL,
    alt          TEXT    NOT NULL,  -- the text alternative
    PRIMARY KEY (community_id, topic_id, position),
    CONSTRAINT attached_once UNIQUE (community_id, topic_id, upload_id),
    FOREIGN KEY (community_id, upload_id) REFERENCES upload (community_id, upload_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_attachment_by_upload ON topic_attachment (community_id, upload_id);
