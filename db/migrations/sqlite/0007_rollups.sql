-- Figures of whole days, counted from the rows of the other tables (db/rollup.go).
-- day counts from 1970-01-01; times are microseconds UTC; 0 means never.

-- What is counted of a day: its sign-ins up to upto, and everything once it is
-- closed. A day is counted anew while more is asked for than was counted.
-- hours is JSON: of each hour from began on silent, interactive, people, and,
-- of a closed day, attempts that were anonymous, failed or skipped.
CREATE TABLE rollup_days (
	day         INTEGER PRIMARY KEY,
	zone        TEXT NOT NULL,
	began       INTEGER NOT NULL,
	ended       INTEGER NOT NULL,
	upto        INTEGER NOT NULL,
	closed      INTEGER NOT NULL CHECK (closed IN (0, 1)),
	asked       INTEGER NOT NULL,
	counted     INTEGER NOT NULL,
	made        INTEGER NOT NULL,
	checked     INTEGER NOT NULL,
	silent      INTEGER NOT NULL,
	interactive INTEGER NOT NULL,
	people      INTEGER NOT NULL,
	hours       TEXT NOT NULL
) STRICT;
CREATE INDEX rollup_days_began ON rollup_days (began);

-- Totals of a closed day, of one family in a row: a year of them is read in
-- 365 rows (db/totals.go).
CREATE TABLE rollup_totals (
	family TEXT NOT NULL,
	day    INTEGER NOT NULL,
	body   BLOB NOT NULL,
	PRIMARY KEY (family, day)
) STRICT, WITHOUT ROWID;

-- Who signed in on a day: one bit for each number of a person.
CREATE TABLE rollup_people (
	day  INTEGER PRIMARY KEY,
	bits BLOB NOT NULL
) STRICT;

-- The numbers. They go with what is forgotten of a person, and none is given
-- twice: bits without a number are nobody's.
CREATE TABLE rollup_numbers (
	number  INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id TEXT NOT NULL UNIQUE
) STRICT;

-- What is known of people, by their numbers, in one row (db/crowd.go).
CREATE TABLE rollup_crowd (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	at   INTEGER NOT NULL,
	body BLOB NOT NULL
) STRICT;

-- How many have read an item, and how many it is for. gone_* are those of
-- whom only the number is left, since their rows were kept for long enough.
CREATE TABLE rollup_reach (
	item_id         TEXT PRIMARY KEY,
	opened          INTEGER NOT NULL,
	marked          INTEGER NOT NULL,
	readers         INTEGER NOT NULL,
	gone_opened     INTEGER NOT NULL,
	gone_marked     INTEGER NOT NULL,
	gone_readers    INTEGER NOT NULL,
	asked           INTEGER NOT NULL,
	counted         INTEGER NOT NULL,
	counted_at      INTEGER NOT NULL,
	matching        INTEGER NOT NULL,
	matched_version INTEGER NOT NULL,
	matched_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Before when the rows of a table were removed: older days are not counted anew.
CREATE TABLE rollup_horizons (
	source TEXT PRIMARY KEY,
	before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Semesters as Campus One names them, and when the first fact said so.
CREATE TABLE rollup_terms (
	session  TEXT NOT NULL,
	semester TEXT NOT NULL,
	first    INTEGER NOT NULL,
	people   INTEGER NOT NULL,
	PRIMARY KEY (session, semester)
) STRICT, WITHOUT ROWID;

-- Who did what, read from this index alone.
CREATE INDEX audit_actors ON audit (actor, action, at);
