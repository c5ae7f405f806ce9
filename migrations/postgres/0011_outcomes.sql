-- Outcomes: facts, what each application is told of them, and the addresses they are sent to.
--
-- Twin of ../sqlite/0011_outcomes.sql: same tables, columns, nullability and keys.

-- What happened, written in the transaction of what happened, never changed.
CREATE TABLE outcome_event (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Made of institution and fact: the same thing told again is the same event.
    event_id    TEXT COLLATE "C" NOT NULL UNIQUE,
    institution TEXT COLLATE "C" NOT NULL,
    -- Null for money of which no debt is known here.
    service     TEXT COLLATE "C",
    position    TEXT COLLATE "C",
    -- What outcomes are kept in order by: the position, or the notice.
    subject     TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    at          TIMESTAMPTZ      NOT NULL,
    -- What is said, as JSON. Nothing personal.
    content     TEXT             NOT NULL,
    -- Whether the applications it concerns have it in their feeds.
    fanned_out  BOOLEAN          NOT NULL DEFAULT FALSE
);

CREATE INDEX outcome_event_to_fan_out ON outcome_event (id) WHERE NOT fanned_out;
CREATE INDEX outcome_event_of_subject ON outcome_event (institution, subject, id);
CREATE INDEX outcome_event_at ON outcome_event (at);

-- How far a reader of another table has come.
CREATE TABLE outcome_cursor (
    name        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    position    BYTEA            NOT NULL
);

-- What an application chose, and the last number in its feed.
CREATE TABLE outcome_feed (
    application TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES application (id),
    -- Names of kinds as a JSON array; null for every kind.
    kinds       TEXT,
    daily_file  BOOLEAN          NOT NULL,
    last_number BIGINT           NOT NULL CHECK (last_number >= 0),
    created_at  TIMESTAMPTZ      NOT NULL
);

-- An application's feed: numbers follow one another without a gap.
CREATE TABLE outcome_delivery (
    application TEXT COLLATE "C" NOT NULL REFERENCES outcome_feed (application),
    number      BIGINT           NOT NULL CHECK (number >= 1),
    event       BIGINT           NOT NULL REFERENCES outcome_event (id),
    PRIMARY KEY (application, number)
);

CREATE INDEX outcome_delivery_of_event ON outcome_delivery (event);

-- Each time an application said up to where it has taken its feed. The highest counts.
CREATE TABLE outcome_acknowledgement (
    application TEXT COLLATE "C" NOT NULL REFERENCES outcome_feed (application),
    up_to       BIGINT           NOT NULL,
    at          TIMESTAMPTZ      NOT NULL,
    PRIMARY KEY (application, up_to)
);

-- Where outcomes are sent.
CREATE TABLE outcome_endpoint (
    id             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    application    TEXT COLLATE "C" NOT NULL REFERENCES outcome_feed (application),
    institution    TEXT COLLATE "C" NOT NULL,
    url            TEXT             NOT NULL,
    -- Names of kinds as a JSON array; null for every kind of the feed.
    kinds          TEXT,
    state          TEXT COLLATE "C" NOT NULL CHECK (state IN ('active', 'disabled')),
    -- Why it is disabled.
    reason         TEXT,
    -- Its secret is derived from this number; the one before signs too until then.
    generation     BIGINT           NOT NULL CHECK (generation >= 1),
    previous_until TIMESTAMPTZ,
    -- Requests in a row that failed, and when the next may be made.
    failures       BIGINT           NOT NULL CHECK (failures >= 0),
    resume_at      TIMESTAMPTZ,
    created_at     TIMESTAMPTZ      NOT NULL,
    CHECK ((reason IS NULL) = (state = 'active'))
);

CREATE INDEX outcome_endpoint_of_application ON outcome_endpoint (application);

-- What is sent to an endpoint, and how it went.
CREATE TABLE outcome_webhook (
    endpoint     TEXT COLLATE "C" NOT NULL REFERENCES outcome_endpoint (id),
    -- Its number in the application's feed.
    number       BIGINT           NOT NULL CHECK (number >= 1),
    event        BIGINT           NOT NULL REFERENCES outcome_event (id),
    subject      TEXT COLLATE "C" NOT NULL,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts     BIGINT           NOT NULL CHECK (attempts >= 0),
    due_at       TIMESTAMPTZ      NOT NULL,
    -- When it is given up.
    give_up_at   TIMESTAMPTZ      NOT NULL,
    -- Of the last attempt: when, how long, the status that came, what was wrong.
    last_at      TIMESTAMPTZ,
    last_ms      BIGINT,
    last_status  BIGINT,
    last_error   TEXT,
    PRIMARY KEY (endpoint, number),
    CHECK ((last_ms IS NULL) = (last_at IS NULL))
);

CREATE INDEX outcome_webhook_due ON outcome_webhook (endpoint, due_at, number) WHERE state = 'waiting';
CREATE INDEX outcome_webhook_order ON outcome_webhook (endpoint, subject, number) WHERE state = 'waiting';
CREATE INDEX outcome_webhook_give_up ON outcome_webhook (endpoint, give_up_at) WHERE state = 'waiting';
CREATE INDEX outcome_webhook_dead ON outcome_webhook (endpoint, number) WHERE state = 'dead';
CREATE INDEX outcome_webhook_of_event ON outcome_webhook (event);

-- An application's outcomes of a civil day: a range of its feed, so that each outcome stands in one file.
CREATE TABLE outcome_day (
    application  TEXT COLLATE "C" NOT NULL REFERENCES outcome_feed (application),
    day          DATE             NOT NULL,
    -- The numbers after the first up to the last.
    after_number BIGINT           NOT NULL,
    last_number  BIGINT           NOT NULL,
    made_at      TIMESTAMPTZ      NOT NULL,
    PRIMARY KEY (application, day),
    CHECK (after_number <= last_number)
);
