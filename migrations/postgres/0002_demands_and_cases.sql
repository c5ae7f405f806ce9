-- Debts begun at a payment provider, numbers for our own notices, cases.
--
-- Twin of ../sqlite/0002_demands_and_cases.sql: same tables, columns, nullability and keys.

-- How the service is paid at a provider without a notice, as JSON: read whole, never searched.
ALTER TABLE service ADD COLUMN at_provider TEXT;

-- The last base given to a notice number of the institution.
CREATE TABLE notice_number_counter (
    institution TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES institution (fiscal_code),
    last_base   BIGINT           NOT NULL CHECK (last_base BETWEEN 9000000000000 AND 9999999999999)
);

-- What an office must look at: at most one of a kind for each receipt.
CREATE TABLE receipt_case (
    id            BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution   TEXT COLLATE "C" NOT NULL,
    receipt_id    TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    notice_number TEXT COLLATE "C" NOT NULL,
    -- The money concerned, less than zero when less came than was due.
    money         BIGINT           NOT NULL,
    opened_at     TIMESTAMPTZ      NOT NULL,
    -- The kind with what it holds, as JSON.
    content       TEXT             NOT NULL,
    UNIQUE (institution, receipt_id, kind)
);

CREATE INDEX receipt_case_of_institution ON receipt_case (institution, id);
