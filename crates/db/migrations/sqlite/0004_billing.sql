-- From a completed appointment to money: procedures performed, invoices, their lines.

CREATE TABLE cpt_records (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    cpt_id INTEGER PRIMARY KEY,
    appointment_id INTEGER NOT NULL,
    patient_id INTEGER NOT NULL,
    provider_user_id INTEGER NOT NULL,
    service_id INTEGER,
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    units INTEGER NOT NULL DEFAULT 1 CONSTRAINT cpt_records_units_range CHECK (units BETWEEN 1 AND 999),
    unit_price_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    performed_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, appointment_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, service_id) REFERENCES fee_schedule (clinic_id, service_id)
) STRICT;
CREATE UNIQUE INDEX cpt_records_key ON cpt_records (clinic_id, cpt_id);
CREATE UNIQUE INDEX cpt_records_appointment ON cpt_records (clinic_id, appointment_id);
CREATE INDEX cpt_records_patient ON cpt_records (clinic_id, patient_id, performed_at);
CREATE INDEX cpt_records_performed ON cpt_records (clinic_id, performed_at, cpt_id);

CREATE TABLE invoices (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    invoice_id INTEGER PRIMARY KEY,
    number TEXT NOT NULL,
    appointment_id INTEGER NOT NULL,
    patient_id INTEGER NOT NULL,
    cpt_id INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'unpaid' CONSTRAINT invoices_status_known CHECK (status IN ('paid', 'unpaid')),
    currency TEXT NOT NULL,
    total_minor INTEGER NOT NULL,
    payment_method TEXT,
    payment_reference TEXT,
    issued_at INTEGER NOT NULL,
    paid_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, appointment_id),
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, cpt_id) REFERENCES cpt_records (clinic_id, cpt_id),
    CONSTRAINT invoices_paid_has_time CHECK ((status = 'paid') = (paid_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX invoices_key ON invoices (clinic_id, invoice_id);
CREATE UNIQUE INDEX invoices_number ON invoices (clinic_id, number);
CREATE UNIQUE INDEX invoices_appointment ON invoices (clinic_id, appointment_id);
CREATE INDEX invoices_issued ON invoices (clinic_id, issued_at, invoice_id);
CREATE INDEX invoices_status ON invoices (clinic_id, status, issued_at);
CREATE INDEX invoices_patient ON invoices (clinic_id, patient_id, issued_at);

CREATE TABLE invoice_lines (
    clinic_id INTEGER NOT NULL,
    invoice_id INTEGER NOT NULL,
    line_no INTEGER NOT NULL,
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    units INTEGER NOT NULL,
    unit_price_minor INTEGER NOT NULL,
    amount_minor INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, invoice_id, line_no),
    FOREIGN KEY (clinic_id, invoice_id) REFERENCES invoices (clinic_id, invoice_id),
    CONSTRAINT invoice_lines_sum CHECK (amount_minor = units * unit_price_minor)
) STRICT, WITHOUT ROWID;
