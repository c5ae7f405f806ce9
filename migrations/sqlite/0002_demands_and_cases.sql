-- Debts begun at a payment provider, numbers for our own notices, cases.
--
-- Twin of ../postgres/0002_demands_and_cases.sql: same tables, columns, nullability and keys.

-- How the service is paid at a provider without a notice, as JSON: read whole, never searched.
ALTER TABLE service ADD COLUMN at_provider TEXT;

-- The last base given to a notice number of the institution.
CREATE TABLE notice_number_counter (
    institution TEXT    NOT NULL PRIMARY KEY REFERENCES institution (fiscal_code),
    last_base   INTEGER NOT NULL CHECK (last_base BETWEEN 9000000000000 AND 9999999999999)
) STRICT, WITHOUT ROWID;

-- What an office must look at: at most one of a kind for each receipt.
CREATE TABLE receipt_case (
    id            INTEGER NOT NULL PRIMARY KEY,
    institution   TEXT    NOT NULL,
    receipt_id    TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    notice_number TEXT    NOT NULL,
    -- The money concerned, less than zero when less came than was due.
    money         INTEGER NOT NULL,
    opened_at     TEXT    NOT NULL,
    -- The kind with what it holds, as JSON.
    content       TEXT    NOT NULL,
    UNIQUE (institution, receipt_id, kind)
) STRICT;

CREATE INDEX receipt_case_of_institution ON receipt_case (institution, id);
