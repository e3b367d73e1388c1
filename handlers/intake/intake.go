// Package intake takes what staff upload: it looks at the bytes, whatever the
// name says, refuses in plain words what readers should not get, and makes
// pictures anew.
//
// # Files
//
// A PDF is known by how it begins and ends. A DOCX or XLSX is opened as the
// archive it is: what kind of document it holds stands in its list of content
// types, every part must unpack to what it says it is, and all of it to a
// bearable size. Macros, passwords and other kinds of document are refused. A
// name that lies about the kind is told and put right, since the bytes decide
// how the file is sent. What is inside an accepted file is not cleaned: the
// portal sends it under its true media type, never guessed, in a sandbox.
//
// # Pictures
//
// Nothing of an uploaded picture is kept but what it looks like: it is turned
// as its camera held it, made small and written anew, so that place, camera and
// all else that came with it is gone. Transparent ones become PNG, all others
// JPEG. The smallest of the sizes has at most 60 kB: a phone on metered data
// loads it in a second or two.
//
// A few bytes can hold more dots than there is memory. So the head of a file is
// read first: at most 40 million dots, and at most 330 MB while it is opened,
// which is what the standard decoders need for 40 million dots of a picture
// with 16 bits a colour, the worst that is met in practice. Of several pictures
// one is opened at a time (Turn), and the memory is given back at once. A JPEG in
// more than 64 passes is refused, for each pass takes a look at every dot.
package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"runtime/debug"
	"strings"
	"unicode"

	"portico/db"
)

// What may be uploaded.
const (
	MostFile    = 10 << 20 // bytes of a document
	MostPicture = 20 << 20 // bytes of a picture
	longLabel   = 200      // letters
)

// Refusal says to people why something is not taken, and what to do.
type Refusal string

// Error implements error.
func (r Refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return Refusal(fmt.Sprintf(format, args...)) }

// Turn lets one through at a time.
type Turn chan struct{}

// NewTurn is a turn that nobody has.
func NewTurn() Turn { return make(Turn, 1) }

// Do works when its turn has come, unless ctx ends before.
func (t Turn) Do(ctx context.Context, work func()) error {
	select {
	case t <- struct{}{}:
		defer func() { <-t }()
		work()
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a turn: %w", ctx.Err())
	}
}

// Taken is an upload made fit to be stored: an attachment without a place, its
// bytes, and what was put right, in words.
type Taken struct {
	db.Attachment
	Data [][]byte
	Note string
}

// Read looks at an uploaded file and makes it fit to be stored. A Refusal tells
// why it is not. Its label is what its name says.
func Read(ctx context.Context, turn Turn, name string, file []byte) (t *Taken, err error) {
	waited := turn.Do(ctx, func() {
		t, err = read(name, file)
		if t != nil && t.Picture {
			debug.FreeOSMemory() // what a large picture took would stay with the process for minutes
		}
	})
	if waited != nil {
		return nil, waited
	}
	return t, err
}

func read(name string, file []byte) (*Taken, error) {
	f, err := formatOf(file)
	if err != nil {
		return nil, err
	}
	if len(file) > f.most {
		return nil, refuse("This file has %.1f MB. %s may have up to %d MB: make it smaller, or part it.", float64(len(file))/(1<<20), f.says, f.most>>20)
	}
	sum := sha256.Sum256(file)
	t := &Taken{Attachment: db.Attachment{Label: labelOf(name), Type: f.Type, Sum: hex.EncodeToString(sum[:])}}
	if f.check != nil {
		t.Sizes, t.Data, t.Note = make([]db.Size, 1), [][]byte{file}, f.misnamed(name)
		if err := f.check(file); err != nil {
			return nil, err
		}
		return t, nil
	}
	t.Picture = true
	made, err := remake(file, f)
	if err != nil {
		return nil, err
	}
	t.Type, t.Sizes, t.Data = made.mediaType, made.sizes, made.data
	return t, nil
}

// labelOf makes of a file's name what a link can say. What cannot be seen goes:
// it can turn the letters of a name around.
func labelOf(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if ending := path.Ext(name); len(ending) <= 6 {
		name = strings.TrimSuffix(name, ending)
	}
	return Label(strings.ReplaceAll(name, "_", " "))
}

// Label is a label as it can be shown: in one line, with nothing in it that
// cannot be seen, and not too long.
func Label(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	if letters := []rune(text); len(letters) > longLabel {
		text = strings.TrimSpace(string(letters[:longLabel]))
	}
	return strings.Trim(text, ".")
}

// endsWith says whether a file has a mark among its last bytes.
func endsWith(file []byte, mark string, among int) bool {
	return bytes.Contains(file[max(0, len(file)-among):], []byte(mark))
}
