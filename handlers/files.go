package handlers

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers/intake"
	"portico/views"
)

// What belongs to an item is reached through the item alone: whoever may not
// see it finds nothing here either. Those who publish find it in any state, to
// look at what they write.

// sandboxed is the policy of what staff uploaded: should a browser take it for
// a page after all, nothing in it runs. With more beside it ("default-src
// 'none'") Chromium shows an empty page in place of a PDF.
const sandboxed = "sandbox"

// belonging is a file or picture that was asked for and may be seen.
type belonging struct {
	*db.Attachment
	public bool // everybody may see its item now
}

// belongingOf finds what an address names.
func (s *Server) belongingOf(v *visit) (belonging, error) {
	shelf, err := s.shelf(v)
	if err != nil {
		return belonging{}, err
	}
	id := v.r.PathValue("id")
	if item, a := shelf.Attachment(id); a != nil {
		return belonging{a, item.Public}, nil
	}
	if !s.may(v, auth.Publish) {
		return belonging{}, problem(http.StatusNotFound, nil)
	}
	a, err := s.DB.Attachment(v.r.Context(), id)
	if errors.Is(err, db.ErrNotFound) {
		return belonging{}, problem(http.StatusNotFound, nil)
	}
	return belonging{&a, false}, err
}

// file sends a file under its name; under another one it had, or none, it leads
// there.
func (s *Server) file(w http.ResponseWriter, v *visit) error {
	b, err := s.belongingOf(v)
	if err != nil {
		return err
	}
	if b.Picture || len(b.Sizes) == 0 {
		return problem(http.StatusNotFound, nil)
	}
	if to := fileAddress(b.Attachment); to != v.r.URL.Path {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, v.r, to, http.StatusFound)
		return nil
	}
	disposition := "attachment"
	if intake.FormatOf(b.Type).Inline {
		disposition = "inline"
	}
	w.Header().Set("Content-Disposition", disposition+"; "+fileNames(b.Attachment))
	return s.sendBelonging(w, v, b, b.Sizes[0])
}

// pictureFile sends a picture in one of its sizes.
func (s *Server) pictureFile(w http.ResponseWriter, v *visit) error {
	b, err := s.belongingOf(v)
	if err != nil {
		return err
	}
	for _, size := range b.Sizes {
		if b.Picture && strconv.Itoa(size.Width) == v.r.PathValue("width") {
			return s.sendBelonging(w, v, b, size)
		}
	}
	return problem(http.StatusNotFound, nil)
}

// fileAddress is where a file is now; its name is part of it for people.
func fileAddress(a *db.Attachment) string {
	return reading.FilesPath + a.ID + "/" + reading.Slug(a.Label) + "." + intake.FormatOf(a.Type).Ending
}

