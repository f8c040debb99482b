-- The directory's lists under /admin: accounts of one kind by name and by age, and people who run the installation.
CREATE INDEX accounts_kind_name ON accounts (kind, login_key) WHERE deleted_at IS NULL;
CREATE INDEX accounts_kind_id ON accounts (kind, id) WHERE deleted_at IS NULL;
CREATE INDEX accounts_site_admin ON accounts (id) WHERE site_admin = 1;
