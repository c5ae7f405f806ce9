-- The log of messages has every field the hub's rules ask of an event log (technical manual, appendix "Event log"), and is
-- searched by payment reference and by receipt as it was by notice.
--
-- Twin of ../sqlite/0003_event_log.sql.

ALTER TABLE message ADD COLUMN station TEXT COLLATE "C";
ALTER TABLE message ADD COLUMN psp TEXT COLLATE "C";
ALTER TABLE message ADD COLUMN channel TEXT COLLATE "C";
ALTER TABLE message ADD COLUMN payment_type TEXT;
-- Product of the platform at the other end; the hub itself where it is null.
ALTER TABLE message ADD COLUMN component TEXT;
-- Payment token or cart: what ties the messages of one attempt to pay together.
ALTER TABLE message ADD COLUMN context_code TEXT COLLATE "C";
-- Of an answer: time since the request.
ALTER TABLE message ADD COLUMN duration_ms BIGINT;

CREATE INDEX message_iuv ON message (iuv) WHERE iuv IS NOT NULL;
CREATE INDEX message_receipt_id ON message (receipt_id) WHERE receipt_id IS NOT NULL;
