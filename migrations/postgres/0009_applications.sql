-- Applications: the programs of institutions, their secrets, and what they asked for under keys of their own.
--
-- Twin of ../sqlite/0009_applications.sql: same tables, columns, nullability and keys.

CREATE TABLE application (
    id                  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    institution         TEXT COLLATE "C" NOT NULL REFERENCES institution (fiscal_code),
    name                TEXT             NOT NULL,
    -- What it may do, and for which services, as JSON.
    grants              TEXT             NOT NULL,
    -- The ranges it numbers notices in by itself, as JSON.
    numbers             TEXT             NOT NULL,
    requests_per_minute BIGINT           NOT NULL,
    -- SHA-256 of the certificate it must come with, in small hexadecimal digits.
    certificate         TEXT,
    active              BOOLEAN          NOT NULL,
    changed_at          TIMESTAMPTZ      NOT NULL
);

CREATE TABLE application_secret (
    id           BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    application  TEXT COLLATE "C" NOT NULL REFERENCES application (id),
    -- SHA-256 of the secret: 256 random bits need nothing slower.
    digest       BYTEA            NOT NULL,
    created_at   TIMESTAMPTZ      NOT NULL,
    expires_at   TIMESTAMPTZ,
    revoked_at   TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ
);

CREATE INDEX application_secret_of ON application_secret (application, id);

-- What was asked for under a key, and what was answered: asked again it is not done again.
CREATE TABLE idempotent_request (
    application TEXT COLLATE "C" NOT NULL REFERENCES application (id),
    key         TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of all that was asked for.
    digest      BYTEA            NOT NULL,
    -- What was answered, as JSON; nothing while it is being done.
    answer      TEXT,
    at          TIMESTAMPTZ      NOT NULL,
    PRIMARY KEY (application, key)
);

CREATE INDEX idempotent_request_at ON idempotent_request (at);

-- An institution's receipts, the newest first, a page at a time.
CREATE INDEX receipt_recipient_received_at ON receipt (recipient, received_at, id);
