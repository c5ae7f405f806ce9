-- Management programs: whose debts they are, the accounts of services, and who did what.
--
-- Twin of ../postgres/0008_programs.sql: same tables, columns, nullability and keys.

-- Key of the account a service's notices credit when whoever makes them names none.
ALTER TABLE service ADD COLUMN account TEXT;

-- Who owes, out of the subject, so that a person's positions are found at the counter. The engine works it out: positions
-- of before have it too.
ALTER TABLE debt_position ADD COLUMN debtor_code TEXT GENERATED ALWAYS AS (json_extract(debtor, '$.code')) VIRTUAL;
CREATE INDEX debt_position_debtor_code ON debt_position (institution, debtor_code, id);

-- What programs, employees and operators did: written in the transaction of the act, never changed.
CREATE TABLE audit_event (
    id          INTEGER NOT NULL PRIMARY KEY,
    at          TEXT    NOT NULL,
    institution TEXT    NOT NULL,
    -- Who: a program, or whoever runs the installation.
    actor_kind  TEXT    NOT NULL CHECK (actor_kind IN ('application', 'command_line', 'system')),
    -- Its id; nothing for whoever is no program.
    actor       TEXT,
    action      TEXT    NOT NULL,
    -- What it was done to: a position's key, an application's id.
    subject     TEXT    NOT NULL,
    -- What else is worth knowing, as JSON. Nothing personal.
    detail      TEXT    NOT NULL,
    -- Where it came from, never the whole address: the first 24 bits of one of version 4, 48 of version 6.
    network     TEXT
) STRICT;

CREATE INDEX audit_event_of_subject ON audit_event (institution, subject, id);
CREATE INDEX audit_event_at ON audit_event (at);
