-- How people prove who they are. Codes are kept as SHA-256 only.
CREATE TABLE passkeys (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id       INTEGER NOT NULL REFERENCES accounts (id),
    credential_id BLOB NOT NULL,
    name          TEXT NOT NULL,
    passkey       TEXT NOT NULL,               -- the public key and counters, as JSON
    created_at    INTEGER NOT NULL,
    last_used_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id);
CREATE INDEX passkeys_user ON passkeys (user_id, id);

-- One half of a passkey ceremony: single use, short-lived.
CREATE TABLE ceremonies (
    id_hash    BLOB PRIMARY KEY,
    purpose    TEXT NOT NULL,                  -- register | sign_in | confirm
    user_id    INTEGER REFERENCES accounts (id),
    state      TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolments (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    code_hash  BLOB NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX enrolments_code ON enrolments (code_hash);
CREATE UNIQUE INDEX enrolments_live ON enrolments (user_id) WHERE used_at IS NULL;

CREATE TABLE sessions (
    id_hash      BLOB PRIMARY KEY,
    user_id      INTEGER REFERENCES accounts (id),
    data         TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

-- A form that waits, as it was typed, while its user confirms who they are.
CREATE TABLE form_drafts (
    id_hash    BLOB PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES accounts (id),
    path       TEXT NOT NULL,
    act        TEXT NOT NULL,
    fields     TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- The one-time number of a minting form, and the token it made: pressing twice makes no second token.
CREATE TABLE form_numbers (
    user_id    INTEGER NOT NULL REFERENCES accounts (id),
    hash       BLOB NOT NULL,
    token_id   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, hash)
) STRICT;
