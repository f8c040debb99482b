-- Which policies begin later: whoever they will block is told on the home page.
CREATE INDEX policies_ahead ON policies (effective_at, scope_id);
