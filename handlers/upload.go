package handlers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// upload is the file that came with a form.
type upload struct {
	name     string
	data     []byte
	tooLarge bool // what came behind its limit was dropped
}

const (
	mostUploads = 4               // forms with a file that are read and worked at together
	uploadWaits = 3 * time.Second // for those before it: a button is easily pressed twice
	partCosts   = 64              // bytes of memory for a part of a form, besides its text
)

// uploads are the forms with a file on their way here: one of each person, four
// in all, so that what they take of the memory is bounded together.
type uploads struct {
	mu    sync.Mutex
	of    map[string]bool // by a person's id
	ended chan struct{}   // closed when the next ends
}

// begin waits a little for its turn and reports whether it came.
func (u *uploads) begin(ctx context.Context, person string) bool {
	ctx, cancel := context.WithTimeout(ctx, uploadWaits)
	defer cancel()
	for {
		began, ended := u.try(person)
		if began {
			return true
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return false
		}
	}
}

func (u *uploads) try(person string) (began bool, ended <-chan struct{}) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of, u.ended = map[string]bool{}, make(chan struct{})
	}
	if u.of[person] || len(u.of) >= mostUploads {
		return false, u.ended
	}
	u.of[person] = true
	return true, nil
}

func (u *uploads) end(person string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.of, person)
	close(u.ended)
	u.ended = make(chan struct{})
}

// letUpload lets a person send a form with a file if they may and it is their
// turn; end says that they are done. Until then nothing of it is read. When
// their turn does not come, a form that people write in loses its file alone.
func (s *Server) letUpload(w http.ResponseWriter, v *visit, rt route) (end func(), err error) {
	if p := rt.gate.permission(); p != "" && !s.may(v, p) {
		return nil, problem(http.StatusForbidden, nil)
	}
	if rt.file > 0 {
		if err := morePatience(w, v.r, uploadStalls); err != nil {
			return nil, err
		}
	}
	person := v.live.User.ID
	if s.uploads.begin(v.r.Context(), person) {
		return func() { s.uploads.end(person) }, nil
	}
	if v.crowded = true; rt.file == 0 {
		return nil, problem(http.StatusServiceUnavailable, nil)
	}
	return func() {}, nil // of its file no byte is kept; its text is, to be shown again
}

const (
	uploadTime   = 10 * time.Minute // how long a file may be on its way here: 32 MB by a slow line
	uploadStalls = 30 * time.Second // how long nothing of it may come: others wait for its turn
)

// morePatience gives a form with a large file the time it takes, as long as
// something of it comes.
func morePatience(w http.ResponseWriter, r *http.Request, stalls time.Duration) error {
	line := http.NewResponseController(w)
	r.Body = &steadyBody{ReadCloser: r.Body, until: line.SetReadDeadline, end: time.Now().Add(uploadTime), stalls: stalls}
	return line.SetWriteDeadline(time.Now().Add(uploadTime + time.Minute))
}

// steadyBody is a body of which something has to come all the time.
type steadyBody struct {
	io.ReadCloser
	until  func(time.Time) error // sets when the line is cut
	end    time.Time             // of all patience
	stalls time.Duration
}

func (b *steadyBody) Read(p []byte) (int, error) {
	cut := time.Now().Add(b.stalls)
	if cut.After(b.end) {
		cut = b.end
	}
	if err := b.until(cut); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF { // now it is ours to be slow: a line cut here would end the request
		if err := b.until(b.end); err != nil {
			return n, err
		}
	}
	return n, err
}

// readUpload reads a form with a file, of which it keeps so many bytes. A file
// that has more is read to its end, so that the fields behind it arrive: a text
// is not lost because a file is too large.
func readUpload(v *visit, most int64) error {
	v.r.PostForm, v.r.Form = url.Values{}, v.r.URL.Query()
	parts, err := v.r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		v.r.PostForm, v.r.Form = nil, nil
		return v.r.ParseForm()
	}
	left := int64(maxKeptForm)
	for err == nil {
		var part *multipart.Part
		if part, err = parts.NextPart(); err != nil {
			break
		}
		if left -= partCosts + int64(len(part.FormName())+len(part.FileName())); left < 0 {
			return &http.MaxBytesError{Limit: maxKeptForm}
		}
		if part.FileName() != "" {
			err = v.takePart(part, most)
			continue
		}
		var text []byte
		if text, err = io.ReadAll(io.LimitReader(part, left+1)); err == nil {
			if left -= int64(len(text)); left < 0 {
				return &http.MaxBytesError{Limit: maxKeptForm}
			}
			v.r.PostForm.Add(part.FormName(), string(text))
			v.r.Form.Add(part.FormName(), string(text))
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// takePart reads the one file of a form; of several the first.
func (v *visit) takePart(part *multipart.Part, most int64) error {
	if v.file != nil {
		_, err := io.Copy(io.Discard, part)
		return err
	}
	var b bytes.Buffer
	b.Grow(int(min(most, max(0, v.r.ContentLength)))) // or it would grow to twice the file
	n, err := io.Copy(&b, io.LimitReader(part, most))
	if err != nil {
		return err
	}
	v.file = &upload{name: part.FileName(), data: b.Bytes()}
	if n == most {
		more, err := io.Copy(io.Discard, part)
		if v.file.tooLarge = more > 0; v.file.tooLarge {
			v.file.data = nil
		}
		return err
	}
	return nil
}
