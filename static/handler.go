package static

import (
	"bytes"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Handler serves the files under Prefix. The exact hashed address may be kept
// for good. The same file under another hash (a page drawn by the release
// before) is answered with today's content that nobody keeps.
func Handler() http.Handler { return HandlerWith(func(string) *File { return nil }) }

// HandlerWith also serves files that are made while the program runs, such as
// "accent.css"; nil is one that is not there.
func HandlerWith(made func(name string) *File) http.Handler {
	files := all()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
			return
		}
		name, hash := split(r.URL.Path)
		f := files[name]
		if f == nil {
			f = made(name)
		}
		if f == nil || hash == "" {
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, "Not found", http.StatusNotFound)
			return
		}
		f.serve(w, r, hash == f.hash)
	})
}

func (f *File) serve(w http.ResponseWriter, r *http.Request, exact bool) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "no-store")
	if exact {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	body, tag := f.plain, `"`+f.hash+`"`
	if zipped := f.zippedFor(r); zipped != nil {
		body, tag = zipped, `"`+f.hash+`-gz"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = bytes.NewReader(body).WriteTo(w) // the reader went away: nothing to mend
	}
}

// zippedFor is the compressed twin for who takes it, where it is the smaller one.
func (f *File) zippedFor(r *http.Request) []byte {
	if !takesGzip(r.Header.Get("Accept-Encoding")) {
		return nil
	}
	if zipped := f.zipped(); len(zipped) < len(f.plain) {
		return zipped
	}
	return nil
}

// split takes "/static/app-0a1b2c.css" apart into "app.css" and "0a1b2c".
func split(p string) (name, hash string) {
	base := strings.TrimPrefix(p, Prefix)
	ext := path.Ext(base)
	stem, hash, ok := strings.Cut(strings.TrimSuffix(base, ext), "-")
	if !ok {
		return base, ""
	}
	return stem + ext, hash
}

// takesGzip says whether an Accept-Encoding header admits gzip.
func takesGzip(accept string) bool {
	for part := range strings.SplitSeq(accept, ",") {
		coding, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			return !refused(q)
		}
	}
	return false
}

// refused says whether a quality parameter is zero.
func refused(q string) bool {
	v, ok := strings.CutPrefix(strings.ReplaceAll(q, " ", ""), "q=")
	if !ok {
		return false
	}
	n, err := strconv.ParseFloat(v, 64)
	return err != nil || n == 0
}

// matches compares an If-None-Match header with one entity tag.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}
