-- Doctors, their hours, and appointments that can't overlap.

-- A provider's profile belongs to the person; hours belong to the clinic.
CREATE TABLE doctors (
    user_id INTEGER NOT NULL PRIMARY KEY REFERENCES users (user_id),
    specialization TEXT,
    registration_number TEXT,
    bio TEXT,
    is_public INTEGER NOT NULL DEFAULT 1,
    is_active INTEGER NOT NULL DEFAULT 1,
    calendar_token_sha256 TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX doctors_registration_number ON doctors (registration_number) WHERE registration_number IS NOT NULL;

-- Weekly hours in the clinic's local time: weekday 1 = Monday … 7 = Sunday (ISO 8601), minutes since midnight.
CREATE TABLE doctor_hours (
    clinic_id INTEGER NOT NULL,
    hours_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    weekday INTEGER NOT NULL CONSTRAINT doctor_hours_weekday_range CHECK (weekday BETWEEN 1 AND 7),
    starts_minute INTEGER NOT NULL,
    ends_minute INTEGER NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (clinic_id, user_id) REFERENCES memberships (clinic_id, user_id),
    CONSTRAINT doctor_hours_range CHECK (starts_minute >= 0 AND ends_minute <= 1440 AND starts_minute < ends_minute)
) STRICT;
CREATE UNIQUE INDEX doctor_hours_key ON doctor_hours (clinic_id, hours_id);
CREATE INDEX doctor_hours_user ON doctor_hours (clinic_id, user_id, weekday);

-- A day that differs from the week: other hours, or (without minutes) none at all.
CREATE TABLE doctor_exceptions (
    clinic_id INTEGER NOT NULL,
    exception_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    day TEXT NOT NULL,
    starts_minute INTEGER,
    ends_minute INTEGER,
    reason TEXT,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (clinic_id, user_id) REFERENCES memberships (clinic_id, user_id),
    CONSTRAINT doctor_exceptions_range CHECK (
        (starts_minute IS NULL AND ends_minute IS NULL)
        OR (starts_minute IS NOT NULL AND ends_minute IS NOT NULL AND starts_minute >= 0 AND ends_minute <= 1440 AND starts_minute < ends_minute))
) STRICT;
CREATE UNIQUE INDEX doctor_exceptions_key ON doctor_exceptions (clinic_id, exception_id);
CREATE INDEX doctor_exceptions_day ON doctor_exceptions (clinic_id, user_id, day);

CREATE TABLE time_off (
    clinic_id INTEGER NOT NULL,
    time_off_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    reason TEXT,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    FOREIGN KEY (clinic_id, user_id) REFERENCES memberships (clinic_id, user_id),
    CONSTRAINT time_off_range CHECK (starts_at < ends_at)
) STRICT;
CREATE UNIQUE INDEX time_off_key ON time_off (clinic_id, time_off_id);
CREATE INDEX time_off_user ON time_off (clinic_id, user_id, starts_at);

-- The clinic's own list of services and prices. `code` is what is billed (a CPT code, or the clinic's own).
CREATE TABLE fee_schedule (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    service_id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    description TEXT NOT NULL,
    price_minor INTEGER NOT NULL CONSTRAINT fee_schedule_price_range CHECK (price_minor >= 0),
    currency TEXT NOT NULL,
    duration_minutes INTEGER CONSTRAINT fee_schedule_duration_range CHECK (duration_minutes BETWEEN 5 AND 1440),
    is_active INTEGER NOT NULL DEFAULT 1,
    is_default INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX fee_schedule_key ON fee_schedule (clinic_id, service_id);
CREATE UNIQUE INDEX fee_schedule_code ON fee_schedule (clinic_id, code);
CREATE UNIQUE INDEX fee_schedule_default ON fee_schedule (clinic_id) WHERE is_default;

CREATE TABLE appointments (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    appointment_id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    patient_id INTEGER NOT NULL,
    provider_user_id INTEGER NOT NULL,
    service_id INTEGER,
    scheduled_start INTEGER NOT NULL,
    scheduled_end INTEGER NOT NULL,
    status TEXT NOT NULL CONSTRAINT appointments_status_known CHECK (status IN
        ('pending', 'scheduled', 'confirmed', 'waiting', 'in_room', 'in_scan', 'review', 'completed', 'cancelled', 'no_show', 'rejected')),
    status_changed_at INTEGER NOT NULL,
    department TEXT,
    reason TEXT,
    notes TEXT,
    close_reason TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, provider_user_id) REFERENCES memberships (clinic_id, user_id),
    FOREIGN KEY (clinic_id, service_id) REFERENCES fee_schedule (clinic_id, service_id),
    CONSTRAINT appointments_end_after_start CHECK (scheduled_start < scheduled_end)
) STRICT;
CREATE UNIQUE INDEX appointments_key ON appointments (clinic_id, appointment_id);
CREATE UNIQUE INDEX appointments_reference ON appointments (clinic_id, reference);
CREATE INDEX appointments_start ON appointments (clinic_id, scheduled_start, appointment_id);
CREATE INDEX appointments_provider ON appointments (clinic_id, provider_user_id, scheduled_start);
CREATE INDEX appointments_patient ON appointments (clinic_id, patient_id, scheduled_start);
CREATE INDEX appointments_status ON appointments (clinic_id, status, scheduled_start);
CREATE INDEX appointments_busy ON appointments (provider_user_id, scheduled_start, scheduled_end)
    WHERE status NOT IN ('cancelled', 'no_show', 'rejected');

