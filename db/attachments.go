package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What one item may hold.
const (
	MostAttachments = 30
	MostAttached    = 50 << 20 // bytes
)

var (
	// ErrTooMuch says that an item would hold more than it may.
	ErrTooMuch = errors.New("this item holds as much as it may")
	// ErrAlready says that an item has this very file.
	ErrAlready = errors.New("this item has this file already")
)

// Attachment is a file or a picture that belongs to an item.
type Attachment struct {
	ID      string // random: whoever does not know it cannot guess it
	ItemID  string
	Picture bool
	Label   string // of a file what its link says; of a picture what it shows, "" for decoration only
	Type    string // its media type
	Sizes   []Size // of a picture from the smallest on; of a file one
	Sum     string // SHA-256 of what was uploaded
	Added   time.Time
	AddedBy string
}

// Size is one form in which an attachment is kept. A file has no dots.
type Size struct {
	Width  int `json:"w,omitempty"`
	Height int `json:"h,omitempty"`
	Bytes  int `json:"n"`
}

// Bytes is what an attachment takes in all its sizes.
func (a *Attachment) Bytes() (n int) {
	for _, size := range a.Sizes {
		n += size.Bytes
	}
	return n
}

// kind is what the audit calls an attachment.
func (a *Attachment) kind() string {
	if a.Picture {
		return "picture"
	}
	return "file"
}

const attachmentColumns = `attachments.id, attachments.item_id, attachments.picture, attachments.label, attachments.type, attachments.sizes,
	attachments.sum, attachments.added, attachments.added_by`

func scanAttachment(row scanner) (a Attachment, err error) {
	var picture int
	var sizes string
	if err := row.Scan(&a.ID, &a.ItemID, &picture, &a.Label, &a.Type, &sizes, &a.Sum, moment{&a.Added}, &a.AddedBy); err != nil {
		return Attachment{}, err
	}
	a.Picture = picture == 1
	if err := json.Unmarshal([]byte(sizes), &a.Sizes); err != nil {
		return Attachment{}, fmt.Errorf("reading the sizes of attachment %s: %w", a.ID, err)
	}
	return a, nil
}

// Attachment reads one of whatever item; ErrNotFound when there is none.
func (d *DB) Attachment(ctx context.Context, id string) (Attachment, error) {
	a, err := scanAttachment(d.read.QueryRowContext(ctx, `SELECT `+attachmentColumns+` FROM attachments WHERE id = $1`, id))
	return a, missing(err, "reading attachment %s", id)
}

// AttachmentsOf are an item's, in the order in which they were added.
func (d *DB) AttachmentsOf(ctx context.Context, item string) ([]Attachment, error) {
	return attachmentsOf(ctx, d.read, item)
}

func attachmentsOf(ctx context.Context, r reader, item string) ([]Attachment, error) {
	all, err := collect(ctx, r, scanAttachment, `SELECT `+attachmentColumns+` FROM attachments WHERE item_id = $1 ORDER BY added, id`, item)
	if err != nil {
		return nil, fmt.Errorf("reading what belongs to item %s: %w", item, err)
	}
	return all, nil
}

// LiveAttachments are those of the items that LiveItems lists, by item.
func (d *DB) LiveAttachments(ctx context.Context) (map[string][]Attachment, error) {
	all, err := collect(ctx, d.read, scanAttachment, `SELECT `+attachmentColumns+` FROM attachments JOIN items ON items.id = attachments.item_id
		WHERE items.draft = 0 AND items.withdrawn = 0 AND items.archived = 0 ORDER BY attachments.added, attachments.id`)
	if err != nil {
		return nil, fmt.Errorf("reading files and pictures: %w", err)
	}
	of := map[string][]Attachment{}
	for _, a := range all {
		of[a.ItemID] = append(of[a.ItemID], a)
	}
	return of, nil
}

// AddAttachment gives an item a file or a picture; data are its bytes, one for
// each of its sizes. Its id is made here. One that the item has already is
// returned with ErrAlready.
func (d *DB) AddAttachment(ctx context.Context, a Attachment, data [][]byte, by string, at time.Time) (Attachment, error) {
	a.ID, a.Label, a.Added, a.AddedBy = newID(), plain(a.Label), fromMicros(micros(at)), by
	if len(data) == 0 || len(data) != len(a.Sizes) {
		return a, fmt.Errorf("%w: %d sizes with %d data", ErrUnfit, len(a.Sizes), len(data))
	}
	a.Sizes = slices.Clone(a.Sizes)
	for n := range data {
		a.Sizes[n].Bytes = len(data[n])
	}
	err := d.write(ctx, Durable, func(t *Tx) error {
		i, err := t.lockItem(ctx, a.ItemID)
		if err != nil {
			return err
		}
		have, err := attachmentsOf(ctx, t, a.ItemID)
		if err != nil {
			return err
		}
		if err := a.mayJoin(&i, have); err != nil {
			return err
		}
		if err := t.putAttachment(ctx, &a, data); err != nil {
			return fmt.Errorf("storing attachment %s: %w", a.ID, err)
		}
		return t.noteAttachment(ctx, &i, "add", &a, by, at)
	})
	return a, err
}

