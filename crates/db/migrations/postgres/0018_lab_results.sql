-- A value that was noted by mistake is out of sight; nothing is erased.
ALTER TABLE lab_results ADD COLUMN deleted_at TIMESTAMPTZ;