-- Every state an appointment went through.
CREATE TABLE appointment_states (
    clinic_id INTEGER NOT NULL,
    state_id INTEGER PRIMARY KEY,
    appointment_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    user_id INTEGER REFERENCES users (user_id),
    reason TEXT,
    FOREIGN KEY (clinic_id, appointment_id) REFERENCES appointments (clinic_id, appointment_id)
) STRICT;
CREATE UNIQUE INDEX appointment_states_key ON appointment_states (clinic_id, state_id);
CREATE INDEX appointment_states_appointment ON appointment_states (clinic_id, appointment_id, state_id);

-- No provider is booked twice, in any clinic. The rows of a provider never overlap, so the neighbours by start time tell: nothing may
-- start inside the new time, and the one that starts before it must have ended.
CREATE TRIGGER appointments_no_overlap_insert BEFORE INSERT ON appointments
WHEN NEW.status NOT IN ('cancelled', 'no_show', 'rejected')
BEGIN
    SELECT RAISE(ABORT, 'overlap')
    WHERE EXISTS (
        SELECT 1 FROM appointments
        WHERE provider_user_id = NEW.provider_user_id AND status NOT IN ('cancelled', 'no_show', 'rejected')
          AND scheduled_start >= NEW.scheduled_start AND scheduled_start < NEW.scheduled_end)
    OR NEW.scheduled_start < (
        SELECT scheduled_end FROM appointments
        WHERE provider_user_id = NEW.provider_user_id AND status NOT IN ('cancelled', 'no_show', 'rejected')
          AND scheduled_start < NEW.scheduled_start
        ORDER BY scheduled_start DESC LIMIT 1);
END;
CREATE TRIGGER appointments_no_overlap_update BEFORE UPDATE OF provider_user_id, scheduled_start, scheduled_end, status ON appointments
WHEN NEW.status NOT IN ('cancelled', 'no_show', 'rejected')
BEGIN
    SELECT RAISE(ABORT, 'overlap')
    WHERE EXISTS (
        SELECT 1 FROM appointments
        WHERE provider_user_id = NEW.provider_user_id AND status NOT IN ('cancelled', 'no_show', 'rejected')
          AND scheduled_start >= NEW.scheduled_start AND scheduled_start < NEW.scheduled_end
          AND appointment_id <> NEW.appointment_id)
    OR NEW.scheduled_start < (
        SELECT scheduled_end FROM appointments
        WHERE provider_user_id = NEW.provider_user_id AND status NOT IN ('cancelled', 'no_show', 'rejected')
          AND scheduled_start < NEW.scheduled_start AND appointment_id <> NEW.appointment_id
        ORDER BY scheduled_start DESC LIMIT 1);
END;
