-- Every saved version of a policy; in force is the highest whose time has come.
CREATE TABLE policies (
    scope_id              BIGINT NOT NULL REFERENCES accounts (id),
    token_kind            TEXT NOT NULL,
    version               BIGINT NOT NULL,
    access                TEXT NOT NULL,
    approval              TEXT NOT NULL,
    lifetime_days         BIGINT,              -- null: none
    exempt_administrators BOOLEAN NOT NULL,
    effective_at          BIGINT NOT NULL,
    cancelled_at          BIGINT,
    saved_by              BIGINT REFERENCES accounts (id),  -- null: the operator
    saved_at              BIGINT NOT NULL,
    risk_by               BIGINT REFERENCES accounts (id),
    PRIMARY KEY (scope_id, token_kind, version)
);
