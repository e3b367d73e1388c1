package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"portico/auth/reading"
)

// sharedBriefly is how long caches that people share may keep what is made
// for programs: what staff withdraw is gone there within a minute, too.
const sharedBriefly = "public, max-age=60"

// share answers a program with what everybody may read, whoever asks: no
// cookie is read, so the answer is the same for all. It is made once, until
// what everybody may read changes.
func (s *Server) share(w http.ResponseWriter, v *visit, mediaType string, draw func(*reading.Shelf) ([]byte, error)) error {
	shelf, err := s.Library.For(v.r.Context(), reading.Nobody())
	if err != nil {
		return problem(http.StatusServiceUnavailable, err)
	}
	return s.shareOf(shelf, w, v, mediaType, draw)
}

// shareOf is share from a shelf of nobody.
func (s *Server) shareOf(shelf *reading.Shelf, w http.ResponseWriter, v *visit, mediaType string, draw func(*reading.Shelf) ([]byte, error)) error {
	body, err := s.made.find(shelf, v.r.URL.Path, draw)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", sharedBriefly)
	writeFile(w, v, mediaType, body)
	return nil
}

// writeFile answers with bytes under an entity tag of theirs.
func writeFile(w http.ResponseWriter, v *visit, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	sum := sha256.Sum256(body)
	if notModified(w, v.r, `W/"`+hex.EncodeToString(sum[:10])+`"`) {
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	if v.r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader went away: nothing to mend
	}
}

// made keeps what was made for programs from one state of what everybody may
// read.
type made struct {
	mu   sync.Mutex
	tag  string // reading.Shelf.Tag of nobody
	kept map[string][]byte
}

// find returns what is kept for an address, or makes it; one at a time.
func (m *made) find(shelf *reading.Shelf, path string, draw func(*reading.Shelf) ([]byte, error)) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if tag := shelf.Tag(); m.tag != tag {
		m.tag, m.kept = tag, map[string][]byte{}
	}
	if body, ok := m.kept[path]; ok {
		return body, nil
	}
	body, err := draw(shelf)
	if err == nil {
		m.kept[path] = body
	}
	return body, err
}

// absolute is an address of this portal in full.
func (s *Server) absolute(path string) string {
	return strings.TrimSuffix(s.AppURL.String(), "/") + path
}
