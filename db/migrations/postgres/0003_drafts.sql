-- What editors have written and not saved, each their own. item_id is '' for
-- an item that is not there yet; version is the item's when they began, 0
-- then. fields is the posted form as JSON. turn rises each time it is kept.
CREATE TABLE drafts (
	id      TEXT PRIMARY KEY,
	user_id TEXT NOT NULL REFERENCES users (id),
	kind    TEXT NOT NULL,
	item_id TEXT NOT NULL,
	version BIGINT NOT NULL,
	title   TEXT NOT NULL,
	fields  TEXT NOT NULL,
	turn    BIGINT NOT NULL,
	saved   BIGINT NOT NULL
);
CREATE INDEX drafts_of ON drafts (user_id, saved);
CREATE INDEX drafts_of_item ON drafts (item_id) WHERE item_id <> '';
CREATE INDEX drafts_saved ON drafts (saved);
