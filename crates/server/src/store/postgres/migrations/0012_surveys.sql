-- Surveys: definitions in versions, and rounds that ask them. A round is a topic, a
-- response its ballot.

CREATE TABLE survey (
    community_id TEXT COLLATE "C" NOT NULL,
    survey_id    TEXT COLLATE "C" NOT NULL,
    place_id     TEXT COLLATE "C" NOT NULL,
    title        TEXT             NOT NULL,
    rated        TEXT             NOT NULL,  -- who is rated; empty where nobody is
    version      TEXT COLLATE "C" NOT NULL,  -- the newest
    PRIMARY KEY (community_id, survey_id)
);

-- A version is the SHA-256 of its definition's text, in hexadecimal. Never deleted:
-- answers keep the version that they were given to.
CREATE TABLE survey_version (
    community_id  TEXT COLLATE "C" NOT NULL,
    survey_id     TEXT COLLATE "C" NOT NULL,
    version       TEXT COLLATE "C" NOT NULL,
    definition    TEXT             NOT NULL,  -- SurveyJS JSON, as it was written
    scoring       TEXT,              -- JSON; NULL: by what the definition shows
    items         TEXT             NOT NULL,  -- JSON of the questions and rows that take an answer
    questions     BIGINT           NOT NULL,  -- how many questions take an answer
    written_at_ms BIGINT           NOT NULL,
    written_by    TEXT             NOT NULL,  -- name at the time; empty: imported
    PRIMARY KEY (community_id, survey_id, version)
);

-- Rounds, published or not. Locked while a response is counted against its quotas.
CREATE TABLE survey_wave (
    community_id TEXT COLLATE "C" NOT NULL,
    survey_id    TEXT COLLATE "C" NOT NULL,
    number       BIGINT           NOT NULL,
    topic_id     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (community_id, survey_id, number),
    CONSTRAINT one_wave_of_a_topic UNIQUE (community_id, topic_id)
);

-- Every version that a published round asked or asks: answers to it are taken.
CREATE TABLE wave_version (
    community_id TEXT COLLATE "C" NOT NULL,
    topic_id     TEXT COLLATE "C" NOT NULL,
    version      TEXT COLLATE "C" NOT NULL,
    asked_at_ms  BIGINT           NOT NULL,  -- from when on
    PRIMARY KEY (community_id, topic_id, version)
);

-- What is mended after a round, and what came of it. Public.
CREATE TABLE corrective_action (
    community_id    TEXT COLLATE "C" NOT NULL,
    action_id       TEXT COLLATE "C" NOT NULL,
    survey_id       TEXT COLLATE "C" NOT NULL,
    topic_id        TEXT COLLATE "C" NOT NULL,
    wave            BIGINT           NOT NULL,
    items           TEXT             NOT NULL,  -- JSON
    what            TEXT             NOT NULL,
    who             TEXT             NOT NULL,
    due_at_ms       BIGINT           NOT NULL,
    published_at_ms BIGINT           NOT NULL,
    published_by    TEXT             NOT NULL,  -- name at the time
    outcome         TEXT,
    outcome_at_ms   BIGINT,
    outcome_by      TEXT,
    PRIMARY KEY (community_id, action_id)
);
CREATE INDEX corrective_action_of ON corrective_action (community_id, survey_id);

-- Where a response comes from, coarsely; empty where it cannot be told. NULL in polls
-- that are no surveys.
ALTER TABLE ballot ADD COLUMN area TEXT COLLATE "C";
ALTER TABLE ballot_superseded ADD COLUMN area TEXT COLLATE "C";
ALTER TABLE ballot_box ADD COLUMN area TEXT COLLATE "C";
ALTER TABLE ballot_box_superseded ADD COLUMN area TEXT COLLATE "C";
-- Counts responses against quotas.
CREATE INDEX ballot_area ON ballot (community_id, poll_id, area) WHERE area IS NOT NULL;
CREATE INDEX ballot_box_area ON ballot_box (community_id, poll_id, area)
    WHERE area IS NOT NULL;
