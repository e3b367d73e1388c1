package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// maxReturnPath is how many bytes of a return path travel in state.
const maxReturnPath = 512

// PageRoute tells whether a request would reach a page that a person reads by
// GET. The route table answers it; it must judge a path as the router does.
type PageRoute func(r *http.Request) bool

// ReturnPath decides where a sign-in may go back to: a path of this site with
// its query that the router itself would serve as a page, else "/".
//
// It is asked when a sign-in starts and again when it ends, so that neither a
// crafted link nor a value sealed by an older version sends a person
// elsewhere (RFC 9700, section 4.11, open redirectors). The reasoning: the
// answer is used as a Location value, which browsers read by the URL
// Standard, where a backslash counts as a slash, tabs and line ends are
// dropped, and two leading slashes start a host. So every byte that a browser
// would reinterpret refuses the whole path, whether plain or percent-encoded,
// and what remains must be exactly what the router matches.
func ReturnPath(raw string, isPage PageRoute) string {
	if p, ok := cleanReturnPath(raw); ok {
		if r, err := http.NewRequest(http.MethodGet, p, nil); err == nil && isPage(r) {
			return p
		}
	}
	return "/"
}

func cleanReturnPath(raw string) (string, bool) {
	if len(raw) == 0 || len(raw) > 2048 || raw[0] != '/' || strings.HasPrefix(raw, "//") {
		return "", false
	}
	if strings.ContainsFunc(raw, unsafeInLocation) {
		return "", false
	}
	u, err := url.ParseRequestURI(raw)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil || u.Opaque != "" {
		return "", false
	}
	if !plainPath(u.Path) {
		return "", false
	}
	out := u.EscapedPath()
	if u.RawQuery != "" && len(out)+1+len(u.RawQuery) <= maxReturnPath {
		out += "?" + u.RawQuery
	}
	return out, len(out) <= maxReturnPath
}

// unsafeInLocation reports bytes that browsers strip, fold or read as
// something else in a Location value.
func unsafeInLocation(c rune) bool {
	return c <= ' ' || c == 0x7f || c >= 0x80 || c == '\\' || c == '#' || c == '"' || c == '<' || c == '>'
}

// plainPath reports whether a decoded path holds no empty, dot or encoded
// trick segments: decoding it once more must change nothing.
func plainPath(p string) bool {
	if strings.ContainsFunc(p, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' || c == '%' || c == 0xfffd }) {
		return false
	}
	if strings.Contains(p, "//") {
		return false
	}
	for seg := range strings.SplitSeq(p[1:], "/") {
		if seg == "." || seg == ".." {
			return false
		}
	}
	return true
}
