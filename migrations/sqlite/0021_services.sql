-- Services that Grantry guards: who may ask about tokens, and how their proxies ask.
CREATE TABLE services (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,                 -- compared: names ignore case
    catalog    TEXT NOT NULL,                 -- whose endpoints it has
    proxy      TEXT NOT NULL,                 -- original | forwarded: the headers in which its proxy asks
    filters    INTEGER NOT NULL,              -- shows each reader only their own items
    created_at INTEGER NOT NULL,
    removed_at INTEGER,
    rev        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX services_name ON services (name_key) WHERE removed_at IS NULL;

-- The hosts that it answers for; none for any.
CREATE TABLE service_hosts (
    service_id INTEGER NOT NULL REFERENCES services (id),
    host       TEXT NOT NULL,
    PRIMARY KEY (service_id, host)
) STRICT;

-- Whose resources it serves; none for everybody's. It learns only of tokens that reach them.
CREATE TABLE service_owners (
    service_id INTEGER NOT NULL REFERENCES services (id),
    owner_id   INTEGER NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (service_id, owner_id)
) STRICT;

-- What it shows to be itself, kept as SHA-256 only.
CREATE TABLE service_secrets (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    service_id INTEGER NOT NULL REFERENCES services (id),
    hash       BLOB NOT NULL,
    label      TEXT NOT NULL,                 -- by which people know it
    created_at INTEGER NOT NULL,
    created_by INTEGER REFERENCES accounts (id),
    ends_at    INTEGER                        -- an overlap's end, or when it was ended
) STRICT;
CREATE UNIQUE INDEX service_secrets_hash ON service_secrets (hash);
CREATE INDEX service_secrets_service ON service_secrets (service_id, id);
