-- Stored contents, and the documents of charts.

-- A file is `pending` before its object is written, `stored` when it is, `discarded` while what is left of it is removed. Its key is wrapped
-- by the installation's key `key_id`.
CREATE TABLE files (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    file_id INTEGER PRIMARY KEY,
    object TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT files_state_known CHECK (state IN ('pending', 'stored', 'discarded')),
    key_id TEXT,
    wrapped_key TEXT,
    size INTEGER CONSTRAINT files_size_range CHECK (size >= 0),
    sha256 TEXT,
    mime TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    stored_at INTEGER,
    CONSTRAINT files_stored_is_whole CHECK (state <> 'stored' OR (key_id IS NOT NULL AND wrapped_key IS NOT NULL AND size IS NOT NULL
        AND sha256 IS NOT NULL AND stored_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX files_key ON files (clinic_id, file_id);
CREATE UNIQUE INDEX files_object ON files (object);
CREATE INDEX files_unfinished ON files (created_at) WHERE state <> 'stored';

CREATE TABLE documents (
    clinic_id INTEGER NOT NULL REFERENCES clinics (clinic_id),
    document_id INTEGER PRIMARY KEY,
    patient_id INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    thumbnail_file_id INTEGER,
    title TEXT NOT NULL,
    category TEXT NOT NULL CONSTRAINT documents_category_known CHECK (category IN
        ('identification', 'insurance', 'referral', 'consent', 'letter', 'report', 'picture', 'other')),
    note TEXT,
    released_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES users (user_id),
    deleted_at INTEGER,
    version INTEGER NOT NULL DEFAULT 1,
    FOREIGN KEY (clinic_id, patient_id) REFERENCES patients (clinic_id, patient_id),
    FOREIGN KEY (clinic_id, file_id) REFERENCES files (clinic_id, file_id),
    FOREIGN KEY (clinic_id, thumbnail_file_id) REFERENCES files (clinic_id, file_id)
) STRICT;
CREATE UNIQUE INDEX documents_key ON documents (clinic_id, document_id);
CREATE UNIQUE INDEX documents_file ON documents (clinic_id, file_id);
CREATE INDEX documents_patient ON documents (clinic_id, patient_id, created_at, document_id) WHERE deleted_at IS NULL;
