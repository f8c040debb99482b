-- Accounts and what they own. Names are unique among the living; ids are never used again.
CREATE TABLE accounts (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            TEXT NOT NULL,             -- user | organization | enterprise
    namespace       TEXT NOT NULL,             -- login (users and organizations share it) | slug
    login           TEXT NOT NULL,
    login_key       TEXT NOT NULL,             -- compared: names ignore case
    name            TEXT NOT NULL,
    email           TEXT,
    passkey_handle  TEXT,                      -- users: what authenticators know them by
    enterprise_id   INTEGER REFERENCES accounts (id),  -- organizations
    managed_by      INTEGER REFERENCES accounts (id),  -- users owned by an enterprise
    base_permission TEXT NOT NULL,             -- organizations; 'none' elsewhere
    site_admin      INTEGER NOT NULL,
    suspended_at    INTEGER,
    created_at      INTEGER NOT NULL,
    deleted_at      INTEGER,
    rev             INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX accounts_name ON accounts (namespace, login_key) WHERE deleted_at IS NULL;
CREATE INDEX accounts_enterprise ON accounts (enterprise_id, id);
CREATE INDEX accounts_managed_by ON accounts (managed_by, id);

CREATE TABLE reserved_names (
    namespace TEXT NOT NULL,
    parent_id INTEGER NOT NULL,                -- 0 for accounts, the owner for repositories
    name_key  TEXT NOT NULL,
    until_at  INTEGER NOT NULL,
    PRIMARY KEY (namespace, parent_id, name_key)
) STRICT;

CREATE TABLE memberships (
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    user_id    INTEGER NOT NULL REFERENCES accounts (id),
    role       TEXT NOT NULL,                  -- owner | member
    created_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, user_id)
) STRICT;
CREATE INDEX memberships_user ON memberships (user_id, account_id);

CREATE TABLE repositories (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id       INTEGER NOT NULL REFERENCES accounts (id),
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    description    TEXT NOT NULL,
    visibility     TEXT NOT NULL,              -- public | internal | private
    next_number    INTEGER NOT NULL,           -- of the next issue
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL,
    deleted_at     INTEGER,
    rev            INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX repositories_name ON repositories (owner_id, name_key) WHERE deleted_at IS NULL;

CREATE TABLE collaborators (
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    user_id       INTEGER NOT NULL REFERENCES accounts (id),
    role          TEXT NOT NULL,               -- read | triage | write | maintain | admin
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (repository_id, user_id)
) STRICT;
CREATE INDEX collaborators_user ON collaborators (user_id, repository_id);

CREATE TABLE issues (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories (id),
    number        INTEGER NOT NULL,
    author_id     INTEGER NOT NULL REFERENCES accounts (id),
    title         TEXT NOT NULL,
    body          TEXT NOT NULL,
    state         TEXT NOT NULL,               -- open | closed
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    closed_at     INTEGER
) STRICT;
CREATE UNIQUE INDEX issues_number ON issues (repository_id, number);

-- What an import already entered and must not enter twice, by a digest of what was written.
CREATE TABLE imports (
    object_key TEXT PRIMARY KEY,
    digest     TEXT NOT NULL
) STRICT;
