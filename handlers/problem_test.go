package handlers

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/auth/reading"
	"portico/db/dbtest"
)

// bare is a server that knows nobody and has nothing to read: enough to answer
// errors.
func bare(t *testing.T, log io.Writer) *Server {
	t.Helper()
	s := &Server{Config: Config{AppURL: &url.URL{Scheme: "https", Host: "portal.example"}, Zone: time.UTC}}
	s.Log, s.Now = slog.New(slog.NewTextHandler(log, nil)), time.Now
	var err error
	if s.Library, err = reading.New(t.Context(), dbtest.SQLite(t), s.Zone, nil, s.Log, s.Now); err != nil {
		t.Fatal(err)
	}
	s.header = newHeaderSet(s.Config)
	return s
}

// ask sends one request through the outer chain to a handler.
func (s *Server) ask(accept string, do http.HandlerFunc) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "https://portal.example/", nil)
	r.Header.Set("Accept", accept)
	s.withEvent(s.withHeaders(s.recovered(do))).ServeHTTP(w, r)
	return w
}

// A handler that panics is answered like any other trouble: a page with its
// headers and a code, which the log holds beside the cause.
func TestPanicIsAnswered(t *testing.T) {
	for accept, part := range map[string]string{"text/html": "Something went wrong on our side", "application/json": `{"error":"Internal Server Error","reference":"`} {
		var log strings.Builder
		w := bare(t, &log).ask(accept, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cache-Control", "private, no-cache")
			panic("the unsaid cause")
		})
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), part) || strings.Contains(w.Body.String(), "unsaid") {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
		if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Content-Security-Policy") == "" || h.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: the headers are %v", accept, h)
		}
		if !strings.Contains(log.String(), "the unsaid cause") {
			t.Errorf("the log holds no cause: %s", &log)
		}
	}
}

// Every status of the list has words of its own, on a page with a code.
func TestEveryStatusHasAPage(t *testing.T) {
	headings := map[string]int{}
	for _, status := range []int{400, 401, 403, 404, 405, 409, 413, 414, 421, 429, 431, 500, 502, 503} {
		var log strings.Builder
		s := bare(t, &log)
		var heading string
		w := s.ask("text/html", func(w http.ResponseWriter, r *http.Request) {
			v := &visit{r: r}
			heading = messageFor(status, v).Heading
			s.fail(w, v, problem(status, errors.New("the unsaid cause")))
		})
		if other, twice := headings[heading]; twice {
			t.Errorf("%d says the same as %d: %q", status, other, heading)
		}
		headings[heading] = status
		if again := strings.Contains(w.Body.String(), `href="/">Try again</a>`); again != (status >= 500 || status == 429) {
			t.Errorf("%d offers to try again: %v", status, again)
		}
		reference := strings.Fields(after(log.String(), "request="))
		if w.Code != status || len(reference) == 0 || !strings.Contains(w.Body.String(), reference[0]) || !strings.Contains(w.Body.String(), heading) {
			t.Errorf("%d: %d, the log says %s, the page %s", status, w.Code, &log, w.Body)
		}
		if strings.Contains(w.Body.String(), "unsaid") || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%d: the cause is shown, or the page may be kept", status)
		}
	}
}

func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}
