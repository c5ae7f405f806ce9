-- Applications: the programs of institutions, their secrets, and what they asked for under keys of their own.
--
-- Twin of ../postgres/0009_applications.sql: same tables, columns, nullability and keys.

CREATE TABLE application (
    id                  TEXT    NOT NULL PRIMARY KEY,
    institution         TEXT    NOT NULL REFERENCES institution (fiscal_code),
    name                TEXT    NOT NULL,
    -- What it may do, and for which services, as JSON.
    grants              TEXT    NOT NULL,
    -- The ranges it numbers notices in by itself, as JSON.
    numbers             TEXT    NOT NULL,
    requests_per_minute INTEGER NOT NULL,
    -- SHA-256 of the certificate it must come with, in small hexadecimal digits.
    certificate         TEXT,
    active              INTEGER NOT NULL CHECK (active IN (0, 1)),
    changed_at          TEXT    NOT NULL
) STRICT;

CREATE TABLE application_secret (
    id           INTEGER NOT NULL PRIMARY KEY,
    application  TEXT    NOT NULL REFERENCES application (id),
    -- SHA-256 of the secret: 256 random bits need nothing slower.
    digest       BLOB    NOT NULL,
    created_at   TEXT    NOT NULL,
    expires_at   TEXT,
    revoked_at   TEXT,
    last_used_at TEXT
) STRICT;

CREATE INDEX application_secret_of ON application_secret (application, id);

-- What was asked for under a key, and what was answered: asked again it is not done again.
CREATE TABLE idempotent_request (
    application TEXT    NOT NULL REFERENCES application (id),
    key         TEXT    NOT NULL,
    -- SHA-256 of all that was asked for.
    digest      BLOB    NOT NULL,
    -- What was answered, as JSON; nothing while it is being done.
    answer      TEXT,
    at          TEXT    NOT NULL,
    PRIMARY KEY (application, key)
) STRICT;

CREATE INDEX idempotent_request_at ON idempotent_request (at);

-- An institution's receipts, the newest first, a page at a time.
CREATE INDEX receipt_recipient_received_at ON receipt (recipient, received_at, id);
