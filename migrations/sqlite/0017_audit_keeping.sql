-- What people look for in a log again and again.
CREATE TABLE saved_searches (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES accounts (id),
    log_id     INTEGER NOT NULL REFERENCES accounts (id),  -- whose log
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    phrase     TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX saved_searches_name ON saved_searches (user_id, log_id, name_key);

-- Where the chain of decisions begins, since older groups were removed by age.
CREATE TABLE audit_checkpoints (
    chain TEXT PRIMARY KEY,                    -- decisions
    seq   INTEGER NOT NULL,                    -- the last one removed
    hash  BLOB NOT NULL,                       -- its link
    at    INTEGER NOT NULL
) STRICT;

-- How far the log was given on, to a collector or a file.
CREATE TABLE audit_streams (
    name         TEXT PRIMARY KEY,             -- url | file
    event_seq    INTEGER NOT NULL,
    decision_seq INTEGER NOT NULL,
    sent_at      INTEGER NOT NULL,             -- when something was last taken; 0: never
    failures     INTEGER NOT NULL,             -- in a row
    problem      TEXT NOT NULL                 -- of the last failure; empty: it works
) STRICT;

-- Presented strings that were no token of ours, by day: there is nobody to record them for.
CREATE TABLE unknown_secrets (
    day    INTEGER NOT NULL,
    reason TEXT NOT NULL,                      -- malformed | unknown
    count  INTEGER NOT NULL,
    PRIMARY KEY (day, reason)
) STRICT;
