package handlers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"
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

// An upload of which nothing comes any more is cut, so that others have their
// turn.
func TestAStalledUploadIsCut(t *testing.T) {
	ended := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := morePatience(w, r, 100*time.Millisecond); err != nil {
			t.Error(err)
		}
		_, err := io.Copy(io.Discard, r.Body)
		ended <- err
	}))
	defer server.Close()
	line, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	fmt.Fprint(line, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegun")
	select {
	case err := <-ended:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the upload ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("a stalled upload is waited for")
	}
}

// Each piece that comes buys more time, but never more than all there is.
func TestASteadyUploadGoesOnToItsEnd(t *testing.T) {
	var cuts []time.Time
	begun := time.Now()
	body := &steadyBody{
		ReadCloser: io.NopCloser(strings.NewReader("ab")), stalls: time.Hour, end: begun.Add(2 * time.Hour),
		until: func(cut time.Time) error { cuts = append(cuts, cut); return nil },
	}
	piece := make([]byte, 1)
	_, _ = body.Read(piece)
	body.end = begun.Add(time.Minute)
	if n, err := body.Read(piece); n != 1 || err != nil {
		t.Errorf("the second piece: %d, %v", n, err)
	}
	if _, err := body.Read(piece); err != io.EOF {
		t.Errorf("its end: %v", err)
	}
	if len(cuts) != 4 || !cuts[3].Equal(body.end) || cuts[0].Before(begun.Add(time.Hour)) || !cuts[1].Equal(body.end) {
		t.Errorf("the line is cut at %v, begun at %v", cuts, begun)
	}
}
