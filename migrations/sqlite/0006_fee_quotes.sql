-- Fees worked out by tariffs, and the notices made of them.
--
-- Twin of ../postgres/0006_fee_quotes.sql: same tables, columns, nullability and keys.

-- How the service is paid by whoever works out its fee, as JSON: read whole, never searched.
ALTER TABLE service ADD COLUMN by_tariff TEXT;
-- What in citizens' lives it belongs to, as a JSON array of names.
ALTER TABLE service ADD COLUMN life_events TEXT NOT NULL DEFAULT '[]';

-- A version of a tariff that a notice was made with, as it was then. It never changes: a quote is worked out again from
-- what is here, whatever became of the file.
CREATE TABLE tariff_version (
    -- SHA-256 of the text, in small hexadecimal digits.
    digest  TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
    id      TEXT NOT NULL,
    version TEXT NOT NULL,
    -- The text of the file.
    source  TEXT NOT NULL,
    kept_at TEXT NOT NULL
) STRICT;

-- How the amount of a notice came about. One for each form sent: the same form sent again finds it.
CREATE TABLE fee_quote (
    -- Drawn when the form was shown; nobody can guess it.
    token        TEXT NOT NULL PRIMARY KEY,
    -- SHA-256 of all that was asked for, which tells the same form sent again from another one under its token.
    content      BLOB NOT NULL CHECK (length(content) = 32),
    institution  TEXT NOT NULL,
    position_key TEXT NOT NULL,
    service      TEXT NOT NULL,
    tariff       TEXT NOT NULL,
    version      TEXT NOT NULL,
    digest       TEXT NOT NULL REFERENCES tariff_version (digest),
    -- The answers, and what came out, as JSON.
    inputs       TEXT NOT NULL,
    result       TEXT NOT NULL,
    -- The civil day in Italy it was worked out for.
    today        TEXT NOT NULL,
    -- Version of the program's part that works fees out.
    evaluator    TEXT NOT NULL,
    created_at   TEXT NOT NULL,
    UNIQUE (institution, position_key),
    FOREIGN KEY (institution, position_key) REFERENCES debt_position (institution, key)
) STRICT;
