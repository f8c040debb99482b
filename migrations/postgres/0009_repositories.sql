-- Lists of an owner's repositories in the orders people ask for, and who may take a freed name back at once.
CREATE INDEX repositories_created ON repositories (owner_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX repositories_updated ON repositories (owner_id, updated_at, id) WHERE deleted_at IS NULL;
ALTER TABLE reserved_names ADD COLUMN freed_by BIGINT;   -- the repository that was renamed; it may take the name back
