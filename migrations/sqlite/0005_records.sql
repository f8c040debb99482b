-- What happened: changes of state, decisions, use; and what other processes and people must hear of.
CREATE TABLE audit_heads (
    chain   TEXT PRIMARY KEY,                  -- events | decisions
    seq     INTEGER NOT NULL,
    hash    BLOB NOT NULL,
    last_at INTEGER NOT NULL
) STRICT;
INSERT INTO audit_heads (chain, seq, hash, last_at) VALUES ('events', 0, x'', 0), ('decisions', 0, x'', 0);

CREATE TABLE audit_events (
    seq           INTEGER PRIMARY KEY,
    at            INTEGER NOT NULL,
    action        TEXT NOT NULL,
    actor_kind    TEXT NOT NULL,               -- person | token | operator | system
    actor_id      INTEGER,
    user_id       INTEGER,
    owner_id      INTEGER,
    enterprise_id INTEGER,
    token_id      INTEGER,
    repository_id INTEGER,
    address       TEXT,
    user_agent    TEXT,
    request_id    TEXT,
    data          TEXT NOT NULL,
    hash          BLOB NOT NULL
) STRICT;
CREATE INDEX audit_events_owner ON audit_events (owner_id, seq);
CREATE INDEX audit_events_enterprise ON audit_events (enterprise_id, seq);
CREATE INDEX audit_events_user ON audit_events (user_id, seq);
CREATE INDEX audit_events_token ON audit_events (token_id, seq);

-- Decisions, a commit group a row.
CREATE TABLE decision_groups (
    seq      INTEGER PRIMARY KEY,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    count    INTEGER NOT NULL,
    body     BLOB NOT NULL,
    hash     BLOB NOT NULL
) STRICT;

CREATE TABLE decision_keys (
    token_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,                 -- 0: none
    seq      INTEGER NOT NULL,
    PRIMARY KEY (token_id, owner_id, seq)
) STRICT;

CREATE TABLE refusals (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    token_id  INTEGER NOT NULL,
    owner_id  INTEGER NOT NULL,                -- 0: none
    at        INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    method    TEXT NOT NULL,
    path      TEXT NOT NULL,
    message   TEXT NOT NULL
) STRICT;
CREATE INDEX refusals_token ON refusals (token_id, id);

CREATE TABLE last_uses (
    token_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,                 -- 0: what names no owner
    at       INTEGER NOT NULL,
    method   TEXT NOT NULL,
    path     TEXT NOT NULL,
    address  TEXT NOT NULL,
    PRIMARY KEY (token_id, owner_id)
) STRICT;

CREATE TABLE use_days (
    token_id   INTEGER NOT NULL,
    owner_id   INTEGER NOT NULL,
    catalog    TEXT NOT NULL,
    permission TEXT NOT NULL,                  -- empty: none was needed
    day        INTEGER NOT NULL,
    allowed    INTEGER NOT NULL,
    refused    INTEGER NOT NULL,
    first_at   INTEGER NOT NULL,
    last_at    INTEGER NOT NULL,
    address    TEXT NOT NULL,
    PRIMARY KEY (token_id, owner_id, catalog, permission, day)
) STRICT;

-- The change feed, numbered in commit order: what every process must drop from memory.
CREATE TABLE change_heads (
    feed TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL
) STRICT;
INSERT INTO change_heads (feed, seq) VALUES ('changes', 0);

CREATE TABLE changes (
    seq        INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    kind       TEXT NOT NULL,                  -- token | account | repository
    subject_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    PRIMARY KEY (seq, n)
) STRICT;

-- What leaves after the commit: at least once, never before.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    event_seq   INTEGER NOT NULL,
    kind        TEXT NOT NULL,                 -- notice
    recipient   INTEGER NOT NULL,
    state       TEXT NOT NULL,                 -- waiting | done | failed
    attempts    INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    lease_until INTEGER
) STRICT;
CREATE UNIQUE INDEX outbox_once ON outbox (event_seq, kind, recipient);
CREATE INDEX outbox_next ON outbox (state, next_at, id);
