-- When positions changed, and the ways programs look for them.
--
-- Twin of ../postgres/0012_positions_by_programs.sql: same tables, columns, nullability and keys.

-- When the position made its last transition; null while it is as it was stored first.
ALTER TABLE debt_position ADD COLUMN changed_at TEXT;

-- Lists go on from the last one shown, along one of these.
CREATE INDEX debt_position_changed ON debt_position (institution, COALESCE(changed_at, created_at), id);
CREATE INDEX debt_position_service ON debt_position (institution, service, id);
CREATE INDEX debt_position_status ON debt_position (institution, status, service, id);
CREATE INDEX instalment_due_on ON instalment (institution, due_on, position_id);
