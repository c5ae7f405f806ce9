-- Outcomes: facts, what each application is told of them, and the addresses they are sent to.
--
-- Twin of ../postgres/0011_outcomes.sql: same tables, columns, nullability and keys.

-- What happened, written in the transaction of what happened, never changed.
CREATE TABLE outcome_event (
    id          INTEGER NOT NULL PRIMARY KEY,
    -- Made of institution and fact: the same thing told again is the same event.
    event_id    TEXT    NOT NULL UNIQUE,
    institution TEXT    NOT NULL,
    -- Null for money of which no debt is known here.
    service     TEXT,
    position    TEXT,
    -- What outcomes are kept in order by: the position, or the notice.
    subject     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    at          TEXT    NOT NULL,
    -- What is said, as JSON. Nothing personal.
    content     TEXT    NOT NULL,
    -- Whether the applications it concerns have it in their feeds.
    fanned_out  INTEGER NOT NULL DEFAULT 0 CHECK (fanned_out IN (0, 1))
) STRICT;

CREATE INDEX outcome_event_to_fan_out ON outcome_event (id) WHERE NOT fanned_out;
CREATE INDEX outcome_event_of_subject ON outcome_event (institution, subject, id);
CREATE INDEX outcome_event_at ON outcome_event (at);

-- How far a reader of another table has come.
CREATE TABLE outcome_cursor (
    name        TEXT    NOT NULL PRIMARY KEY,
    position    BLOB    NOT NULL
) STRICT;

-- What an application chose, and the last number in its feed.
CREATE TABLE outcome_feed (
    application TEXT    NOT NULL PRIMARY KEY REFERENCES application (id),
    -- Names of kinds as a JSON array; null for every kind.
    kinds       TEXT,
    daily_file  INTEGER NOT NULL CHECK (daily_file IN (0, 1)),
    last_number INTEGER NOT NULL CHECK (last_number >= 0),
    created_at  TEXT    NOT NULL
) STRICT;

-- An application's feed: numbers follow one another without a gap.
CREATE TABLE outcome_delivery (
    application TEXT    NOT NULL REFERENCES outcome_feed (application),
    number      INTEGER NOT NULL CHECK (number >= 1),
    event       INTEGER NOT NULL REFERENCES outcome_event (id),
    PRIMARY KEY (application, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX outcome_delivery_of_event ON outcome_delivery (event);

-- Each time an application said up to where it has taken its feed. The highest counts.
CREATE TABLE outcome_acknowledgement (
    application TEXT    NOT NULL REFERENCES outcome_feed (application),
    up_to       INTEGER NOT NULL,
    at          TEXT    NOT NULL,
    PRIMARY KEY (application, up_to)
) STRICT, WITHOUT ROWID;

-- Where outcomes are sent.
CREATE TABLE outcome_endpoint (
    id             TEXT    NOT NULL PRIMARY KEY,
    application    TEXT    NOT NULL REFERENCES outcome_feed (application),
    institution    TEXT    NOT NULL,
    url            TEXT    NOT NULL,
    -- Names of kinds as a JSON array; null for every kind of the feed.
    kinds          TEXT,
    state          TEXT    NOT NULL CHECK (state IN ('active', 'disabled')),
    -- Why it is disabled.
    reason         TEXT,
    -- Its secret is derived from this number; the one before signs too until then.
    generation     INTEGER NOT NULL CHECK (generation >= 1),
    previous_until TEXT,
    -- Requests in a row that failed, and when the next may be made.
    failures       INTEGER NOT NULL CHECK (failures >= 0),
    resume_at      TEXT,
    created_at     TEXT    NOT NULL,
    CHECK ((reason IS NULL) = (state = 'active'))
) STRICT;

CREATE INDEX outcome_endpoint_of_application ON outcome_endpoint (application);

-- What is sent to an endpoint, and how it went.
CREATE TABLE outcome_webhook (
    endpoint     TEXT    NOT NULL REFERENCES outcome_endpoint (id),
    -- Its number in the application's feed.
    number       INTEGER NOT NULL CHECK (number >= 1),
    event        INTEGER NOT NULL REFERENCES outcome_event (id),
    subject      TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts     INTEGER NOT NULL CHECK (attempts >= 0),
    due_at       TEXT    NOT NULL,
    -- When it is given up.
    give_up_at   TEXT    NOT NULL,
    -- Of the last attempt: when, how long, the status that came, what was wrong.
    last_at      TEXT,
    last_ms      INTEGER,
    last_status  INTEGER,
    last_error   TEXT,
    PRIMARY KEY (endpoint, number),
    CHECK ((last_ms IS NULL) = (last_at IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX outcome_webhook_due ON outcome_webhook (endpoint, due_at, number) WHERE state = 'waiting';
CREATE INDEX outcome_webhook_order ON outcome_webhook (endpoint, subject, number) WHERE state = 'waiting';
CREATE INDEX outcome_webhook_give_up ON outcome_webhook (endpoint, give_up_at) WHERE state = 'waiting';
CREATE INDEX outcome_webhook_dead ON outcome_webhook (endpoint, number) WHERE state = 'dead';
CREATE INDEX outcome_webhook_of_event ON outcome_webhook (event);

-- An application's outcomes of a civil day: a range of its feed, so that each outcome stands in one file.
CREATE TABLE outcome_day (
    application  TEXT    NOT NULL REFERENCES outcome_feed (application),
    day          TEXT    NOT NULL,
    -- The numbers after the first up to the last.
    after_number INTEGER NOT NULL,
    last_number  INTEGER NOT NULL,
    made_at      TEXT    NOT NULL,
    PRIMARY KEY (application, day),
    CHECK (after_number <= last_number)
) STRICT, WITHOUT ROWID;
