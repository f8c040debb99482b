-- What a person sees of their sessions, the codes that help when every passkey is lost, and how often strangers tried.
-- Sessions that began before cannot say where they came from: everybody signs in again.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN handle TEXT COLLATE "C" NOT NULL DEFAULT '';  -- names a session through every change of its id
ALTER TABLE sessions ADD COLUMN passkey_id BIGINT;                -- proved with; the session ends with it
ALTER TABLE sessions ADD COLUMN address TEXT;                     -- of the last use
ALTER TABLE sessions ADD COLUMN user_agent TEXT;                  -- of the last use
ALTER TABLE sessions ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0;
DROP INDEX sessions_user;
CREATE INDEX sessions_user ON sessions (user_id, last_used_at);
CREATE INDEX sessions_end ON sessions (expires_at);

CREATE TABLE recovery_codes (
    user_id    BIGINT NOT NULL REFERENCES accounts (id),
    code_hash  BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    used_at    BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

-- One row for each thing that is counted, in a window that begins with the first try: it cannot grow with the tries.
CREATE TABLE attempts (
    kind     TEXT COLLATE "C" NOT NULL,        -- recovery_login | recovery_address | sign_in | ceremony
    subject  BYTEA NOT NULL,                   -- SHA-256 of a login or an address
    began_at BIGINT NOT NULL,
    count    BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX attempts_began ON attempts (began_at);