// mayJoin says what stands against one more attachment of an item.
func (a *Attachment) mayJoin(i *Item, have []Attachment) error {
	total := a.Bytes()
	for _, other := range have {
		if other.Sum == a.Sum {
			*a = other
			return ErrAlready
		}
		total += other.Bytes()
	}
	switch {
	case i.Kind == QuickLink:
		return fmt.Errorf("%w: a link has no files", ErrUnfit)
	case len(have) >= MostAttachments, total > MostAttached:
		return ErrTooMuch
	}
	return nil
}

func (t *Tx) putAttachment(ctx context.Context, a *Attachment, data [][]byte) error {
	sizes, err := json.Marshal(a.Sizes)
	if err != nil {
		return err
	}
	_, err = t.ExecContext(ctx, `INSERT INTO attachments (id, item_id, picture, label, type, sizes, sum, added, added_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		a.ID, a.ItemID, bit(a.Picture), a.Label, a.Type, string(sizes), a.Sum, micros(a.Added), a.AddedBy)
	for n := range data {
		for part := 0; part*partSize < len(data[n]) && err == nil; part++ {
			piece := data[n][part*partSize : min((part+1)*partSize, len(data[n]))]
			_, err = t.ExecContext(ctx, `INSERT INTO attachment_data (attachment_id, width, part, data) VALUES ($1, $2, $3, $4)`, a.ID, a.Sizes[n].Width, part, piece)
		}
	}
	return err
}

// noteAttachment puts into the audit what was done to an attachment, without
// its words, and tells those who hold its item in memory.
func (t *Tx) noteAttachment(ctx context.Context, i *Item, deed string, a *Attachment, by string, at time.Time) error {
	e := AuditEntry{At: at, Actor: by, Action: string(i.Kind) + "." + deed + "_" + a.kind(), Object: i.ID, Detail: fmt.Sprintf("%s, %s, %d bytes", a.ID, a.Type, a.Bytes())}
	if err := t.audit(ctx, e); err != nil {
		return err
	}
	return t.changed(ctx, changedContent, i.ID, at)
}

// AttachmentChange gives an attachment another label, or removes it.
type AttachmentChange struct {
	ID     string
	Label  string
	Remove bool
}

// ChangeAttachments changes attachments of an item. What is not there any
// more, or is as it should be, is passed over. What is removed is gone, with
// its bytes.
func (d *DB) ChangeAttachments(ctx context.Context, item string, changes []AttachmentChange, by string, at time.Time) error {
	if len(changes) == 0 {
		return nil
	}
	return d.write(ctx, Durable, func(t *Tx) error {
		i, err := t.lockItem(ctx, item)
		if err != nil {
			return err
		}
		have, err := attachmentsOf(ctx, t, item)
		if err != nil {
			return err
		}
		for _, a := range have {
			for _, c := range changes {
				if c.ID != a.ID {
					continue
				}
				if err := t.changeAttachment(ctx, &i, &a, c, by, at); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (t *Tx) changeAttachment(ctx context.Context, i *Item, a *Attachment, c AttachmentChange, by string, at time.Time) error {
	if c.Remove {
		for _, query := range []string{`DELETE FROM attachment_data WHERE attachment_id = $1`, `DELETE FROM attachments WHERE id = $1`} {
			if _, err := t.ExecContext(ctx, query, a.ID); err != nil {
				return fmt.Errorf("removing attachment %s: %w", a.ID, err)
			}
		}
		return t.noteAttachment(ctx, i, "remove", a, by, at)
	}
	label := plain(c.Label)
	if label == a.Label {
		return nil
	}
	if _, err := t.ExecContext(ctx, `UPDATE attachments SET label = $2 WHERE id = $1`, a.ID, label); err != nil {
		return fmt.Errorf("naming attachment %s: %w", a.ID, err)
	}
	return t.noteAttachment(ctx, i, "change", a, by, at)
}

// FilesRemoved are the files of an item, its pictures left out, that were there
// before a moment and were removed then or later, as far as the audit knows.
func (d *DB) FilesRemoved(ctx context.Context, i *Item, since time.Time) (ids []string, err error) {
	kind := string(i.Kind)
	scan := func(row scanner) (id string, err error) {
		err = row.Scan(&id)
		id, _, _ = strings.Cut(id, ",")
		return id, err
	}
	added, err := collect(ctx, d.read, scan, `SELECT detail FROM audit WHERE object = $1 AND action = $2 AND at < $3`, i.ID, kind+".add_file", micros(since))
	if err == nil {
		ids, err = collect(ctx, d.read, scan, `SELECT detail FROM audit WHERE object = $1 AND action = $2 AND at >= $3`, i.ID, kind+".remove_file", micros(since))
	}
	if err != nil {
		return nil, fmt.Errorf("looking for what was removed from item %s: %w", i.ID, err)
	}
	return slices.DeleteFunc(ids, func(id string) bool { return !slices.Contains(added, id) }), nil
}

// eraseAttachments removes all that belongs to an item, and says for the audit
// how much it was; nothing of nothing.
func (t *Tx) eraseAttachments(ctx context.Context, item string) (said string, err error) {
	_, err = t.ExecContext(ctx, `DELETE FROM attachment_data WHERE attachment_id IN (SELECT id FROM attachments WHERE item_id = $1)`, item)
	n := 0
	if err == nil {
		n, err = t.exec(ctx, `DELETE FROM attachments WHERE item_id = $1`, item)
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("erasing the files of item %s: %w", item, err)
	case n == 0:
		return "", nil
	case n == 1:
		return ", 1 file or picture", nil
	}
	return fmt.Sprintf(", %d files and pictures", n), nil
}
