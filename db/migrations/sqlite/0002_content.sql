-- What people read. Times are microseconds UTC; 0 means never.

CREATE TABLE categories (
	id   TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	rank INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Announcements, events, people, pages and quick links: one life for all of
-- them. details holds, as JSON, what only one kind has. audience is the JSON
-- of auth.Audience; an empty one is shown to nobody. owner and saved_by are
-- ids of people.
CREATE TABLE items (
	id           TEXT PRIMARY KEY,
	kind         TEXT NOT NULL CHECK (kind IN ('announcement', 'event', 'person', 'page', 'link')),
	slug         TEXT NOT NULL CHECK (slug <> ''),
	title        TEXT NOT NULL CHECK (title <> ''),
	body         TEXT NOT NULL,
	category     TEXT NOT NULL,
	audience     TEXT NOT NULL,
	owner        TEXT NOT NULL,
	rank         INTEGER NOT NULL,
	details      TEXT NOT NULL,
	draft        INTEGER NOT NULL CHECK (draft IN (0, 1)),
	publish_at   INTEGER NOT NULL,
	valid_until  INTEGER NOT NULL,
	pinned_until INTEGER NOT NULL,
	withdrawn    INTEGER NOT NULL,
	archived     INTEGER NOT NULL,
	reviewed     INTEGER NOT NULL,
	review_at    INTEGER NOT NULL,
	version      INTEGER NOT NULL,
	created      INTEGER NOT NULL,
	saved        INTEGER NOT NULL,
	saved_by     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX items_slug ON items (kind, slug);
CREATE INDEX items_listed ON items (kind, saved, id);
CREATE INDEX items_live ON items (publish_at, id) WHERE draft = 0 AND withdrawn = 0 AND archived = 0;
CREATE INDEX items_review ON items (owner, review_at) WHERE review_at > 0 AND draft = 0 AND withdrawn = 0 AND archived = 0;

-- Every slug an item ever had: an old address leads to the new one, and is
-- never given to another item.
CREATE TABLE slugs (
	kind    TEXT NOT NULL,
	slug    TEXT NOT NULL,
	item_id TEXT NOT NULL REFERENCES items (id),
	since   INTEGER NOT NULL,
	PRIMARY KEY (kind, slug)
) STRICT, WITHOUT ROWID;
CREATE INDEX slugs_of ON slugs (item_id);

-- What an item said in each of its versions, the present one included.
CREATE TABLE item_versions (
	item_id  TEXT NOT NULL REFERENCES items (id),
	version  INTEGER NOT NULL,
	saved    INTEGER NOT NULL,
	saved_by TEXT NOT NULL,
	content  TEXT NOT NULL,
	PRIMARY KEY (item_id, version)
) STRICT, WITHOUT ROWID;

-- first is the earlier of opened and marked: reports and clean-up go by it.
CREATE TABLE reads (
	user_id TEXT NOT NULL,
	item_id TEXT NOT NULL,
	first   INTEGER NOT NULL,
	opened  INTEGER NOT NULL,
	marked  INTEGER NOT NULL,
	PRIMARY KEY (user_id, item_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reads_of_item ON reads (item_id, first);
CREATE INDEX reads_first ON reads (first);

-- A person's calendar address; revoked ones stay, so that none works twice.
CREATE TABLE calendar_addresses (
	secret_hash TEXT PRIMARY KEY,
	user_id     TEXT NOT NULL REFERENCES users (id),
	created     INTEGER NOT NULL,
	revoked     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX calendar_addresses_of ON calendar_addresses (user_id) WHERE revoked = 0;

CREATE TABLE settings (
	key      TEXT PRIMARY KEY,
	value    BLOB NOT NULL,
	saved    INTEGER NOT NULL,
	saved_by TEXT NOT NULL
) STRICT;
