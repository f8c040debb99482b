-- What owners except from a policy, and classic tokens that they block.
CREATE TABLE exemptions (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    token_id   INTEGER NOT NULL REFERENCES tokens (id),
    scope_id   INTEGER NOT NULL REFERENCES accounts (id),  -- whose policy: an organization's or an enterprise's
    policy     TEXT NOT NULL,              -- access | lifetime
    until_at   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    given_by   INTEGER REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    ended_at   INTEGER,                    -- taken back before its date
    ended_by   INTEGER REFERENCES accounts (id)
) STRICT;
CREATE UNIQUE INDEX exemptions_live ON exemptions (token_id, scope_id, policy) WHERE ended_at IS NULL;
CREATE INDEX exemptions_scope ON exemptions (scope_id, id);

-- Classic tokens that an organization's owners blocked there, for good.
CREATE TABLE token_blocks (
    token_id   INTEGER NOT NULL REFERENCES tokens (id),
    owner_id   INTEGER NOT NULL REFERENCES accounts (id),
    reason     TEXT NOT NULL,
    blocked_by INTEGER REFERENCES accounts (id),
    blocked_at INTEGER NOT NULL,
    PRIMARY KEY (token_id, owner_id)
) STRICT;
CREATE INDEX token_blocks_owner ON token_blocks (owner_id, token_id);

-- Who reached an owner lately: inventories and previews read it.
CREATE INDEX last_uses_owner ON last_uses (owner_id, at);
