package db

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// partSize is how many bytes of an attachment stand in one row, and so how
// many are in memory while it is read.
const partSize = 256 << 10

// AttachmentData reads the bytes of one size of an attachment, part by part,
// from any place. It is an io.ReadSeeker for as long as its context lasts.
type AttachmentData struct {
	ctx   context.Context
	db    *DB
	id    string
	width int
	size  int64
	at    int64
	part  int64 // the one that is in memory
	held  []byte
}

// OpenAttachment opens one size of an attachment to be read.
func (d *DB) OpenAttachment(ctx context.Context, id string, size Size) *AttachmentData {
	return &AttachmentData{ctx: ctx, db: d, id: id, width: size.Width, size: int64(size.Bytes), part: -1}
}

// Read implements io.Reader.
func (a *AttachmentData) Read(p []byte) (int, error) {
	if a.at >= a.size {
		return 0, io.EOF
	}
	if part := a.at / partSize; part != a.part {
		held, err := a.db.attachmentPart(a.ctx, a.id, a.width, part)
		if err != nil {
			return 0, err
		}
		a.part, a.held = part, held
	}
	rest := a.held[min(a.at-a.part*partSize, int64(len(a.held))):]
	if len(rest) == 0 {
		return 0, fmt.Errorf("attachment %s is shorter than it should be: %w", a.id, io.ErrUnexpectedEOF)
	}
	n := copy(p, rest)
	a.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (a *AttachmentData) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += a.at
	case io.SeekEnd:
		offset += a.size
	}
	if offset < 0 {
		return a.at, errors.New("db: a place before the beginning of an attachment")
	}
	a.at = offset
	return offset, nil
}

func (d *DB) attachmentPart(ctx context.Context, id string, width int, part int64) (data []byte, err error) {
	err = d.read.QueryRowContext(ctx, `SELECT data FROM attachment_data WHERE attachment_id = $1 AND width = $2 AND part = $3`, id, width, part).Scan(&data)
	return data, missing(err, "reading part %d of attachment %s", part, id)
}
