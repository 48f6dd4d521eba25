-- What is metered beside visits: a prescription, a report, a document; each counts once.

ALTER TABLE usage_entries ADD COLUMN source_id INTEGER;
CREATE UNIQUE INDEX usage_entries_source ON usage_entries (clinic_id, kind, source_id) WHERE source_id IS NOT NULL;
