-- The title of a note marked sensitive. Those from before are sealed by the program after it has started; the index is empty then. A title in
-- the clear beside a sealed one is the newer: a program that knows no sealed titles has written it.
ALTER TABLE chart_records ADD COLUMN name_sealed TEXT;
DROP INDEX chart_records_unsealed;
CREATE INDEX chart_records_unsealed ON chart_records (clinic_id, record_id)
    WHERE sensitive AND (name IS NOT NULL OR details IS NOT NULL);

-- Whether a diagnosis of its visit added the problem: it goes when that is taken back, unless somebody has changed it since.
ALTER TABLE chart_records ADD COLUMN from_diagnosis INTEGER NOT NULL DEFAULT 0;
