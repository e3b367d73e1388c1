package campusonetest

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// draft holds an endpoint's answer until the faults have been applied.
type draft struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header, WriteHeader and Write make a draft an http.ResponseWriter.
func (d *draft) Header() http.Header { return d.header }

// WriteHeader keeps the first status given.
func (d *draft) WriteHeader(status int) {
	if d.status == 0 {
		d.status = status
	}
}

// Write keeps the bytes.
func (d *draft) Write(p []byte) (int, error) {
	d.WriteHeader(http.StatusOK)
	return d.body.Write(p)
}

// endpoint counts the request, fails it while the provider is down, and puts
// the endpoint's faults between the handler and the wire.
func (s *Server) endpoint(e Endpoint, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.counters.add(e)
		c := s.conduct.Load()
		if s.IsDown() {
			s.away(w, r, c.fault.Down)
			return
		}
		a := c.strike(e, r)
		if !pause(r.Context(), a.Delay) {
			return
		}
		breakOff(r.Context(), a)
		d := &draft{header: http.Header{}}
		if !a.Skip {
			h(d, r)
		}
		if a.Lose {
			panic(http.ErrAbortHandler)
		}
		a.alter(d)
		a.send(w, r, d)
		s.log.Debug("provider answered", "endpoint", string(e), "method", r.Method, "status", d.status)
	})
}

// breakOff ends the connection without an answer where the fault says so.
func breakOff(ctx context.Context, a Answer) {
	if a.Hang {
		<-ctx.Done()
	}
	if a.Hang || a.Drop {
		panic(http.ErrAbortHandler)
	}
}

// away is the answer of a provider that is down.
func (s *Server) away(w http.ResponseWriter, r *http.Request, how Down) {
	breakOff(r.Context(), Answer{Hang: how == DownHangs, Drop: how == DownCloses})
	const text = "The stand-in for Campus One is down for a while."
	w.Header().Set("Retry-After", "30")
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		s.pages.problem(w, http.StatusServiceUnavailable, text)
		return
	}
	http.Error(w, text, http.StatusServiceUnavailable)
}

// Refusal is an Answer that leaves the endpoint's work undone and refuses
// with a status and a JSON body {"error": code}.
func Refusal(status int, code string) Answer {
	return Answer{
		Skip: true, Status: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"error":` + strconv.Quote(code) + `}`),
	}
}

// Busy is a Refusal with 429 that asks to wait so many seconds.
func Busy(seconds int) Answer {
	a := Refusal(http.StatusTooManyRequests, "rate_limited")
	a.Header.Set("Retry-After", strconv.Itoa(seconds))
	return a
}

// pause waits; it is false when the caller left first.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// alter changes the draft as the fault says.
func (a Answer) alter(d *draft) {
	if a.RedirectTo != "" {
		d.header.Set("Location", a.RedirectTo)
		d.status = http.StatusFound
	}
	if a.Status != 0 {
		d.status = a.Status
	}
	if d.status == 0 {
		d.status = http.StatusOK
	}
	if a.Body != nil {
		d.body.Reset()
		d.body.Write(a.Body)
	}
	for name, values := range a.Header {
		d.header[http.CanonicalHeaderKey(name)] = values
		if len(values) == 0 {
			d.header.Del(name)
		}
	}
}

// send writes the draft, whole or as broken as the fault wants it.
func (a Answer) send(w http.ResponseWriter, r *http.Request, d *draft) {
	maps.Copy(w.Header(), d.header)
	body := d.body.Bytes()
	w.Header().Set("Content-Length", strconv.FormatInt(int64(len(body))+a.Pad, 10))
	w.WriteHeader(d.status)
	if a.Truncate > 0 {
		_, _ = w.Write(body[:max(0, len(body)-a.Truncate)]) // the caller may have left
		_ = http.NewResponseController(w).Flush()           // the connection is closed next either way
		panic(http.ErrAbortHandler)
	}
	if a.Drip > 0 {
		drip(w, r, body, a.Drip)
		return
	}
	_, _ = w.Write(body) // the caller may have left
	pad(w, a.Pad)
}

func drip(w http.ResponseWriter, r *http.Request, body []byte, every time.Duration) {
	rc := http.NewResponseController(w)
	for i := range body {
		if _, err := w.Write(body[i : i+1]); err != nil || rc.Flush() != nil || !pause(r.Context(), every) {
			return
		}
	}
}

func pad(w http.ResponseWriter, n int64) {
	block := bytes.Repeat([]byte(" "), 64<<10)
	for n > 0 {
		part := min(n, int64(len(block)))
		if _, err := w.Write(block[:part]); err != nil {
			return
		}
		n -= part
	}
}

// writeJSON answers with v; every value written here can be encoded unless a
// fault put something odd into it, which then is a 500.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written as JSON", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who left needs no answer
}

// writeError is an OAuth error answer (RFC 6749, 5.2).
func writeError(w http.ResponseWriter, status int, code, description string) {
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, status, map[string]any{"error": code, "error_description": description})
}
