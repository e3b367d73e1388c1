-- Times are microseconds UTC; 0 means never.

CREATE TABLE schema_version (
	version BIGINT PRIMARY KEY,
	applied BIGINT NOT NULL
);

-- Single values: the provider this database belongs to, when the catalogue was read.
CREATE TABLE meta (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

-- facts is the truth, as JSON; the columns after it are copies for search and reports,
-- and search is what a person is found and sorted by (db.Fold).
CREATE TABLE users (
	id             TEXT PRIMARY KEY,
	provider       TEXT NOT NULL,
	sub            TEXT NOT NULL,
	facts          TEXT NOT NULL,
	name           TEXT NOT NULL,
	email          TEXT NOT NULL,
	student_id     TEXT NOT NULL,
	role           TEXT NOT NULL,
	study_level    TEXT NOT NULL,
	level          BIGINT NOT NULL,
	faculty_id     TEXT NOT NULL,
	department_id  TEXT NOT NULL,
	created        BIGINT NOT NULL,
	ended_before   BIGINT NOT NULL,
	role_confirmed BIGINT NOT NULL,
	deleted        BIGINT NOT NULL,
	search         TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX users_living ON users (provider, sub) WHERE deleted = 0;
CREATE INDEX users_by_sub ON users (provider, sub);
-- Lists by name, and searches, read this index alone until they have found their people.
CREATE INDEX users_by_name ON users (search, id) WHERE deleted = 0;
CREATE INDEX users_by_age ON users (created, id) WHERE deleted = 0;
CREATE INDEX users_by_role ON users (role) WHERE deleted = 0;

CREATE TABLE role_changes (
	user_id  TEXT NOT NULL REFERENCES users (id),
	at       BIGINT NOT NULL,
	old_role TEXT NOT NULL,
	new_role TEXT NOT NULL,
	source   TEXT NOT NULL
);
CREATE INDEX role_changes_of ON role_changes (user_id, at);
CREATE INDEX role_changes_at ON role_changes (at);

-- scs's own table. Nothing refers to it: scs replaces rows.
CREATE TABLE sessions (
	token  TEXT PRIMARY KEY,
	data   BYTEA NOT NULL,
	expiry TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

-- Who is signed in.
CREATE TABLE user_sessions (
	token_hash TEXT PRIMARY KEY,
	id         TEXT NOT NULL,
	user_id    TEXT NOT NULL REFERENCES users (id),
	began      BIGINT NOT NULL,
	created    BIGINT NOT NULL,
	last_seen  BIGINT NOT NULL,
	expires    BIGINT NOT NULL,
	confirmed  BIGINT NOT NULL,
	asked      BIGINT NOT NULL,
	idle       BIGINT NOT NULL,
	ended      BIGINT NOT NULL,
	ended_why  TEXT NOT NULL,
	shared     BOOLEAN NOT NULL,
	silent     BOOLEAN NOT NULL,
	state_hash TEXT NOT NULL,
	device     TEXT NOT NULL,
	network    TEXT NOT NULL
);
CREATE UNIQUE INDEX user_sessions_state ON user_sessions (state_hash) WHERE state_hash <> '';
CREATE INDEX user_sessions_of ON user_sessions (user_id);
CREATE INDEX user_sessions_expires ON user_sessions (expires) WHERE ended = 0;
CREATE INDEX user_sessions_ended ON user_sessions (ended) WHERE ended > 0;

CREATE TABLE sign_ins (
	at      BIGINT NOT NULL,
	user_id TEXT NOT NULL,
	silent  BOOLEAN NOT NULL,
	PRIMARY KEY (at, user_id)
);
CREATE INDEX sign_ins_of ON sign_ins (user_id, at);

-- A block outlives every event, sign-in and deletion, so it names no user row.
CREATE TABLE blocks (
	provider   TEXT NOT NULL,
	sub        TEXT NOT NULL,
	blocked_at BIGINT NOT NULL,
	blocked_by TEXT NOT NULL,
	reason     TEXT NOT NULL,
	PRIMARY KEY (provider, sub)
);

-- sub is empty until the first sign-in with the verified address.
CREATE TABLE grants (
	permission TEXT NOT NULL,
	email      TEXT NOT NULL,
	provider   TEXT NOT NULL,
	sub        TEXT NOT NULL,
	granted_at BIGINT NOT NULL,
	granted_by TEXT NOT NULL,
	bound_at   BIGINT NOT NULL,
	PRIMARY KEY (permission, email)
);
CREATE INDEX grants_of ON grants (provider, sub);
CREATE INDEX grants_pending ON grants (email) WHERE sub = '';

CREATE TABLE tokens (
	user_id      TEXT NOT NULL REFERENCES users (id),
	kind         TEXT NOT NULL,
	sealed       BYTEA NOT NULL,
	updated      BIGINT NOT NULL,
	lease_holder TEXT NOT NULL,
	lease_until  BIGINT NOT NULL,
	PRIMARY KEY (user_id, kind)
);

CREATE TABLE counts (
	hour   BIGINT NOT NULL,
	kind   TEXT NOT NULL,
	reason TEXT NOT NULL,
	n      BIGINT NOT NULL,
	PRIMARY KEY (hour, kind, reason)
);

CREATE TABLE cache (
	key  TEXT PRIMARY KEY,
	body BYTEA NOT NULL,
	at   BIGINT NOT NULL
);

CREATE TABLE faculties (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL
);

CREATE TABLE departments (
	id         TEXT PRIMARY KEY,
	name       TEXT NOT NULL,
	faculty_id TEXT NOT NULL
);

-- fields is a set of bits (db/facts.go): what the event sets of its person.
CREATE TABLE deliveries (
	key      TEXT PRIMARY KEY,
	event    TEXT NOT NULL,
	occurred BIGINT NOT NULL,
	received BIGINT NOT NULL,
	body     BYTEA NOT NULL,
	state    TEXT NOT NULL,
	sub      TEXT NOT NULL,
	fields   BIGINT NOT NULL,
	attempts BIGINT NOT NULL,
	next_try BIGINT NOT NULL,
	applied  BIGINT NOT NULL,
	error    TEXT NOT NULL,
	notes    TEXT NOT NULL
);
CREATE INDEX deliveries_due ON deliveries (state, (fields <> 0), occurred, received, key) WHERE state = 'pending';
CREATE INDEX deliveries_held ON deliveries (sub, occurred) WHERE state = 'pending';
CREATE INDEX deliveries_received ON deliveries (received);
CREATE INDEX deliveries_state ON deliveries (state, received);
CREATE INDEX deliveries_about ON deliveries (sub) WHERE sub <> '';

CREATE TABLE audit (
	id     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at     BIGINT NOT NULL,
	actor  TEXT NOT NULL,
	action TEXT NOT NULL,
	object TEXT NOT NULL,
	detail TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_object ON audit (object, at);
CREATE INDEX audit_grants ON audit (detail) WHERE action IN ('grant', 'grant.bound', 'revoke');

