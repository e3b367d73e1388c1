package auth

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"net/url"
	"time"
)

const (
	tagLife  = 400 * 24 * time.Hour // longer than any session or open page
	heldLife = 15 * time.Minute
	maxHeld  = 64 << 10
	heldMore = 1 << 10 // for the fields' names and the encoding
)

// ErrTooLong means that a form is over 64 kB and is not held.
var ErrTooLong = errors.New("auth: the form is too long to be held")

// SealTag is the tag that a form carries of the person it was drawn for: a
// form posted under another session is refused, and one whose session ended
// still tells whose it was.
func (f *Flow) SealTag(userID string) string {
	return f.seal.Seal(purposeTag, "", tagLife, []byte(userID))
}

// OpenTag returns the id of the person a form was drawn for; "" when the tag
// is not ours.
func (f *Flow) OpenTag(tag string) string {
	id, err := f.seal.Open(purposeTag, "", tag)
	if err != nil {
		return ""
	}
	return string(id)
}

// HoldForm seals what a person wrote, so that it can wait in their page for 15
// minutes. It opens for that person and address only. ErrTooLong when it is
// over 64 kB.
func (f *Flow) HoldForm(userID, address string, fields url.Values) (string, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(fields); err != nil {
		return "", fmt.Errorf("writing down a form: %w", err)
	}
	if b.Len() > maxHeld+heldMore {
		return "", ErrTooLong
	}
	return f.seal.Seal(purposeForm, heldFor(userID, address), heldLife, b.Bytes()), nil
}

// HeldForm returns what HoldForm was given; ErrNotOpen when it was held for
// somebody else or another address, or when its time is over.
func (f *Flow) HeldForm(userID, address, sealed string) (url.Values, error) {
	plain, err := f.seal.Open(purposeForm, heldFor(userID, address), sealed)
	if err != nil {
		return nil, err
	}
	var fields url.Values
	if err := gob.NewDecoder(bytes.NewReader(plain)).Decode(&fields); err != nil {
		return nil, ErrNotOpen
	}
	return fields, nil
}

func heldFor(userID, address string) string { return userID + "\x00" + address }
