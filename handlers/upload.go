package handlers

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"
)

// upload is the file that came with a form.
type upload struct {
	name     string
	data     []byte
	tooLarge bool // what came behind its limit was dropped
}

// uploadTime is how long a file may be on its way here: 32 MB by a slow line.
const uploadTime = 10 * time.Minute

// morePatience gives a form with a large file the time it takes.
func morePatience(w http.ResponseWriter) error {
	deadline := http.NewResponseController(w)
	return errors.Join(deadline.SetReadDeadline(time.Now().Add(uploadTime)), deadline.SetWriteDeadline(time.Now().Add(uploadTime+time.Minute)))
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
