package handlers

import (
	"bytes"
	"net/http"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"

	"portico/views"
)

// mostDrawn bounds the memory of all kept drawings; when it is reached, all
// are forgotten and drawn anew as they are asked for.
const mostDrawn = 8 << 20

// drawings keeps what pages looked like when they were last drawn. A view is a
// pure function of its data, so a drawing stands for as long as the data are
// the very same; there is nothing to invalidate. Every request still finds out
// who asks and collects the data: only the drawing is spared.
type drawings struct {
	mu   sync.Mutex
	size int
	kept map[drawingKey]*drawing
}

// drawingKey is a page of a person; of nobody for the anonymous.
type drawingKey struct {
	user, path string
	sparing    bool // without its pictures
}

// drawing is one page as it was drawn, cut where the forms' tag stands, which
// is sealed anew for every request.
type drawing struct {
	page  *views.Page // without the tag
	model any         // a pointer to it
	parts [][]byte
	etag  string
}

// renderKnown is render for a page that is asked for often. same says whether
// two models are drawn alike.
func renderKnown[M any](s *Server, w http.ResponseWriter, v *visit, draw func(views.Page, M) templ.Component, same func(a, b *M) bool, p views.Page, m M) {
	tag := p.FormTag
	p.FormTag, p.Now = "", p.Now.Truncate(time.Minute) // no page shows seconds
	key := drawingKey{path: p.Path, sparing: v.sparing}
	if v.live != nil {
		key.user = v.live.User.ID
	}
	d := s.drawn.find(key)
	if d == nil || !d.page.Same(&p) || !modelIs(d, same, &m) {
		tagged := p
		tagged.FormTag = tag
		var body bytes.Buffer
		if err := draw(tagged, m).Render(v.r.Context(), &body); err != nil {
			s.notDrawn(w, v, err)
			return
		}
		d = &drawing{page: &p, model: &m, parts: cut(body.Bytes(), tag), etag: s.entityTag(v, body.Bytes())}
		s.drawn.keep(key, d)
	}
	s.send(w, v, d, tag)
}

// cut parts a page at the forms' tag.
func cut(body []byte, tag string) [][]byte {
	if tag == "" {
		return [][]byte{body}
	}
	return bytes.Split(body, []byte(tag))
}

// send writes a drawing with the tag of this request.
func (s *Server) send(w http.ResponseWriter, v *visit, d *drawing, tag string) {
	h := w.Header()
	h["Content-Type"] = htmlType
	if h.Get("Cache-Control") != "no-store" && notModified(w, v.r, d.etag) {
		return
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	for i, part := range d.parts {
		if i > 0 {
			buf.WriteString(tag)
		}
		buf.Write(part)
	}
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(http.StatusOK)
	if v.r.Method != http.MethodHead {
		_, _ = buf.WriteTo(w) // the reader went away: nothing to mend
	}
}

// modelIs reports whether a drawing was made from this very model.
func modelIs[M any](d *drawing, same func(a, b *M) bool, m *M) bool {
	last, ok := d.model.(*M)
	return ok && same(last, m)
}

// equal is the sameness of models that Go can compare.
func equal[M comparable](a, b *M) bool { return *a == *b }

// alike is the sameness of models that are compared field by field: for pages
// that are asked for now and then.
func alike[M any](a, b *M) bool { return reflect.DeepEqual(a, b) }

// find returns the last drawing of a page, whatever it was made from.
func (d *drawings) find(key drawingKey) *drawing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept[key]
}

// keep puts a drawing in the place of the one before it.
func (d *drawings) keep(key drawingKey, fresh *drawing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	size := d.size + fresh.size()
	if old := d.kept[key]; old != nil {
		size -= old.size()
	}
	if d.kept == nil || size > mostDrawn {
		d.kept, size = map[drawingKey]*drawing{}, fresh.size()
	}
	d.kept[key], d.size = fresh, size
}

// size is about what a drawing takes, its data included.
func (d *drawing) size() int {
	n := 2 << 10
	for _, part := range d.parts {
		n += 2 * len(part)
	}
	return n
}
