-- Institutions, services, debt positions, receipts, carts, ratings and the log of messages.
--
-- Twin of ../sqlite/0001_notices_and_receipts.sql: same tables, columns, nullability and keys.
-- Money is a whole number of cents. Text that identifies things is ASCII and compared by its bytes: the columns say so,
-- whatever the collation of the database.

CREATE TABLE institution (
    fiscal_code      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name             TEXT             NOT NULL,
    broker           TEXT             NOT NULL,
    station          TEXT             NOT NULL,
    segregation_code TEXT             NOT NULL,
    cbill_code       TEXT,
    postal_iban      TEXT,
    telephone        TEXT             NOT NULL,
    email            TEXT             NOT NULL,
    website          TEXT             NOT NULL
);

CREATE TABLE service (
    institution TEXT COLLATE "C" NOT NULL REFERENCES institution (fiscal_code),
    code        TEXT COLLATE "C" NOT NULL,
    name_it     TEXT             NOT NULL,
    name_en     TEXT             NOT NULL,
    category    TEXT             NOT NULL,
    office_name TEXT             NOT NULL,
    active      BOOLEAN          NOT NULL,
    PRIMARY KEY (institution, code)
);

-- One row is one debt. What each state needs to be true is checked here too.
CREATE TABLE debt_position (
    id            BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution   TEXT COLLATE "C" NOT NULL,
    key           TEXT COLLATE "C" NOT NULL,
    service       TEXT COLLATE "C" NOT NULL,
    -- The subject as JSON: read whole, never searched.
    debtor        TEXT             NOT NULL,
    description   TEXT             NOT NULL,
    valid_from    DATE,
    -- Last day any of its notices can be paid; null when one of them has none.
    payable_until DATE,
    status        TEXT             NOT NULL
        CHECK (status IN ('draft', 'open', 'paid', 'cancelled', 'replaced', 'expired')),
    chosen        SMALLINT         CHECK (chosen BETWEEN 0 AND 255),
    status_at     TIMESTAMPTZ,
    replaced_by   TEXT,
    -- Grows by one at each transition: who read an older one may not write.
    version       BIGINT           NOT NULL CHECK (version >= 0),
    created_at    TIMESTAMPTZ      NOT NULL,
    UNIQUE (institution, key),
    FOREIGN KEY (institution, service) REFERENCES service (institution, code),
    CHECK (chosen IS NULL OR status IN ('open', 'paid')),
    CHECK (chosen IS NOT NULL OR status <> 'paid'),
    CHECK ((status_at IS NULL) = (status IN ('draft', 'open'))),
    CHECK ((replaced_by IS NULL) = (status <> 'replaced'))
);

-- What the sweep of expired positions looks for, and nothing else.
CREATE INDEX debt_position_expirable ON debt_position (payable_until)
    WHERE status = 'open' AND chosen IS NULL;

-- One row is one notice. Its option's kind and size are repeated on it, and so is whether every account is postal:
-- what the hub asks before each payment is answered from this row and its position's.
CREATE TABLE instalment (
    id               BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    position_id      BIGINT           NOT NULL REFERENCES debt_position (id),
    institution      TEXT COLLATE "C" NOT NULL,
    notice_number    TEXT COLLATE "C" NOT NULL,
    iuv              TEXT COLLATE "C" NOT NULL,
    option_index     SMALLINT         NOT NULL CHECK (option_index BETWEEN 0 AND 255),
    option_kind      TEXT             NOT NULL CHECK (option_kind IN ('whole', 'instalment_plan', 'reduced')),
    ordinal          SMALLINT         NOT NULL CHECK (ordinal BETWEEN 1 AND 255),
    instalment_count SMALLINT         NOT NULL CHECK (instalment_count BETWEEN 1 AND 255),
    amount           BIGINT           NOT NULL CHECK (amount > 0),
    due_on           DATE,
    payable_until    DATE,
    description      TEXT             NOT NULL,
    all_postal       BOOLEAN          NOT NULL,
    receipt_id       TEXT COLLATE "C",
    paid_at          TIMESTAMPTZ,
    -- Number first: the same index answers for one institution and for all of them.
    UNIQUE (notice_number, institution),
    UNIQUE (iuv, institution),
    UNIQUE (position_id, option_index, ordinal),
    CHECK ((receipt_id IS NULL) = (paid_at IS NULL))
);

CREATE TABLE transfer (
    instalment_id          BIGINT   NOT NULL REFERENCES instalment (id),
    ordinal                SMALLINT NOT NULL CHECK (ordinal BETWEEN 1 AND 5),
    amount                 BIGINT   NOT NULL CHECK (amount > 0),
    beneficiary            TEXT     NOT NULL,
    beneficiary_name       TEXT     NOT NULL,
    iban                   TEXT,
    postal_iban            TEXT,
    stamp_digest           TEXT,
    stamp_province         TEXT,
    remittance_information TEXT     NOT NULL,
    category               TEXT     NOT NULL,
    -- Pairs as a JSON array of two-element arrays.
    metadata               TEXT     NOT NULL,
    PRIMARY KEY (instalment_id, ordinal),
    -- Money goes to an account, or buys a stamp duty for one document.
    CHECK ((iban IS NULL) = (stamp_digest IS NOT NULL)),
    CHECK ((stamp_digest IS NULL) = (stamp_province IS NULL)),
    CHECK (postal_iban IS NULL OR iban IS NOT NULL)
);

