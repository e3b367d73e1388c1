package auth

import (
	"net/http"
	"testing"
)

// The quick way to a cookie's value gives just what net/http gives.
func TestCookieValueIsThatOfTheStandardLibrary(t *testing.T) {
	for _, line := range []string{
		"", "session=abc", "session=abc; c1_anon=1", "c1_anon=1;session=abc", " session = abc", "xsession=1; session=abc", "session=", "session",
		"session=first; session=second", "session=; session=second", `session="quoted"; c1_anon=1`, "session=a b; c1_anon=1", "session=a,b", "session=a\x00b; session=good",
		"Session=abc", "session=abc=def", "session=%41", "session=\tabc\t", "a;b;session=abc;", "session=é", "session=abc, c1_anon=1", "session\t=abc",
		"__Host-session=abc; session=other", "c1_anon=1; session=" + "a-._~Z09",
	} {
		r := &http.Request{Header: http.Header{"Cookie": {line}}}
		for _, name := range []string{"session", "c1_anon"} {
			want := ""
			if c, err := r.Cookie(name); err == nil {
				want = c.Value
			}
			if got := (jar{}).get(r, name); got != want {
				t.Errorf("%s in %q is %q, want %q", name, line, got, want)
			}
		}
	}
}
