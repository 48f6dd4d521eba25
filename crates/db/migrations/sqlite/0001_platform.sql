-- Clinics, people, sign-in, and the tables of the mechanisms: numbers, idempotency, jobs, outbox, audit.

CREATE TABLE clinics (
    clinic_id INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'active' CONSTRAINT clinics_status_known CHECK (status IN ('active', 'inactive', 'suspended')),
    time_zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    phone TEXT,
    email TEXT,
    address TEXT,
    city TEXT,
    state TEXT,
    country TEXT,
    slot_minutes INTEGER NOT NULL DEFAULT 30 CONSTRAINT clinics_slot_minutes_range CHECK (slot_minutes BETWEEN 5 AND 480),
    self_registration INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX clinics_code ON clinics (code);

-- People who sign in, staff and patients, known to the whole installation.
CREATE TABLE users (
    user_id INTEGER PRIMARY KEY,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT,
    username TEXT,
    phone TEXT,
    phone_digits TEXT,
    password_hash TEXT,
    is_platform_admin INTEGER NOT NULL DEFAULT 0,
    is_active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX users_email ON users (email) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX users_username ON users (username) WHERE username IS NOT NULL;
CREATE UNIQUE INDEX users_phone ON users (phone_digits) WHERE phone_digits IS NOT NULL;

-- One role per clinic.
CREATE TABLE memberships (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    user_id INTEGER NOT NULL REFERENCES users (user_id),
    role TEXT NOT NULL CONSTRAINT memberships_role_known CHECK (role IN ('admin', 'doctor', 'nurse', 'technician', 'receptionist')),
    is_active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (clinic_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_user ON memberships (user_id);

-- What a clinic changed in the default table of permissions.
CREATE TABLE role_permissions (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    role TEXT NOT NULL,
    permission TEXT NOT NULL,
    allowed INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, role, permission)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    session_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (user_id),
    clinic_id INTEGER REFERENCES clinics (clinic_id),
    address TEXT,
    user_agent TEXT,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_because TEXT
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id, session_id);

-- Refresh tokens by their SHA-256. A spent one that comes back revokes its session: somebody has a copy.
CREATE TABLE refresh_tokens (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    session_id INTEGER NOT NULL REFERENCES sessions (session_id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- Links that work once, by the SHA-256 of their token: set-up and password reset.
CREATE TABLE one_time_tokens (
    token_sha256 TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL CONSTRAINT one_time_tokens_purpose_known CHECK (purpose IN ('setup', 'password_reset')),
    user_id INTEGER REFERENCES users (user_id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_tokens_user ON one_time_tokens (user_id) WHERE user_id IS NOT NULL;

-- The last number handed out, per clinic and kind of reference.
CREATE TABLE counters (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    kind TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, kind)
) STRICT, WITHOUT ROWID;

-- The answers of requests that carried an Idempotency-Key, written in the transaction of the work itself.
CREATE TABLE idempotency_keys (
    clinic_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    answer TEXT,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX idempotency_keys_key ON idempotency_keys (clinic_id, user_id, idempotency_key);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE jobs (
    job_id INTEGER PRIMARY KEY,
    clinic_id INTEGER,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    max_attempts INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'ready' CONSTRAINT jobs_state_known CHECK (state IN ('ready', 'running', 'done', 'dead')),
    unique_key TEXT,
    locked_by TEXT,
    locked_until INTEGER,
    last_error TEXT,
    created_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;
CREATE UNIQUE INDEX jobs_unique_key ON jobs (kind, unique_key) WHERE unique_key IS NOT NULL AND state IN ('ready', 'running');
CREATE INDEX jobs_ready ON jobs (run_at, job_id) WHERE state = 'ready';
CREATE INDEX jobs_running ON jobs (locked_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state = 'done';

-- Who may run what only one node may run at a time (schedules, the sealer).
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    held_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Events on their way to those who listen; rows first, delivery after.
CREATE TABLE outbox (
    event_id INTEGER PRIMARY KEY,
    clinic_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    resource_id INTEGER NOT NULL,
    needs TEXT NOT NULL,
    patient_id INTEGER,
    payload TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_age ON outbox (created_at);

-- Who did what, about which patient, when, from where, allowed or refused.
CREATE TABLE audit_events (
    event_id INTEGER PRIMARY KEY,
    clinic_id INTEGER,
    at INTEGER NOT NULL,
    user_id INTEGER,
    role TEXT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL CONSTRAINT audit_events_outcome_known CHECK (outcome IN ('allowed', 'refused', 'failed')),
    patient_id INTEGER,
    resource TEXT,
    resource_id INTEGER,
    address TEXT,
    request_id TEXT NOT NULL,
    session_id INTEGER,
    details TEXT
) STRICT;
CREATE INDEX audit_events_clinic ON audit_events (clinic_id, at);
CREATE INDEX audit_events_patient ON audit_events (clinic_id, patient_id, at) WHERE patient_id IS NOT NULL;
CREATE INDEX audit_events_user ON audit_events (clinic_id, user_id, at);

-- The chain: each seal hashes the events after the last one together with the hash before it. `clinic_id` 0 holds what belongs
-- to no clinic. `late_ids` are events of an earlier range that were committed after it was sealed.
CREATE TABLE audit_seals (
    clinic_id INTEGER NOT NULL,
    seal_no INTEGER NOT NULL,
    after_event_id INTEGER NOT NULL,
    upto_event_id INTEGER NOT NULL,
    late_ids TEXT NOT NULL,
    events INTEGER NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    sealed_at INTEGER NOT NULL,
    PRIMARY KEY (clinic_id, seal_no)
) STRICT, WITHOUT ROWID;

-- Ids below the sealed range that were not there yet: transactions still open, or given up.
CREATE TABLE audit_gaps (
    event_id INTEGER NOT NULL PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
