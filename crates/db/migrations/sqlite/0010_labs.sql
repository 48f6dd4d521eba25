-- What laboratories send: reports of visits as files, and results as data.

-- `severity` is that of the worst result: 0 nothing, 1 abnormal, 2 critical; the inbox is ordered by it.
CREATE TABLE lab_reports (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    lab_report_id INTEGER PRIMARY KEY,
    visit_id INTEGER NOT NULL,
    patient_id INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    severity INTEGER NOT NULL DEFAULT 0 CONSTRAINT lab_reports_severity_range CHECK (severity BETWEEN 0 AND 2),
    released_at INTEGER,
    signed_at INTEGER,
    signed_by INTEGER REFERENCES users (user_id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, file_id) REFERENCES files (clinic_id, file_id),
    CONSTRAINT lab_reports_signed_by_whom CHECK ((signed_at IS NULL) = (signed_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX lab_reports_key ON lab_reports (clinic_id, lab_report_id);
CREATE UNIQUE INDEX lab_reports_file ON lab_reports (clinic_id, file_id);
CREATE INDEX lab_reports_inbox ON lab_reports (clinic_id, severity, created_at, lab_report_id) WHERE deleted_at IS NULL;
CREATE INDEX lab_reports_unsigned ON lab_reports (clinic_id, severity, created_at, lab_report_id)
    WHERE deleted_at IS NULL AND signed_at IS NULL;
CREATE INDEX lab_reports_patient ON lab_reports (clinic_id, patient_id, severity, created_at, lab_report_id) WHERE deleted_at IS NULL;
CREATE INDEX lab_reports_visit ON lab_reports (clinic_id, visit_id, severity, created_at, lab_report_id) WHERE deleted_at IS NULL;

-- A value is a number or a text. Results that came with a report are shown to the patient when that is.
CREATE TABLE lab_results (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    lab_result_id INTEGER PRIMARY KEY,
    lab_report_id INTEGER,
    patient_id INTEGER NOT NULL,
    panel TEXT,
    analyte TEXT NOT NULL,
    analyte_key TEXT NOT NULL,
    loinc TEXT,
    value REAL,
    value_text TEXT,
    unit TEXT,
    reference_low REAL,
    reference_high REAL,
    reference_text TEXT,
    flag TEXT CONSTRAINT lab_results_flag_known CHECK (flag IN
        ('normal', 'low', 'high', 'critical_low', 'critical_high', 'abnormal')),
    observed_at INTEGER NOT NULL,
    released_at INTEGER,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, lab_report_id) REFERENCES lab_reports (clinic_id, lab_report_id),
    CONSTRAINT lab_results_one_value CHECK ((value IS NULL) <> (value_text IS NULL)),
    CONSTRAINT lab_results_range_order CHECK (reference_low <= reference_high)
) STRICT;
CREATE UNIQUE INDEX lab_results_key ON lab_results (clinic_id, lab_result_id);
CREATE INDEX lab_results_patient ON lab_results (clinic_id, patient_id, observed_at, lab_result_id);
CREATE INDEX lab_results_trend ON lab_results (clinic_id, patient_id, analyte_key, observed_at, lab_result_id);
CREATE INDEX lab_results_report ON lab_results (clinic_id, lab_report_id, lab_result_id) WHERE lab_report_id IS NOT NULL;
