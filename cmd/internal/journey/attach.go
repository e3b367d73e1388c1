package journey

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"portico/db"
	"portico/handlers/intake"
)

// Attach gives an item a file or a picture, as its editors do.
func (w *World) Attach(t testing.TB, i db.Item, name, label string, file []byte) db.Attachment {
	t.Helper()
	taken, err := intake.Read(t.Context(), intake.NewTurn(), name, file)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	taken.ItemID, taken.Label = i.ID, label
	a, err := w.App.DB.AddAttachment(t.Context(), taken.Attachment, taken.Data, Editor, w.Now())
	if err != nil {
		t.Fatalf("adding %s: %v", name, err)
	}
	return a
}

// AttachLarge gives an item a file of so many bytes that no two parts of are
// alike, and returns them.
func (w *World) AttachLarge(t testing.TB, i db.Item, label string, size int) (db.Attachment, []byte) {
	t.Helper()
	data := bytes.Repeat([]byte{0}, size)
	for n := range data {
		data[n] = byte(n ^ n>>8 ^ n>>16*37)
	}
	sum := sha256.Sum256(data)
	a, err := w.App.DB.AddAttachment(t.Context(), db.Attachment{
		ItemID: i.ID, Label: label, Type: "application/pdf", Sizes: make([]db.Size, 1), Sum: hex.EncodeToString(sum[:]),
	}, [][]byte{data}, Editor, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a, data
}
