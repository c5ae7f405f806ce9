-- What is due today, as management programs say it.
--
-- Twin of ../sqlite/0013_todays_amount.sql: same tables, columns, nullability and keys.

-- Which program says what is due, as JSON: read whole, never searched.
ALTER TABLE service ADD COLUMN todays_amount TEXT;

-- The last answer that could be used for each notice. Every server finds it here, so that what one was told holds for all.
CREATE TABLE amount_answer (
    institution   TEXT COLLATE "C" NOT NULL REFERENCES institution (fiscal_code),
    notice_number TEXT COLLATE "C" NOT NULL,
    -- When the program was asked.
    asked_at      TIMESTAMPTZ      NOT NULL,
    -- Whether anything was due; how much stands in the position.
    is_due        BOOLEAN          NOT NULL,
    PRIMARY KEY (institution, notice_number)
);
