-- Files and pictures that belong to an item. label is what a file's link says,
-- or what a picture shows; that of a picture which is decoration only is empty.
-- sizes is JSON: of a picture each width it is kept in, of a file one without.
-- sum is the SHA-256 of what was uploaded, so that the same file is not added
-- twice. Times are microseconds UTC.
CREATE TABLE attachments (
	id       TEXT PRIMARY KEY,
	item_id  TEXT NOT NULL REFERENCES items (id),
	picture  BIGINT NOT NULL CHECK (picture IN (0, 1)),
	label    TEXT NOT NULL,
	type     TEXT NOT NULL,
	sizes    TEXT NOT NULL,
	sum      TEXT NOT NULL,
	added    BIGINT NOT NULL,
	added_by TEXT NOT NULL
);
CREATE UNIQUE INDEX attachments_of ON attachments (item_id, sum);

-- The bytes, in parts, so that nobody has to hold a whole file. width is 0 for
-- a file.
CREATE TABLE attachment_data (
	attachment_id TEXT NOT NULL REFERENCES attachments (id),
	width         BIGINT NOT NULL,
	part          BIGINT NOT NULL,
	data          BYTEA NOT NULL,
	PRIMARY KEY (attachment_id, width, part)
);
