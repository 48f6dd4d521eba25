-- What people like, whether an address was shown to be theirs, and invitations to a clinic's staff.

ALTER TABLE users ADD COLUMN language TEXT;
-- A JSON object that the person's programs keep there.
ALTER TABLE users ADD COLUMN preferences TEXT;
-- When a link that was mailed to `email` was used; none: nobody has shown that the address is theirs.
ALTER TABLE users ADD COLUMN email_verified_at TIMESTAMPTZ;

-- Somebody who works elsewhere and has not agreed to work here yet.
ALTER TABLE memberships ADD COLUMN is_pending BOOLEAN NOT NULL DEFAULT FALSE;

-- What a member of the staff has been asked by mail. The token is there, as its SHA-256, once the mail has gone. The names are those that the
-- clinic typed: it learns those of somebody who works elsewhere when they agree. Without an end it was withdrawn.
CREATE TABLE invitations (
    clinic_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    token_sha256 TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ,
    PRIMARY KEY (clinic_id, user_id),
    FOREIGN KEY (clinic_id, user_id) REFERENCES memberships (clinic_id, user_id)
);
CREATE UNIQUE INDEX invitations_token ON invitations (token_sha256) WHERE token_sha256 IS NOT NULL;
