-- Charts, the words they are found by, and whose they are.

CREATE TABLE patients (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    patient_id INTEGER PRIMARY KEY,
    mrn TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    dob TEXT NOT NULL,
    sex TEXT NOT NULL CONSTRAINT patients_sex_known CHECK (sex IN ('male', 'female', 'other', 'prefer_not_to_say')),
    email TEXT,
    email_key TEXT,
    phone TEXT,
    phone_digits TEXT,
    address TEXT,
    emergency_contact_name TEXT,
    emergency_contact_phone TEXT,
    external_reference TEXT,
    preferred_language TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX patients_key ON patients (clinic_id, patient_id);
CREATE UNIQUE INDEX patients_mrn ON patients (clinic_id, mrn);
CREATE UNIQUE INDEX patients_email ON patients (clinic_id, email_key) WHERE email_key IS NOT NULL AND deleted_at IS NULL;
CREATE UNIQUE INDEX patients_external_reference ON patients (clinic_id, external_reference) WHERE external_reference IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX patients_name ON patients (clinic_id, name_key, patient_id) WHERE deleted_at IS NULL;
CREATE INDEX patients_dob ON patients (clinic_id, dob, patient_id) WHERE deleted_at IS NULL;
CREATE INDEX patients_created ON patients (clinic_id, created_at, patient_id) WHERE deleted_at IS NULL;

-- Normalised words of names, e-mail, phone, MRN and external reference, looked up by prefix.
CREATE TABLE patient_tokens (
    clinic_id INTEGER NOT NULL,
    token TEXT NOT NULL,
    patient_id INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, token, patient_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_tokens_patient ON patient_tokens (clinic_id, patient_id, token);

-- Whose charts they are: one portal account, charts in several clinics, no clinic sees another's.
CREATE TABLE patient_links (
    clinic_id INTEGER NOT NULL,
    patient_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (user_id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, patient_id, user_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX patient_links_user ON patient_links (user_id);
