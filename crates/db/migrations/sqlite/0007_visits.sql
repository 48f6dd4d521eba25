-- What happens between check-in and invoice: visits, the chart, codes of diagnoses, and what the clinics' use is billed by.

-- A visit (an encounter, in the words of the field) belongs to one appointment.
CREATE TABLE visits (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    visit_id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    appointment_id INTEGER NOT NULL,
    patient_id INTEGER NOT NULL,
    provider_user_id INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'in_progress' CONSTRAINT visits_status_known CHECK (status IN ('in_progress', 'completed')),
    started_at INTEGER NOT NULL,
    completed_at INTEGER,
    charged_before INTEGER NOT NULL DEFAULT 0,
    subjective TEXT,
    objective TEXT,
    assessment TEXT,
    plan TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    updated_by INTEGER REFERENCES users (user_id),
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, appointment_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, provider_user_id) REFERENCES memberships (clinic_id, user_id),
    CONSTRAINT visits_completed_has_time CHECK ((status = 'completed') = (completed_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX visits_key ON visits (clinic_id, visit_id);
CREATE UNIQUE INDEX visits_reference ON visits (clinic_id, reference);
CREATE UNIQUE INDEX visits_appointment ON visits (clinic_id, appointment_id);
CREATE INDEX visits_started ON visits (clinic_id, started_at, visit_id);
CREATE INDEX visits_patient ON visits (clinic_id, patient_id, started_at, visit_id);
CREATE INDEX visits_provider ON visits (clinic_id, provider_user_id, started_at, visit_id);
CREATE INDEX visits_open ON visits (clinic_id, started_at, visit_id) WHERE status = 'in_progress';

-- Rank 1 is what the patient came for.
CREATE TABLE visit_diagnoses (
    clinic_id INTEGER NOT NULL,
    visit_id INTEGER NOT NULL,
    rank INTEGER NOT NULL CONSTRAINT visit_diagnoses_rank_range CHECK (rank BETWEEN 1 AND 50),
    code TEXT,
    description TEXT NOT NULL,
    note TEXT,
    PRIMARY KEY (clinic_id, visit_id, rank),
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id)
) STRICT, WITHOUT ROWID;

-- What was done, with the price of the moment in which it was noted; completing the visit makes CPT records of it.
CREATE TABLE visit_procedures (
    clinic_id INTEGER NOT NULL,
    visit_id INTEGER NOT NULL,
    line_no INTEGER NOT NULL CONSTRAINT visit_procedures_line_range CHECK (line_no BETWEEN 1 AND 50),
    service_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    units INTEGER NOT NULL CONSTRAINT visit_procedures_units_range CHECK (units BETWEEN 1 AND 999),
    modifiers TEXT NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    PRIMARY KEY (clinic_id, visit_id, line_no),
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id),
    FOREIGN KEY (clinic_id, service_id) REFERENCES fee_schedule (clinic_id, service_id)
) STRICT, WITHOUT ROWID;

-- What is added to a completed visit; never changed.
CREATE TABLE visit_addenda (
    clinic_id INTEGER NOT NULL,
    addendum_id INTEGER PRIMARY KEY,
    visit_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id)
) STRICT;
CREATE UNIQUE INDEX visit_addenda_key ON visit_addenda (clinic_id, addendum_id);
CREATE INDEX visit_addenda_visit ON visit_addenda (clinic_id, visit_id, addendum_id);

-- Beginnings of notes; without an owner they are the whole clinic's.
CREATE TABLE visit_templates (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    template_id INTEGER PRIMARY KEY,
    owner_user_id INTEGER REFERENCES users (user_id),
    name TEXT NOT NULL,
    subjective TEXT,
    objective TEXT,
    assessment TEXT,
    plan TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX visit_templates_key ON visit_templates (clinic_id, template_id);
CREATE INDEX visit_templates_owner ON visit_templates (clinic_id, owner_user_id) WHERE deleted_at IS NULL;

-- The chart. A chart is read as a whole, so its entries share one table: one statement gives every kind, one index the timeline.
CREATE TABLE chart_records (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    record_id INTEGER PRIMARY KEY,
    patient_id INTEGER NOT NULL,
    visit_id INTEGER,
    kind TEXT NOT NULL CONSTRAINT chart_records_kind_known CHECK (kind IN
        ('condition', 'allergy', 'medication', 'immunization', 'vitals', 'note')),
    recorded_at INTEGER NOT NULL,
    name TEXT,
    code TEXT,
    status TEXT,
    severity TEXT,
    reaction TEXT,
    dose TEXT,
    route TEXT,
    frequency TEXT,
    started_on TEXT,
    ended_on TEXT,
    lot_number TEXT,
    dose_number INTEGER,
    due_on TEXT,
    details TEXT,
    sensitive INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id),
    CONSTRAINT chart_records_name_given CHECK (name IS NOT NULL OR kind IN ('vitals', 'note')),
    CONSTRAINT chart_records_status_given CHECK ((status IS NULL) = (kind IN ('vitals', 'note'))),
    CONSTRAINT chart_records_status_known CHECK (
        status IS NULL
        OR (kind = 'condition' AND status IN ('active', 'inactive', 'resolved'))
        OR (kind = 'allergy' AND status IN ('active', 'inactive', 'refuted'))
        OR (kind = 'medication' AND status IN ('active', 'stopped', 'completed'))
        OR (kind = 'immunization' AND status IN ('given', 'refused'))),
    CONSTRAINT chart_records_severity_known CHECK (
        severity IS NULL OR (kind = 'allergy' AND severity IN ('mild', 'moderate', 'severe', 'life_threatening'))),
    CONSTRAINT chart_records_dose_number_range CHECK (dose_number BETWEEN 1 AND 99)
) STRICT;
CREATE UNIQUE INDEX chart_records_key ON chart_records (clinic_id, record_id);
CREATE INDEX chart_records_patient ON chart_records (clinic_id, patient_id, recorded_at, record_id) WHERE deleted_at IS NULL;
CREATE INDEX chart_records_kind ON chart_records (clinic_id, patient_id, kind, recorded_at, record_id) WHERE deleted_at IS NULL;
CREATE INDEX chart_records_visit ON chart_records (clinic_id, visit_id, record_id) WHERE visit_id IS NOT NULL;

