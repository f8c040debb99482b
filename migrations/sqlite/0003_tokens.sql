-- Tokens, their secrets (SHA-256 only), one grant per resource owner, and requests apart from grants.
CREATE TABLE tokens (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    identifier     TEXT NOT NULL,
    user_id        INTEGER NOT NULL REFERENCES accounts (id),
    kind           TEXT NOT NULL,              -- fine_grained | classic
    parent_id      INTEGER REFERENCES tokens (id),
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    description    TEXT NOT NULL,
    starts_at      INTEGER NOT NULL,           -- creation, or the last regeneration
    expires_at     INTEGER,
    wants_rotation INTEGER NOT NULL,
    state          TEXT NOT NULL,              -- live | ended
    ended_reason   TEXT,
    ended_at       INTEGER,
    created_at     INTEGER NOT NULL,
    rev            INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tokens_identifier ON tokens (identifier);
CREATE UNIQUE INDEX tokens_name ON tokens (user_id, kind, name_key) WHERE state = 'live';
CREATE INDEX tokens_user ON tokens (user_id, kind, state, id);

CREATE TABLE token_conditions (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    kind     TEXT NOT NULL,                    -- address | branch
    pattern  TEXT NOT NULL,
    PRIMARY KEY (token_id, kind, pattern)
) STRICT;

CREATE TABLE token_scopes (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    scope    TEXT NOT NULL,
    PRIMARY KEY (token_id, scope)
) STRICT;

CREATE TABLE secrets (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    token_id      INTEGER NOT NULL REFERENCES tokens (id),
    hash          BLOB NOT NULL,
    role          TEXT NOT NULL,               -- current | overlapping | retired
    created_at    INTEGER NOT NULL,
    ends_at       INTEGER,                     -- of an overlap
    first_used_at INTEGER
) STRICT;
CREATE UNIQUE INDEX secrets_hash ON secrets (hash);
CREATE UNIQUE INDEX secrets_current ON secrets (token_id) WHERE role = 'current';
CREATE INDEX secrets_token ON secrets (token_id, id);

CREATE TABLE grants (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    token_id       INTEGER NOT NULL REFERENCES tokens (id),
    owner_id       INTEGER NOT NULL REFERENCES accounts (id),
    state          TEXT NOT NULL,              -- none | active | suspended | revoked
    selection      TEXT NOT NULL,              -- public | selected | all
    relation       TEXT NOT NULL,
    activation     TEXT,                       -- reviewed | by_owner | by_policy
    terms_lifetime INTEGER,                    -- microseconds; null: unlimited
    terms_rotation INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    activated_at   INTEGER,
    ended_cause    TEXT,                       -- owner | left | token_ended
    ended_at       INTEGER,
    decided_by     INTEGER REFERENCES accounts (id),
    reason         TEXT NOT NULL,              -- of the revocation
    rev            INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX grants_token_owner ON grants (token_id, owner_id);
CREATE INDEX grants_owner ON grants (owner_id, state, id);

CREATE TABLE grant_permissions (
    grant_id   INTEGER NOT NULL REFERENCES grants (id),
    catalog    TEXT NOT NULL,
    permission TEXT NOT NULL,
    level      TEXT NOT NULL,
    PRIMARY KEY (grant_id, catalog, permission)
) STRICT;

CREATE TABLE grant_targets (
    grant_id  INTEGER NOT NULL REFERENCES grants (id),
    kind      TEXT NOT NULL,                   -- repository
    target_id INTEGER NOT NULL,
    PRIMARY KEY (grant_id, kind, target_id)
) STRICT;
CREATE INDEX grant_targets_target ON grant_targets (kind, target_id, grant_id);

CREATE TABLE grant_conditions (
    grant_id INTEGER NOT NULL REFERENCES grants (id),
    kind     TEXT NOT NULL,
    pattern  TEXT NOT NULL,
    PRIMARY KEY (grant_id, kind, pattern)
) STRICT;

-- Immutable but for the decision: a request is what its reviewer saw.
CREATE TABLE requests (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    grant_id        INTEGER NOT NULL REFERENCES grants (id),
    owner_id        INTEGER NOT NULL REFERENCES accounts (id),
    grant_rev       INTEGER NOT NULL,
    cause           TEXT NOT NULL,             -- new | widening | again
    state           TEXT NOT NULL,             -- pending | approved | denied | cancelled
    selection       TEXT NOT NULL,
    terms_lifetime  INTEGER,
    terms_rotation  INTEGER NOT NULL,
    reason          TEXT NOT NULL,             -- the justification
    created_at      INTEGER NOT NULL,
    decided_by      INTEGER REFERENCES accounts (id),
    decided_at      INTEGER,
    decision_reason TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX requests_pending ON requests (grant_id) WHERE state = 'pending';
CREATE INDEX requests_owner ON requests (owner_id, state, created_at, id);
CREATE INDEX requests_grant ON requests (grant_id, id);

CREATE TABLE request_permissions (
    request_id INTEGER NOT NULL REFERENCES requests (id),
    catalog    TEXT NOT NULL,
    permission TEXT NOT NULL,
    before     TEXT,
    asked      TEXT NOT NULL,
    granted    TEXT,
    PRIMARY KEY (request_id, catalog, permission)
) STRICT;

CREATE TABLE request_targets (
    request_id INTEGER NOT NULL REFERENCES requests (id),
    kind       TEXT NOT NULL,
    target_id  INTEGER NOT NULL,
    outcome    TEXT NOT NULL,                  -- asked | granted | dropped
    PRIMARY KEY (request_id, kind, target_id)
) STRICT;

CREATE TABLE request_conditions (
    request_id INTEGER NOT NULL REFERENCES requests (id),
    kind       TEXT NOT NULL,
    pattern    TEXT NOT NULL,
    PRIMARY KEY (request_id, kind, pattern)
) STRICT;