// fileNames says in a header what a file is to be called: in letters that every
// program reads, and in full (RFC 6266, section 4.3; RFC 8187).
func fileNames(a *db.Attachment) string {
	ending := "." + intake.FormatOf(a.Type).Ending
	full := strings.NewReplacer("/", "-", `\`, "-", ":", "-").Replace(cmp.Or(a.Label, "file")) + ending
	return fmt.Sprintf(`filename="%s%s"; filename*=UTF-8''%s`, reading.Slug(a.Label), ending, strings.ReplaceAll(url.QueryEscape(full), "+", "%20"))
}

// fileLink is a file as pages list it: "Exam timetable (PDF, 340 kB)".
func fileLink(a *db.Attachment) views.Link {
	return views.Link{Label: fmt.Sprintf("%s (%s)", a.Label, fileWords(a)), Href: fileAddress(a)}
}

func fileWords(a *db.Attachment) string {
	return intake.FormatOf(a.Type).Word + ", " + reading.Weight(a.Bytes())
}

// fileLinks are the files that are listed under an item.
func fileLinks(attached reading.Attached) (links []views.Link) {
	files := attached.Files()
	for n := range files {
		links = append(links, fileLink(&files[n]))
	}
	return links
}

// sendBelonging sends the bytes, or the part of them that was asked for. What
// stands behind an address never changes, so its entity tag is the address.
func (s *Server) sendBelonging(w http.ResponseWriter, v *visit, b belonging, size db.Size) error {
	data, err := s.dataOf(v, b.Attachment, size)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", sandboxed)
	h.Set("Content-Type", b.Type)
	h.Set("ETag", `"`+b.ID+"-"+strconv.Itoa(size.Width)+`"`)
	h.Set(gzhttp.HeaderNoCompression, "1")
	h.Del("Refresh") // of a page that looks again; a file is there
	keepBelonging(h, v, b.public)
	http.ServeContent(&steady{w, http.NewResponseController(w)}, v.r, "", time.Time{}, data)
	return nil
}

// keepBelonging says who may keep it. Each time it is asked for anew, so that
// what is withdrawn is gone at once. What is not for everybody is kept by the
// reader's own browser, as part of a page; opened by itself it is not, or Back
// would show it after they have signed out.
func keepBelonging(h http.Header, v *visit, public bool) {
	switch {
	case public && len(h.Values("Set-Cookie")) == 0:
		h.Set("Cache-Control", "public, no-cache")
		h.Del("Vary") // it is the same for all
	case public:
		h.Set("Cache-Control", "private, no-cache")
	case v.visitor.Shared, auth.IsDocument(v.r):
		h.Set("Cache-Control", "private, no-store")
	default:
		h.Set("Cache-Control", "private, no-cache")
		h.Set("Vary", "Cookie")
	}
}

// dataOf opens the bytes. Those of small pictures, which pages ask for most,
// are kept for a while; of others no more than a part is held at a time.
func (s *Server) dataOf(v *visit, a *db.Attachment, size db.Size) (io.ReadSeeker, error) {
	data := s.DB.OpenAttachment(v.r.Context(), a.ID, size)
	if v.r.Header.Get("If-None-Match") != "" {
		return data, nil // most likely nothing is read
	}
	if a.Picture && size.Bytes <= mostSmallPicture {
		small, err := s.smalls.find(a.ID+"-"+strconv.Itoa(size.Width), func() ([]byte, error) { return io.ReadAll(data) })
		return bytes.NewReader(small), missingData(err)
	}
	_, err := data.Read(make([]byte, 1)) // its first part: if it cannot be had, that is told in a page
	if err == nil {
		_, err = data.Seek(0, io.SeekStart)
	}
	return data, missingData(err)
}

// missingData is what people are told when bytes cannot be read: they were
// removed this very moment, or the database is away.
func missingData(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, db.ErrNotFound):
		return problem(http.StatusNotFound, err)
	}
	return problem(http.StatusServiceUnavailable, err)
}

const (
	mostSmallPicture = 64 << 10
	mostSmalls       = 4 << 20 // bytes of small pictures in memory
)

// smallPictures keeps the bytes of small pictures that were asked for lately.
// Whether somebody may see one is found out before it is looked for here.
type smallPictures struct {
	mu   sync.Mutex
	size int
	kept map[string][]byte
}

func (p *smallPictures) find(key string, read func() ([]byte, error)) ([]byte, error) {
	p.mu.Lock()
	data, ok := p.kept[key]
	p.mu.Unlock()
	if ok {
		return data, nil
	}
	data, err := read()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || p.size+len(data) > mostSmalls {
		p.kept, p.size = map[string][]byte{}, 0
	}
	if _, ok := p.kept[key]; !ok {
		p.kept[key] = data
		p.size += len(data)
	}
	return data, nil
}

// eachPart is how long one part of a file may take on its way: a slow phone
// gets a large file in the end, and who takes nothing is cut off.
const eachPart = time.Minute

// steady writes for as long as somebody takes it.
type steady struct {
	http.ResponseWriter
	deadline *http.ResponseController
}

// Write implements io.Writer.
func (s *steady) Write(p []byte) (int, error) {
	if err := s.deadline.SetWriteDeadline(time.Now().Add(eachPart)); err != nil {
		return 0, fmt.Errorf("giving a file more time: %w", err)
	}
	return s.ResponseWriter.Write(p)
}
