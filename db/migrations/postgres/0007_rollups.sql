-- Figures of whole days, counted from the rows of the other tables (db/rollup.go).
-- day counts from 1970-01-01; times are microseconds UTC; 0 means never.

-- What is counted of a day: its sign-ins up to upto, and everything once it is
-- closed. A day is counted anew while more is asked for than was counted.
-- hours is JSON: of each hour from began on silent, interactive, people, and,
-- of a closed day, attempts that were anonymous, failed or skipped.
CREATE TABLE rollup_days (
	day         BIGINT PRIMARY KEY,
	zone        TEXT NOT NULL,
	began       BIGINT NOT NULL,
	ended       BIGINT NOT NULL,
	upto        BIGINT NOT NULL,
	closed      BIGINT NOT NULL CHECK (closed IN (0, 1)),
	asked       BIGINT NOT NULL,
	counted     BIGINT NOT NULL,
	made        BIGINT NOT NULL,
	checked     BIGINT NOT NULL,
	silent      BIGINT NOT NULL,
	interactive BIGINT NOT NULL,
	people      BIGINT NOT NULL,
	hours       TEXT NOT NULL
);
CREATE INDEX rollup_days_began ON rollup_days (began);

-- Totals of a closed day, of one family in a row: a year of them is read in
-- 365 rows (db/totals.go).
CREATE TABLE rollup_totals (
	family TEXT NOT NULL,
	day    BIGINT NOT NULL,
	body   BYTEA NOT NULL,
	PRIMARY KEY (family, day)
);

-- Who signed in on a day: one bit for each number of a person.
CREATE TABLE rollup_people (
	day  BIGINT PRIMARY KEY,
	bits BYTEA NOT NULL
);

-- The numbers. They go with what is forgotten of a person, and none is given
-- twice: bits without a number are nobody's.
CREATE TABLE rollup_numbers (
	number  BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id TEXT NOT NULL UNIQUE
);

-- What is known of people, by their numbers, in one row (db/crowd.go).
CREATE TABLE rollup_crowd (
	id   BIGINT PRIMARY KEY CHECK (id = 1),
	at   BIGINT NOT NULL,
	body BYTEA NOT NULL
);

-- How many have read an item, and how many it is for. gone_* are those of
-- whom only the number is left, since their rows were kept for long enough.
CREATE TABLE rollup_reach (
	item_id         TEXT PRIMARY KEY,
	opened          BIGINT NOT NULL,
	marked          BIGINT NOT NULL,
	readers         BIGINT NOT NULL,
	gone_opened     BIGINT NOT NULL,
	gone_marked     BIGINT NOT NULL,
	gone_readers    BIGINT NOT NULL,
	asked           BIGINT NOT NULL,
	counted         BIGINT NOT NULL,
	counted_at      BIGINT NOT NULL,
	matching        BIGINT NOT NULL,
	matched_version BIGINT NOT NULL,
	matched_at      BIGINT NOT NULL
);

-- Before when the rows of a table were removed: older days are not counted anew.
CREATE TABLE rollup_horizons (
	source TEXT PRIMARY KEY,
	before BIGINT NOT NULL
);

-- Semesters as Campus One names them, and when the first fact said so.
CREATE TABLE rollup_terms (
	session  TEXT NOT NULL,
	semester TEXT NOT NULL,
	first    BIGINT NOT NULL,
	people   BIGINT NOT NULL,
	PRIMARY KEY (session, semester)
);

-- Who did what, read from this index alone.
CREATE INDEX audit_actors ON audit (actor, action, at);