-- The history of a position: append-only.
CREATE TABLE position_event (
    position_id BIGINT      NOT NULL REFERENCES debt_position (id),
    -- The version the event led to.
    version     BIGINT      NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    kind        TEXT        NOT NULL,
    -- The event as JSON.
    event       TEXT        NOT NULL,
    PRIMARY KEY (position_id, version)
);

-- Every exchange with the hub, as it came or went, kept before it is interpreted.
CREATE TABLE message (
    -- Time first, so that the index grows at its end and the oldest are found without another one.
    id            BYTEA            NOT NULL PRIMARY KEY CHECK (octet_length(id) = 16),
    at            TIMESTAMPTZ      NOT NULL,
    direction     TEXT             NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    kind          TEXT             NOT NULL CHECK (kind IN ('request', 'response')),
    operation     TEXT             NOT NULL,
    institution   TEXT COLLATE "C",
    notice_number TEXT COLLATE "C",
    iuv           TEXT COLLATE "C",
    receipt_id    TEXT COLLATE "C",
    peer          TEXT             NOT NULL,
    outcome       TEXT,
    request_id    BYTEA,
    body          BYTEA            NOT NULL
);

CREATE INDEX message_notice_number ON message (notice_number) WHERE notice_number IS NOT NULL;

-- What the hub says was paid. A receipt is a statement of fact: no foreign key may refuse it.
CREATE TABLE receipt (
    id            BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recipient     TEXT COLLATE "C" NOT NULL,
    receipt_id    TEXT COLLATE "C" NOT NULL,
    issuer        TEXT COLLATE "C" NOT NULL,
    notice_number TEXT COLLATE "C" NOT NULL,
    iuv           TEXT COLLATE "C" NOT NULL,
    amount        BIGINT           NOT NULL,
    psp_id        TEXT             NOT NULL,
    -- Italian time as the hub writes it, without offset.
    paid_at_local TIMESTAMP,
    effect        TEXT             NOT NULL
        CHECK (effect IN ('applied', 'paid_twice', 'cancelled', 'replaced', 'other_option_chosen',
                          'unpublished', 'unknown', 'as_beneficiary')),
    message_id    BYTEA            NOT NULL CHECK (octet_length(message_id) = 16),
    access_token  TEXT COLLATE "C" NOT NULL,
    -- SHA-256 of the raw receipt: tells a repetition from another receipt under the same number.
    digest        BYTEA            NOT NULL CHECK (octet_length(digest) = 32),
    received_at   TIMESTAMPTZ      NOT NULL,
    -- The whole receipt as JSON.
    content       TEXT             NOT NULL,
    UNIQUE (recipient, receipt_id),
    UNIQUE (access_token)
);

CREATE INDEX receipt_notice_number ON receipt (notice_number);

CREATE TABLE receipt_transfer (
    receipt                BIGINT   NOT NULL REFERENCES receipt (id),
    -- Place in the message, from 1: the hub's own numbers are not trusted to differ.
    ordinal                SMALLINT NOT NULL,
    amount                 BIGINT   NOT NULL,
    beneficiary            TEXT     NOT NULL,
    -- Account as the hub wrote it; null for a stamp duty.
    account                TEXT,
    remittance_information TEXT     NOT NULL,
    category               TEXT     NOT NULL,
    PRIMARY KEY (receipt, ordinal)
);

-- Payments begun on the portal.
CREATE TABLE cart (
    token        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    language     TEXT             NOT NULL,
    email        TEXT,
    created_at   TIMESTAMPTZ      NOT NULL,
    state        TEXT             NOT NULL CHECK (state IN ('prepared', 'handed_off', 'returned')),
    -- When it was handed off or returned.
    state_at     TIMESTAMPTZ,
    checkout_url TEXT,
    outcome      TEXT             CHECK (outcome IN ('ok', 'cancel', 'error', 'waiting')),
    CHECK ((state_at IS NULL) = (state = 'prepared')),
    CHECK ((checkout_url IS NULL) = (state <> 'handed_off')),
    CHECK ((outcome IS NULL) = (state <> 'returned'))
);

CREATE INDEX cart_created_at ON cart (created_at);

CREATE TABLE cart_item (
    cart          TEXT COLLATE "C" NOT NULL REFERENCES cart (token) ON DELETE CASCADE,
    ordinal       SMALLINT         NOT NULL CHECK (ordinal BETWEEN 1 AND 5),
    institution   TEXT COLLATE "C" NOT NULL,
    notice_number TEXT COLLATE "C" NOT NULL,
    amount        BIGINT           NOT NULL CHECK (amount > 0),
    PRIMARY KEY (cart, ordinal)
);

CREATE INDEX cart_item_notice ON cart_item (notice_number, institution);

-- What citizens think of the service. Nothing ties a rating to a payment.
CREATE TABLE rating (
    id       BIGINT      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       TIMESTAMPTZ NOT NULL,
    stars    SMALLINT    NOT NULL CHECK (stars BETWEEN 1 AND 5),
    -- Codes as a JSON array.
    reasons  TEXT        NOT NULL,
    comment  TEXT        CHECK (length(comment) <= 200),
    language TEXT        NOT NULL,
    page     TEXT        NOT NULL
);
