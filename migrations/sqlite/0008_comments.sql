-- What people say below an issue.
CREATE TABLE comments (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    repository_id INTEGER NOT NULL REFERENCES repositories (id),  -- the issue's, for the list of a whole repository
    issue_id      INTEGER NOT NULL REFERENCES issues (id),
    author_id     INTEGER NOT NULL REFERENCES accounts (id),
    body          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX comments_issue ON comments (issue_id, id);
CREATE INDEX comments_repository ON comments (repository_id, id);
CREATE INDEX comments_updated ON comments (repository_id, updated_at, id);
