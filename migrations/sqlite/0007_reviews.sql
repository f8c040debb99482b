-- What owners page through, filter by and look up while they decide.
CREATE INDEX grants_owner_active ON grants (owner_id, state, activated_at, id);
CREATE INDEX request_targets_target ON request_targets (kind, target_id, request_id);
CREATE INDEX audit_events_owner_user ON audit_events (owner_id, user_id, seq);
CREATE INDEX audit_events_owner_token ON audit_events (owner_id, token_id, seq);
