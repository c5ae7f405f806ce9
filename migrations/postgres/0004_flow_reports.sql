-- Flow reports, payment by payment, and the receipts asked of the hub because a flow names them.
--
-- Twin of ../sqlite/0004_flow_reports.sql: same tables, columns, nullability and keys.

-- Every revision of every flow. One is announced when the hub lists it, fetched when it is here whole.
CREATE TABLE flow_report (
    id           BIGINT           GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    institution  TEXT COLLATE "C" NOT NULL,
    psp          TEXT COLLATE "C" NOT NULL,
    flow_id      TEXT COLLATE "C" NOT NULL,
    revision     BIGINT           NOT NULL CHECK (revision >= 0),
    state        TEXT             NOT NULL CHECK (state IN ('announced', 'fetched')),
    -- When the hub published it; null when it came as a file.
    published_at TIMESTAMPTZ,
    announced_at TIMESTAMPTZ      NOT NULL,
    fetched_at   TIMESTAMPTZ,
    -- Of the head: the transfer that carries the money, its day, and what is declared.
    regulation   TEXT COLLATE "C",
    regulated_on DATE,
    payments     BIGINT,
    amount       BIGINT,
    -- The whole head as JSON.
    content      TEXT,
    -- What does not agree in it, as a JSON array.
    findings     TEXT,
    UNIQUE (institution, psp, flow_id, revision),
    CHECK ((fetched_at IS NULL) = (state = 'announced')),
    CHECK ((regulation IS NULL) = (state = 'announced')),
    CHECK ((regulated_on IS NULL) = (state = 'announced')),
    CHECK ((payments IS NULL) = (state = 'announced')),
    CHECK ((amount IS NULL) = (state = 'announced')),
    CHECK ((content IS NULL) = (state = 'announced')),
    CHECK ((findings IS NULL) = (state = 'announced'))
);

CREATE INDEX flow_report_announced ON flow_report (institution, published_at) WHERE state = 'announced';
CREATE INDEX flow_report_published_at ON flow_report (institution, published_at);
CREATE INDEX flow_report_fetched_at ON flow_report (institution, fetched_at) WHERE state = 'fetched';

CREATE TABLE flow_report_row (
    flow_report  BIGINT           NOT NULL REFERENCES flow_report (id),
    -- Place in the flow, from 1.
    ordinal      BIGINT           NOT NULL CHECK (ordinal >= 1),
    -- As written: a report of money is not refused for a character.
    iuv          TEXT COLLATE "C" NOT NULL,
    iur          TEXT COLLATE "C" NOT NULL,
    transfer_id  SMALLINT         CHECK (transfer_id BETWEEN 1 AND 5),
    amount       BIGINT           NOT NULL,
    outcome      TEXT             NOT NULL
        CHECK (outcome IN ('executed', 'revoked', 'stand_in', 'stand_in_no_rpt', 'no_rpt')),
    paid_on      DATE             NOT NULL,
    PRIMARY KEY (flow_report, ordinal)
);

CREATE INDEX flow_report_row_iur ON flow_report_row (iur);

-- Each time a receipt was asked of the hub, written before it is asked: the hub allows few questions.
CREATE TABLE receipt_request (
    institution  TEXT COLLATE "C" NOT NULL,
    receipt_id   TEXT COLLATE "C" NOT NULL,
    ordinal      SMALLINT         NOT NULL CHECK (ordinal >= 1),
    iuv          TEXT COLLATE "C",
    asked_at     TIMESTAMPTZ      NOT NULL,
    -- Asked and not answered yet, or never.
    outcome      TEXT             NOT NULL CHECK (outcome IN ('asked', 'taken', 'not_found', 'unreadable', 'no_answer')),
    PRIMARY KEY (institution, receipt_id, ordinal)
);

CREATE INDEX receipt_request_asked_at ON receipt_request (asked_at);
