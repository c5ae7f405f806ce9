-- Work to be done outside, and what the national archives of open positions hold of ours.
--
-- Twin of ../sqlite/0005_outbox_and_feed.sql: same tables, columns, nullability and keys.

-- Work that a use case leaves, in its own transaction, to be done later and outside. One waits for each kind and key:
-- asking again for what waits only notes that it was asked again.
CREATE TABLE job (
    id            BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    institution   TEXT COLLATE "C" NOT NULL,
    -- What its kind needs to know, as JSON.
    payload       TEXT             NOT NULL,
    state         TEXT             NOT NULL CHECK (state IN ('waiting', 'done', 'dead')),
    -- Grows each time it is asked for: who does it learns whether it was asked for again meanwhile.
    asked         BIGINT           NOT NULL CHECK (asked >= 1),
    -- Failures in a row.
    attempts      SMALLINT         NOT NULL CHECK (attempts >= 0),
    run_at        TIMESTAMPTZ      NOT NULL,
    last_error    TEXT,
    -- Whoever does it holds it until then; after that it is anybody's.
    claimed_by    TEXT COLLATE "C",
    claimed_until TIMESTAMPTZ,
    created_at    TIMESTAMPTZ      NOT NULL,
    ended_at      TIMESTAMPTZ,
    CHECK ((claimed_by IS NULL) = (claimed_until IS NULL)),
    CHECK ((ended_at IS NULL) = (state = 'waiting'))
);

CREATE UNIQUE INDEX job_waiting ON job (kind, key) WHERE state = 'waiting';
CREATE INDEX job_due ON job (kind, run_at) WHERE state = 'waiting';
CREATE INDEX job_ended ON job (ended_at) WHERE state <> 'waiting';

-- Where the positions of a service are fed; null for what the hub's settings have.
ALTER TABLE service ADD COLUMN feed TEXT CHECK (feed IN ('aca', 'gpd', 'none'));
-- Whether what is due can change after the notice is out.
ALTER TABLE service ADD COLUMN amounts_move BOOLEAN NOT NULL DEFAULT FALSE;

-- The mark that an archive has not been told of the position as it now is. It is part of the row that changes, so that
-- leaving it costs no statement of its own.
ALTER TABLE debt_position ADD COLUMN feed_pending BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX debt_position_feed_pending ON debt_position (institution, id) WHERE feed_pending;

-- What an archive holds of a position, as far as we know. No row: it never heard of it.
CREATE TABLE position_feed (
    position_id BIGINT           NOT NULL PRIMARY KEY REFERENCES debt_position (id),
    institution TEXT COLLATE "C" NOT NULL,
    archive     TEXT             NOT NULL CHECK (archive IN ('aca', 'gpd')),
    -- Its key there.
    iupd        TEXT COLLATE "C" NOT NULL,
    held        TEXT             NOT NULL CHECK (held IN ('payable', 'withdrawn', 'paid', 'uploading', 'unsure', 'refused')),
    -- What was sent last: the position's version, digests of the whole and of what the archive's list shows.
    version     BIGINT           NOT NULL,
    whole       BYTEA            NOT NULL CHECK (octet_length(whole) = 32),
    listed      BYTEA            NOT NULL CHECK (octet_length(listed) = 32),
    sent_at     TIMESTAMPTZ      NOT NULL,
    -- The file it went with, while that is being worked on, and what for.
    upload      TEXT COLLATE "C",
    step        TEXT             CHECK (step IN ('create', 'update', 'delete')),
    -- Steps in a row that did not lead where they should.
    failures    SMALLINT         NOT NULL CHECK (failures >= 0),
    -- Why the last of them did not.
    reason      TEXT,
    UNIQUE (institution, iupd),
    CHECK ((upload IS NULL) = (held <> 'uploading')),
    CHECK ((step IS NULL) = (held <> 'uploading'))
);

CREATE INDEX position_feed_upload ON position_feed (upload) WHERE upload IS NOT NULL;
CREATE INDEX position_feed_refused ON position_feed (institution, position_id) WHERE held = 'refused';
