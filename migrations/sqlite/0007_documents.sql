-- Documents: what an institution prints on its notices, who reached which document, and notices printed many at a time.
--
-- Twin of ../postgres/0007_documents.sql: same tables, columns, nullability and keys.

-- What an institution prints on its notices, its coat of arms included, as JSON: read whole, never searched.
CREATE TABLE imprint (
    institution TEXT NOT NULL PRIMARY KEY REFERENCES institution (fiscal_code),
    content     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Whose a receipt is, out of its content, so that a person's receipts are found. The engine works it out: receipts of
-- before have it too, and so have those an older program keeps.
ALTER TABLE receipt ADD COLUMN debtor_code TEXT GENERATED ALWAYS AS (json_extract(content, '$.debtor.code')) VIRTUAL;
ALTER TABLE receipt ADD COLUMN payer_code TEXT GENERATED ALWAYS AS (json_extract(content, '$.payer.code')) VIRTUAL;
CREATE INDEX receipt_debtor_code ON receipt (debtor_code, id);
CREATE INDEX receipt_payer_code ON receipt (payer_code, id);

-- Each time a document, or what it says, was handed out, or refused to somebody who proved nothing.
CREATE TABLE document_access (
    id          INTEGER NOT NULL PRIMARY KEY,
    at          TEXT    NOT NULL,
    institution TEXT    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('notice', 'receipt')),
    -- The notice's number or the receipt's id.
    reference   TEXT    NOT NULL,
    how         TEXT    NOT NULL
        CHECK (how IN ('receipt_link', 'signed_link', 'proof', 'proof_refused', 'link_made', 'command_line', 'batch')),
    -- What was handed out; null when nothing was.
    form        TEXT    CHECK (form IN ('pdf', 'original', 'data')),
    language    TEXT    NOT NULL,
    -- Where it was asked from, never the whole address: the first 24 bits of one of version 4, 48 of version 6.
    network     TEXT
) STRICT;

CREATE INDEX document_access_of_document ON document_access (institution, kind, reference, id);
CREATE INDEX document_access_at ON document_access (at);

-- Notices printed together, in volumes for a printing service.
CREATE TABLE print_batch (
    id          INTEGER NOT NULL PRIMARY KEY,
    institution TEXT    NOT NULL REFERENCES institution (fiscal_code),
    -- Which positions, in which order and languages, how many in a volume: JSON.
    plan        TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('running', 'done', 'cancelled')),
    -- The key of the last position that was looked at to be chosen.
    looked_at   TEXT    NOT NULL,
    -- Whether every position is chosen.
    is_chosen   INTEGER NOT NULL CHECK (is_chosen IN (0, 1)),
    chosen      INTEGER NOT NULL CHECK (chosen >= 0),
    printed     INTEGER NOT NULL CHECK (printed >= 0),
    refused     INTEGER NOT NULL CHECK (refused >= 0),
    pages       INTEGER NOT NULL CHECK (pages >= 0),
    volumes     INTEGER NOT NULL CHECK (volumes >= 0),
    created_at  TEXT    NOT NULL,
    ended_at    TEXT,
    CHECK ((ended_at IS NULL) = (state = 'running'))
) STRICT;

CREATE INDEX print_batch_of_institution ON print_batch (institution, id);
CREATE INDEX print_batch_ended_at ON print_batch (ended_at) WHERE ended_at IS NOT NULL;

-- A position to print: one notice with all its ways to pay.
CREATE TABLE print_batch_item (
    batch       INTEGER NOT NULL REFERENCES print_batch (id) ON DELETE CASCADE,
    -- Its place among the others, in the order the batch is in.
    place       TEXT    NOT NULL,
    position_id INTEGER NOT NULL REFERENCES debt_position (id),
    result      TEXT    CHECK (result IN ('printed', 'refused')),
    volume      INTEGER,
    -- Its line of the index.
    line        TEXT,
    PRIMARY KEY (batch, place, position_id),
    CHECK ((result IS NULL) = (line IS NULL)),
    CHECK ((result IS NULL) = (volume IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX print_batch_item_left ON print_batch_item (batch, place, position_id) WHERE result IS NULL;

-- A volume of a batch, as its file is. Without a file: every notice of it was refused.
CREATE TABLE print_batch_volume (
    batch   INTEGER NOT NULL REFERENCES print_batch (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
    file    TEXT,
    -- SHA-256 of its bytes.
    digest  BLOB    CHECK (length(digest) = 32),
    bytes   INTEGER NOT NULL CHECK (bytes >= 0),
    pages   INTEGER NOT NULL CHECK (pages >= 0),
    printed INTEGER NOT NULL CHECK (printed >= 0),
    refused INTEGER NOT NULL CHECK (refused >= 0),
    at      TEXT    NOT NULL,
    PRIMARY KEY (batch, ordinal),
    CHECK ((file IS NULL) = (printed = 0)),
    CHECK ((digest IS NULL) = (printed = 0))
) STRICT, WITHOUT ROWID;
