-- What doctors prescribe: a prescription, its items, and what a doctor prescribes often.

-- A correction is a prescription of its own that supersedes the one before when it is finalized; both stay. So a visit has one
-- prescription that supersedes none, and each is superseded by one at most.
CREATE TABLE prescriptions (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    prescription_id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    patient_id INTEGER NOT NULL,
    visit_id INTEGER,
    doctor_user_id INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'draft' CONSTRAINT prescriptions_status_known CHECK (status IN ('draft', 'finalized', 'superseded')),
    note TEXT,
    currency TEXT NOT NULL,
    supersedes_id INTEGER,
    -- Opens the public page that confirms it is genuine; printed as a QR code.
    token TEXT,
    -- What was warned of when it was finalized all the same, as JSON, and why it was.
    warnings TEXT,
    reason TEXT,
    finalized_at INTEGER,
    finalized_by INTEGER REFERENCES users (user_id),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id),
    FOREIGN KEY (clinic_id, doctor_user_id) REFERENCES memberships (clinic_id, user_id),
    FOREIGN KEY (clinic_id, supersedes_id) REFERENCES prescriptions (clinic_id, prescription_id),
    CONSTRAINT prescriptions_finalized_has_time CHECK ((status = 'draft') = (finalized_at IS NULL)),
    CONSTRAINT prescriptions_finalized_has_token CHECK ((status = 'draft') = (token IS NULL)),
    CONSTRAINT prescriptions_finalized_stays CHECK (deleted_at IS NULL OR status = 'draft'),
    CONSTRAINT prescriptions_warned_has_reason CHECK ((warnings IS NULL) = (reason IS NULL))
) STRICT;
CREATE UNIQUE INDEX prescriptions_key ON prescriptions (clinic_id, prescription_id);
CREATE UNIQUE INDEX prescriptions_reference ON prescriptions (clinic_id, reference);
CREATE UNIQUE INDEX prescriptions_token ON prescriptions (token) WHERE token IS NOT NULL;
CREATE UNIQUE INDEX prescriptions_visit ON prescriptions (clinic_id, visit_id)
    WHERE visit_id IS NOT NULL AND supersedes_id IS NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX prescriptions_supersedes ON prescriptions (clinic_id, supersedes_id)
    WHERE supersedes_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX prescriptions_created ON prescriptions (clinic_id, created_at, prescription_id);
CREATE INDEX prescriptions_patient ON prescriptions (clinic_id, patient_id, created_at, prescription_id);
CREATE INDEX prescriptions_doctor ON prescriptions (clinic_id, doctor_user_id, created_at, prescription_id);

CREATE TABLE prescription_items (
    clinic_id INTEGER NOT NULL,
    prescription_id INTEGER NOT NULL,
    line_no INTEGER NOT NULL CONSTRAINT prescription_items_line_range CHECK (line_no BETWEEN 1 AND 40),
    drug TEXT NOT NULL,
    -- The drug without strength, form and case: what duplicates and searches are compared by.
    drug_key TEXT NOT NULL,
    strength TEXT,
    form TEXT,
    dose TEXT,
    dose_unit TEXT,
    route TEXT,
    frequency TEXT,
    frequency_code TEXT,
    duration_days INTEGER CONSTRAINT prescription_items_duration_range CHECK (duration_days BETWEEN 1 AND 3650),
    quantity TEXT,
    quantity_unit TEXT,
    refills INTEGER NOT NULL DEFAULT 0 CONSTRAINT prescription_items_refills_range CHECK (refills BETWEEN 0 AND 99),
    note TEXT,
    cost_minor INTEGER CONSTRAINT prescription_items_cost_range CHECK (cost_minor >= 0),
    -- The entry of the chart that finalizing it made.
    record_id INTEGER,
    PRIMARY KEY (clinic_id, prescription_id, line_no),
    FOREIGN KEY (clinic_id, prescription_id) REFERENCES prescriptions (clinic_id, prescription_id),
    FOREIGN KEY (clinic_id, record_id) REFERENCES chart_records (clinic_id, record_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX prescription_items_drug ON prescription_items (clinic_id, drug_key, prescription_id);

-- `item` is the JSON of the item as the API takes it.
CREATE TABLE prescription_favorites (
    clinic_id INTEGER NOT NULL,
    favorite_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    item TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (clinic_id, user_id) REFERENCES memberships (clinic_id, user_id)
) STRICT;
CREATE UNIQUE INDEX prescription_favorites_key ON prescription_favorites (clinic_id, favorite_id);
CREATE UNIQUE INDEX prescription_favorites_name ON prescription_favorites (clinic_id, user_id, name);
