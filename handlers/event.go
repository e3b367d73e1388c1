package handlers

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"time"
)

// event is the one wide log record of a request, filled on the way. It never
// holds a query, a cookie or a body.
type event struct {
	reference string // also shown on error pages
	pattern   string
	user      string
	outcome   string // fixed name of how a sign-in step ended
	cause     error  // what went wrong, never shown
	peer      string // who opened the connection: a proxy, or the client itself
	insecure  bool   // the person came by http to a portal on https
}

type eventKey struct{}

func eventOf(r *http.Request) *event {
	if e, ok := r.Context().Value(eventKey{}).(*event); ok {
		return e
	}
	return &event{}
}

type statusWriter struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withEvent opens the record, finds the client's address and logs at the end.
func (s *Server) withEvent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := s.Now()
		e := &event{reference: strings.ToLower(rand.Text()[:10]), peer: plainAddress(r.RemoteAddr), insecure: s.overHTTP(r)}
		r = r.WithContext(context.WithValue(r.Context(), eventKey{}, e))
		r.RemoteAddr = s.client(r, e.peer)
		sw := &statusWriter{ResponseWriter: w}
		next.ServeHTTP(sw, r)
		took := s.Now().Sub(started)
		if s.Observe != nil {
			s.Observe(e.pattern, cmp.Or(sw.status, http.StatusOK), took)
		}
		s.record(r, e, sw, took)
	})
}

func (s *Server) record(r *http.Request, e *event, w *statusWriter, took time.Duration) {
	level := slog.LevelInfo
	switch {
	case w.status >= 500:
		level = slog.LevelError
	case strings.HasPrefix(r.URL.Path, "/static/"), e.pattern == "GET /healthz", e.pattern == "GET /readyz":
		level = slog.LevelDebug
	}
	if !s.Log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request", e.reference), slog.String("method", r.Method), slog.String("route", e.pattern),
		slog.Int("status", w.status), slog.Int("bytes", w.bytes), slog.Float64("ms", float64(took.Microseconds())/1000),
	}
	if e.user != "" {
		attrs = append(attrs, slog.String("user", e.user))
	}
	if e.outcome != "" {
		attrs = append(attrs, slog.String("outcome", e.outcome))
	}
	if e.cause != nil {
		attrs = append(attrs, slog.Any("error", e.cause))
	}
	s.Log.LogAttrs(r.Context(), level, "request", attrs...)
}
