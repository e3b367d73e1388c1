package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
)

// letKeep lets a browser keep a public page, to be asked for anew each time
// and answered with 304 while it is unchanged. All else is no-store already.
// doc.go tells why a signed-in person's page needs our script for that.
func letKeep(w http.ResponseWriter, v *visit) {
	h := w.Header()
	switch {
	case v.unknown != nil, v.flash != "", h.Get("Refresh") != "": // drawn for this once
		return
	case v.live != nil && (!v.visitor.Script || v.visitor.Shared):
		return
	}
	h["Cache-Control"] = keepAndAsk
	h.Add("Vary", "Cookie") // or Back shows the page of a person who has signed out
}

// keepAndAsk is shared by all answers: a header's value is replaced, never changed.
var keepAndAsk = []string{"private, no-cache"}

// unchanged sets the entity tag of a page and answers 304 to a browser that
// has just this one (RFC 9110, section 13.1.2).
func (s *Server) unchanged(w http.ResponseWriter, v *visit, body []byte) bool {
	return notModified(w, v.r, s.entityTag(v, body))
}

// entityTag is of the person and of all that is shown; the forms' tag, sealed
// anew each time, is left out. It is a weak one: the page may be compressed on
// its way.
func (s *Server) entityTag(v *visit, body []byte) string {
	sum := sha256.New()
	sum.Write([]byte(s.header.policy)) // a 304 leaves the stored one in force
	if v.live != nil {
		sum.Write([]byte(v.live.User.ID))
	}
	for more := v.formTag != ""; more; {
		var before []byte
		before, body, more = bytes.Cut(body, []byte(v.formTag))
		sum.Write(before)
	}
	sum.Write(body)
	return `W/"` + hex.EncodeToString(sum.Sum(nil)[:10]) + `"`
}

func notModified(w http.ResponseWriter, r *http.Request, tag string) bool {
	h := w.Header()
	h["Etag"] = []string{tag}
	for old := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		if strings.TrimPrefix(strings.TrimSpace(old), "W/") == tag[2:] {
			for _, name := range keptWithThePage {
				h.Del(name)
			}
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}
