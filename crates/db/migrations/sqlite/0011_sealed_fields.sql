-- What only the program can read: a key for each clinic, wrapped by the installation's, and the columns that hold what it seals. A mark (a
-- keyed hash) finds equal texts of a clinic without opening them.

CREATE TABLE clinic_keys (
    clinic_id INTEGER NOT NULL PRIMARY KEY REFERENCES clinics (clinic_id),
    key_id TEXT NOT NULL,
    wrapped_key TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE patients ADD COLUMN national_id_sealed TEXT;
ALTER TABLE patients ADD COLUMN national_id_mark TEXT;
ALTER TABLE patients ADD COLUMN insurance_number_sealed TEXT;
ALTER TABLE patients ADD COLUMN insurance_number_mark TEXT;
CREATE INDEX patients_national_id ON patients (clinic_id, national_id_mark, patient_id)
    WHERE national_id_mark IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX patients_insurance_number ON patients (clinic_id, insurance_number_mark, patient_id)
    WHERE insurance_number_mark IS NOT NULL AND deleted_at IS NULL;

-- The text of a note marked sensitive. Those from before are sealed by the program after it has started; the index is empty then.
ALTER TABLE chart_records ADD COLUMN details_sealed TEXT
    CONSTRAINT chart_records_details_once CHECK (details IS NULL OR details_sealed IS NULL);
CREATE INDEX chart_records_unsealed ON chart_records (clinic_id, record_id) WHERE sensitive AND details IS NOT NULL;
