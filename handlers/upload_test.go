package handlers

import (
	"context"
	"fmt"
	"testing"
)

// Four people send files together; the fifth begins when one of them is done,
// and a person waits for their own.
func TestFourUploadsAtOnce(t *testing.T) {
	var u uploads
	for n := range mostUploads {
		if !u.begin(t.Context(), fmt.Sprint(n)) {
			t.Fatalf("upload %d has to wait", n)
		}
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if u.begin(over, "fifth") {
		t.Error("a fifth is read together with four")
	}
	u.end("0")
	if u.begin(over, "1") {
		t.Error("a person has two read together")
	}
	if !u.begin(over, "fifth") {
		t.Error("the fifth does not begin when one is done")
	}
}
