package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

const (
	maxForm     = 128 << 10
	maxKeptForm = 512 << 10 // a text too long to be held must still arrive, to be shown again
)

// takeForm reads a posted form and for whom it was drawn. A broken or
// oversized form is the sender's problem.
func takeForm(s *Server, v *visit, rt route) error {
	if v.r.Method != http.MethodPost {
		return nil
	}
	if rt.upload > 0 && v.live == nil {
		return nil // refused next: nobody who is not signed in has a file read
	}
	read := func() error { return parseForm(v.r, max(maxKeptForm, rt.upload)) }
	if rt.file > 0 {
		most := rt.file
		if v.crowded {
			most = 0
		}
		read = func() error { return readUpload(v, most) }
	}
	if err := read(); err != nil {
		v.keeps = rt.keeps // as far as it came
		status := http.StatusBadRequest
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			status = http.StatusRequestEntityTooLarge
		}
		return problem(status, fmt.Errorf("reading the form: %w", err))
	}
	v.keeps, v.drawnFor = rt.keeps, s.Flow.OpenTag(v.r.PostForm.Get(fieldTag))
	return nil
}

// parseForm reads a form whole into memory. Anybody may send one, and nobody
// would clear away what net/http put into a file.
func parseForm(r *http.Request, most int64) error {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		return r.ParseMultipartForm(most)
	}
	return r.ParseForm()
}

// rightPerson refuses a form that was drawn for somebody else than the person
// who is signed in now. What is open to everybody may come without a tag: its
// page was drawn for nobody, or a program asks.
func rightPerson(v *visit, rt route) error {
	if v.live == nil || v.r.Method != http.MethodPost || v.drawnFor == v.live.User.ID {
		return nil
	}
	if v.drawnFor == "" && (rt.gate == open || rt.gate == public) {
		return nil
	}
	return problem(http.StatusConflict, nil)
}
