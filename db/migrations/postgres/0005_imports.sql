-- What was added in one go out of a file: the ids of its items as JSON, and
-- the lines that were not added.
CREATE TABLE imports (
	id      TEXT PRIMARY KEY,
	at      BIGINT NOT NULL,
	by_user TEXT NOT NULL,
	items   TEXT NOT NULL,
	rest    TEXT NOT NULL,
	undone  BIGINT NOT NULL
);
CREATE INDEX imports_of ON imports (by_user, at);
CREATE INDEX imports_at ON imports (at);
