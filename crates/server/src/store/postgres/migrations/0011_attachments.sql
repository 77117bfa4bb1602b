-- What a topic is shown with. A row keeps its upload: that cannot be deleted before it.
CREATE TABLE topic_attachment (
    community_id TEXT COLLATE "C" NOT NULL,
    topic_id     TEXT COLLATE "C" NOT NULL,  -- published or not
    position     BIGINT           NOT NULL,  -- in which order
    upload_id    TEXT COLLATE "C" NOT NULL,
    alt          TEXT             NOT NULL,  -- the text alternative
    PRIMARY KEY (community_id, topic_id, position),
    CONSTRAINT attached_once UNIQUE (community_id, topic_id, upload_id),
    FOREIGN KEY (community_id, upload_id) REFERENCES upload (community_id, upload_id)
);
CREATE INDEX topic_attachment_by_upload ON topic_attachment (community_id, upload_id);
