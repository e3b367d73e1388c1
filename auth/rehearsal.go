package auth

import (
	"net/http"
	"time"
)

// RehearsalHeader carries the word by which `portico doctor` shows that it
// knows the session secret. The portal then tells it what arrived of a request.
const RehearsalHeader = "X-Portico-Rehearsal"

const cookieRehearsal = "c1_doctor"

// RehearsalWord is the word, good for a minute.
func RehearsalWord(s *Sealer) string {
	return s.Seal(purposeRehearsal, "", time.Minute, []byte("doctor"))
}

// Rehearses reports whether a request carries the word.
func (f *Flow) Rehearses(r *http.Request) bool {
	_, err := f.seal.Open(purposeRehearsal, "", r.Header.Get(RehearsalHeader))
	return err == nil
}

// RehearsalCookie is a cookie like a session's, and whether the request brought
// it back.
func (f *Flow) RehearsalCookie(r *http.Request) (c *http.Cookie, came bool) {
	return f.jar.set(cookieRehearsal, "1", time.Minute), f.jar.get(r, cookieRehearsal) == "1"
}