-- What was measured, in UCUM's mm[Hg], /min, Cel, %, kg, cm and mg/dL. The ranges are those of API.md: beyond them it is a slip.
CREATE TABLE vitals (
    clinic_id INTEGER NOT NULL,
    record_id INTEGER NOT NULL,
    systolic INTEGER CONSTRAINT vitals_systolic_range CHECK (systolic BETWEEN 30 AND 300),
    diastolic INTEGER CONSTRAINT vitals_diastolic_range CHECK (diastolic BETWEEN 10 AND 200),
    heart_rate INTEGER CONSTRAINT vitals_heart_rate_range CHECK (heart_rate BETWEEN 10 AND 350),
    respiratory_rate INTEGER CONSTRAINT vitals_respiratory_rate_range CHECK (respiratory_rate BETWEEN 2 AND 120),
    temperature REAL CONSTRAINT vitals_temperature_range CHECK (temperature BETWEEN 20 AND 45),
    spo2 INTEGER CONSTRAINT vitals_spo2_range CHECK (spo2 BETWEEN 20 AND 100),
    weight REAL CONSTRAINT vitals_weight_range CHECK (weight BETWEEN 0.2 AND 650),
    height REAL CONSTRAINT vitals_height_range CHECK (height BETWEEN 20 AND 275),
    pain INTEGER CONSTRAINT vitals_pain_range CHECK (pain BETWEEN 0 AND 10),
    glucose REAL CONSTRAINT vitals_glucose_range CHECK (glucose BETWEEN 5 AND 2000),
    head_circumference REAL CONSTRAINT vitals_head_circumference_range CHECK (head_circumference BETWEEN 10 AND 80),
    PRIMARY KEY (clinic_id, record_id),
    FOREIGN KEY (clinic_id, record_id) REFERENCES chart_records (clinic_id, record_id)
) STRICT, WITHOUT ROWID;

-- ICD-10-CM, if the operator brought it in: codes without their dot, and the words of their descriptions.
CREATE TABLE icd10_codes (
    code TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    is_billable INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE icd10_words (
    word TEXT NOT NULL,
    code TEXT NOT NULL REFERENCES icd10_codes (code),
    PRIMARY KEY (word, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX icd10_words_code ON icd10_words (code, word);

-- Several procedures an appointment, each a line of its invoice.
ALTER TABLE cpt_records ADD COLUMN line_no INTEGER NOT NULL DEFAULT 1;
ALTER TABLE cpt_records ADD COLUMN modifiers TEXT NOT NULL DEFAULT '';
ALTER TABLE invoice_lines ADD COLUMN modifiers TEXT NOT NULL DEFAULT '';
DROP INDEX cpt_records_appointment;
CREATE UNIQUE INDEX cpt_records_line ON cpt_records (clinic_id, appointment_id, line_no);

-- What the operator charges a clinic, from a day on.
CREATE TABLE usage_prices (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    kind TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    unit_price_minor INTEGER NOT NULL CONSTRAINT usage_prices_range CHECK (unit_price_minor >= 0),
    currency TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    PRIMARY KEY (clinic_id, kind, valid_from)
) STRICT, WITHOUT ROWID;

-- What a clinic used. `month` is the clinic's own (2026-04); a visit counts once a kind, whatever happens.
CREATE TABLE usage_entries (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    entry_id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    visit_id INTEGER,
    units INTEGER NOT NULL CONSTRAINT usage_entries_units_range CHECK (units >= 1),
    unit_price_minor INTEGER NOT NULL CONSTRAINT usage_entries_price_range CHECK (unit_price_minor >= 0),
    currency TEXT NOT NULL,
    month TEXT NOT NULL,
    at INTEGER NOT NULL,
    FOREIGN KEY (clinic_id, visit_id) REFERENCES visits (clinic_id, visit_id)
) STRICT;
CREATE UNIQUE INDEX usage_entries_key ON usage_entries (clinic_id, entry_id);
CREATE UNIQUE INDEX usage_entries_visit ON usage_entries (clinic_id, kind, visit_id) WHERE visit_id IS NOT NULL;
CREATE INDEX usage_entries_at ON usage_entries (clinic_id, at);
