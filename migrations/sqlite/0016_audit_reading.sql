-- How the audit log is read: every list walks one index, newest first.

-- The token with which something was done, where it was not done in the console.
ALTER TABLE audit_events ADD COLUMN actor_token_id INTEGER;

DROP INDEX audit_events_owner;
DROP INDEX audit_events_enterprise;
DROP INDEX audit_events_user;
DROP INDEX audit_events_token;
CREATE INDEX audit_events_owner ON audit_events (owner_id, at, seq);
CREATE INDEX audit_events_owner_action ON audit_events (owner_id, action, at, seq);
CREATE INDEX audit_events_enterprise ON audit_events (enterprise_id, at, seq);
CREATE INDEX audit_events_enterprise_action ON audit_events (enterprise_id, action, at, seq);
CREATE INDEX audit_events_user ON audit_events (user_id, at, seq);
CREATE INDEX audit_events_actor ON audit_events (actor_id, at, seq);
CREATE INDEX audit_events_token ON audit_events (token_id, at, seq);
CREATE INDEX audit_events_actor_token ON audit_events (actor_token_id, at, seq) WHERE actor_token_id IS NOT NULL;
CREATE INDEX audit_events_repository ON audit_events (repository_id, at, seq);

-- What a group of decisions is about: one row for each token, account (the owners, their enterprises, the tokens'
-- users) and repository in it.
CREATE TABLE decision_places (
    kind       TEXT NOT NULL,                  -- token | account | repository
    subject_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,               -- the end of the group
    seq        INTEGER NOT NULL,
    PRIMARY KEY (kind, subject_id, at, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO decision_places (kind, subject_id, at, seq)
SELECT DISTINCT 'token', k.token_id, g.last_at, g.seq FROM decision_keys k JOIN decision_groups g ON g.seq = k.seq;
INSERT INTO decision_places (kind, subject_id, at, seq)
SELECT 'account', k.owner_id, g.last_at, g.seq FROM decision_keys k JOIN decision_groups g ON g.seq = k.seq
WHERE k.owner_id <> 0
UNION
SELECT 'account', t.user_id, g.last_at, g.seq FROM decision_keys k JOIN decision_groups g ON g.seq = k.seq
JOIN tokens t ON t.id = k.token_id;
DROP TABLE decision_keys;
