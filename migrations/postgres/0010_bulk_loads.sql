-- Bulk loads: files of debts, how far each is, and what became of their rows.
--
-- Twin of ../sqlite/0010_bulk_loads.sql: same tables, columns, nullability and keys.

-- A file that was received. The bytes are in the folder of imports, under its digest.
CREATE TABLE import (
    id          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution TEXT COLLATE "C" NOT NULL REFERENCES institution (fiscal_code),
    -- The program that sent it, or for which whoever runs the installation loads it: its grants and numbers hold.
    application TEXT COLLATE "C" NOT NULL REFERENCES application (id),
    -- Its name as it came, for people.
    file_name   TEXT NOT NULL,
    -- SHA-256 of its bytes.
    digest      BYTEA NOT NULL CHECK (octet_length(digest) = 32),
    bytes       BIGINT NOT NULL CHECK (bytes >= 0),
    format      TEXT NOT NULL CHECK (format IN ('lanterna', 'json_lines', 'govpay', 'unified_platform')),
    -- Whether it is applied as soon as it is checked, without anybody saying so.
    unattended  BOOLEAN NOT NULL,
    state       TEXT NOT NULL
        CHECK (state IN ('received', 'checking', 'checked', 'applying', 'paused', 'done', 'cancelled', 'failed')),
    -- Grows by one with each step: who read an older one may not write.
    version     BIGINT NOT NULL CHECK (version >= 0),
    -- How far it is applied: bytes and rows before the next debt, and the pieces written.
    place_byte  BIGINT NOT NULL CHECK (place_byte >= 0),
    place_row   BIGINT NOT NULL CHECK (place_row >= 0),
    chunks      BIGINT NOT NULL CHECK (chunks >= 0),
    -- What the check found and what was done, as JSON: read whole, never searched.
    checked     TEXT NOT NULL,
    applied     TEXT NOT NULL,
    -- Why it failed.
    failure     TEXT,
    created_at  TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ,
    CHECK ((ended_at IS NULL) = (state NOT IN ('done', 'cancelled', 'failed'))),
    CHECK ((failure IS NULL) = (state <> 'failed'))
);

-- The same file twice is one import; one that came to nothing may be tried again.
CREATE UNIQUE INDEX import_of_file ON import (institution, digest) WHERE state NOT IN ('cancelled', 'failed');
CREATE INDEX import_of_institution ON import (institution, id);
CREATE INDEX import_ended_at ON import (ended_at) WHERE ended_at IS NOT NULL;

-- What became of some rows of a file, written in the transaction that did it.
CREATE TABLE import_chunk (
    import    BIGINT NOT NULL REFERENCES import (id) ON DELETE CASCADE,
    ordinal   BIGINT NOT NULL CHECK (ordinal >= 1),
    from_byte BIGINT NOT NULL,
    to_byte   BIGINT NOT NULL CHECK (to_byte > from_byte),
    from_row  BIGINT NOT NULL,
    to_row    BIGINT NOT NULL CHECK (to_row > from_row),
    -- Their lines of the outcome file, deflated.
    lines     BYTEA NOT NULL,
    PRIMARY KEY (import, ordinal)
);
