-- Every saved version of a policy; in force is the highest whose time has come.
CREATE TABLE policies (
    scope_id              INTEGER NOT NULL REFERENCES accounts (id),
    token_kind            TEXT NOT NULL,
    version               INTEGER NOT NULL,
    access                TEXT NOT NULL,
    approval              TEXT NOT NULL,
    lifetime_days         INTEGER,              -- null: none
    exempt_administrators INTEGER NOT NULL,
    effective_at          INTEGER NOT NULL,
    cancelled_at          INTEGER,
    saved_by              INTEGER REFERENCES accounts (id),  -- null: the operator
    saved_at              INTEGER NOT NULL,
    risk_by               INTEGER REFERENCES accounts (id),
    PRIMARY KEY (scope_id, token_kind, version)
) STRICT;
