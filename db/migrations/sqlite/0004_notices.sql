-- Notices in Campus One. Times are microseconds UTC; 0 means never.

-- access is what the last sign-in or refresh brought beside the refresh token,
-- for those whom the portal may notify.
ALTER TABLE tokens ADD COLUMN access BLOB NOT NULL DEFAULT x'';
ALTER TABLE tokens ADD COLUMN access_until INTEGER NOT NULL DEFAULT 0;

-- granted: since when Campus One lets the portal notify a person. declined:
-- when they said here that they do not want it.
CREATE TABLE notice_consents (
	user_id  TEXT PRIMARY KEY REFERENCES users (id),
	granted  INTEGER NOT NULL,
	declined INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- moved is when the last person was done with, trouble what has kept it from
-- going on since. counts holds, as JSON, what came of a notice that has ended.
CREATE TABLE notices (
	id         TEXT PRIMARY KEY,
	item_id    TEXT NOT NULL REFERENCES items (id),
	title      TEXT NOT NULL,
	body       TEXT NOT NULL,
	type       TEXT NOT NULL,
	state      TEXT NOT NULL CHECK (state IN ('preparing', 'running', 'stopped', 'done')),
	why        TEXT NOT NULL,
	started    INTEGER NOT NULL,
	started_by TEXT NOT NULL,
	moved      INTEGER NOT NULL,
	trouble    TEXT NOT NULL,
	ended      INTEGER NOT NULL,
	counts     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX notices_running ON notices (item_id) WHERE state IN ('preparing', 'running');
CREATE INDEX notices_of ON notices (item_id, started);
CREATE INDEX notices_started ON notices (started);

-- One row per person and notice. first_try is when it may first have reached
-- Campus One.
CREATE TABLE notice_people (
	notice_id TEXT NOT NULL REFERENCES notices (id),
	user_id   TEXT NOT NULL REFERENCES users (id),
	state     TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed', 'no_grant', 'expired', 'left', 'stopped')),
	tries     INTEGER NOT NULL,
	first_try INTEGER NOT NULL,
	next_try  INTEGER NOT NULL,
	settled   INTEGER NOT NULL,
	reason    TEXT NOT NULL,
	PRIMARY KEY (notice_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_people_due ON notice_people (notice_id, next_try) WHERE state = 'waiting';
CREATE INDEX notice_people_of ON notice_people (user_id);
