package journey

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/auth/campusone"
	"portico/auth/campusone/campusonetest"
	"portico/db"
)

// deliver posts a webhook with a signature, or with a header of its own.
func (w *World) deliver(t testing.TB, body, signature string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.URL+"/webhooks/campus-one", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Campus-One-Signature", signature)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func (w *World) sign(body string) string {
	return campusone.Sign([]byte(body), w.Config.CampusOne.WebhookSecret)
}

func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	event := func(id string, at time.Time) string {
		return fmt.Sprintf(`{"id":%q,"event":"user.role_changed","occurredAt":%q,"data":{"user_id":"someone","new_role":"staff"}}`, id, at.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	now := time.Now()
	good := event("d-1", now)
	large := good + strings.Repeat(" ", 70_000)
	for _, c := range []struct {
		name, body, signature string
		status                int
		text                  string
	}{
		{"good", good, w.sign(good), 200, "ok"},
		{"the same again", good, w.sign(good), 200, "ok"},
		{"wrong signature", good, w.sign(good + " "), 401, "Invalid signature"},
		{"no signature", good, "", 401, "Invalid signature"},
		{"no prefix", good, strings.TrimPrefix(w.sign(good), "sha256="), 401, "Invalid signature"},
		{"not hex", good, "sha256=zz", 401, "Invalid signature"},
		{"over 64 kB", large, w.sign(large), 413, "64 kB"},
		{"not JSON", "hello", w.sign("hello"), 400, "Not JSON"},
		{"unknown event", `{"id":"d-2","event":"moon.rose"}`, w.sign(`{"id":"d-2","event":"moon.rose"}`), 200, "ok"},
		{"test event", `{"id":"d-3","event":"user.role_changed","data":{}}`, w.sign(`{"id":"d-3","event":"user.role_changed","data":{}}`), 200, "ok"},
		{"40 days old", event("d-4", now.AddDate(0, 0, -40)), w.sign(event("d-4", now.AddDate(0, 0, -40))), 200, "ok"},
	} {
		status, text := w.deliver(t, c.body, c.signature)
		if status != c.status || !strings.Contains(text, c.text) {
			t.Errorf("%s: %d %q, want %d %q", c.name, status, text, c.status, c.text)
		}
	}
	w.settle(t)
	list, err := w.App.DB.Deliveries(context.Background(), db.DeliveryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, d := range list {
		states[d.Key] = d.State
	}
	for key, want := range map[string]string{"d-1": "processed", "d-2": "ignored", "d-3": "ignored", "d-4": "stale"} {
		if states[key] != want {
			t.Errorf("%s is %q, want %q", key, states[key], want)
		}
	}
	if len(states) != 5 { // with the unreadable one; nothing of what was refused
		t.Errorf("%d deliveries are stored, want 5: %v", len(states), states)
	}
}

// TestWebhookRefusedUnread: the size is judged before anything else, the
// content type never.
func TestWebhookRefusedUnread(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	send := func(body, signature, contentType string) int {
		t.Helper()
		req, err := http.NewRequest(http.MethodPost, w.URL+"/webhooks/campus-one", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Campus-One-Signature", signature)
		if contentType != "" {
			req.Header.Set("Content-Type", contentType)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	event := func(id string) string { return fmt.Sprintf(`{"id":%q,"event":"moon.rose","data":{}}`, id) }
	full := event("full")
	full += strings.Repeat(" ", 64<<10-len(full))
	for _, c := range []struct {
		name, body, signature, contentType string
		want                               int
	}{
		{"64 kB", full, w.sign(full), "application/json", 200},
		{"a byte more", full + " ", w.sign(full + " "), "application/json", 413},
		{"a byte more, unsigned", full + " ", "", "application/json", 413},
		{"no content type", event("a"), w.sign(event("a")), "", 200},
		{"text", event("b"), w.sign(event("b")), "text/plain", 200},
		{"a form", event("c"), w.sign(event("c")), "application/x-www-form-urlencoded", 200},
		{"nonsense", event("d"), w.sign(event("d")), "///", 200},
	} {
		if got := send(c.body, c.signature, c.contentType); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	states, err := w.App.DB.DeliveryStates(context.Background())
	if err != nil || states["ignored"] != 5 || len(states) != 1 {
		t.Errorf("stored: %v (%v)", states, err)
	}
	w.App.Counts.Flush(context.Background())
	counts, err := w.App.DB.CountsBetween(context.Background(), time.Now().Add(-2*time.Hour), time.Now().Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, c := range counts {
		if c.Kind == "webhook" {
			got[c.Reason] += c.N
		}
	}
	if got["too_large"] != 2 || got["received"] != 5 || got["ignored"] != 5 {
		t.Errorf("counted: %v", got)
	}
}

// TestWebhookNotStored: a sender is never told that we have what we have not.
func TestWebhookNotStored(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	if _, err := w.App.DB.Writer().Exec(`CREATE TRIGGER full BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`); err != nil {
		t.Fatal(err)
	}
	body := `{"id":"a","event":"moon.rose","data":{}}`
	if status, text := w.deliver(t, body, w.sign(body)); status != http.StatusServiceUnavailable {
		t.Errorf("%d %q, want 503", status, text)
	}
}

func TestWebhookTwoSecrets(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: []string{"CAMPUS_ONE_WEBHOOK_SECRET_PREVIOUS=the-secret-of-last-year"}})
	for i, secret := range []campusone.Secret{w.Config.CampusOne.WebhookSecret, "the-secret-of-last-year", "a-secret-of-nobody"} {
		body := fmt.Sprintf(`{"id":"d-%d","event":"moon.rose","data":{}}`, i)
		want := []int{200, 200, 401}[i]
		if status, _ := w.deliver(t, body, campusone.Sign([]byte(body), secret)); status != want {
			t.Errorf("secret %d: %d, want %d", i, status, want)
		}
	}
}

func TestWebhookWithoutASecret(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Env: []string{"CAMPUS_ONE_WEBHOOK_SECRET="}})
	if status, _ := w.deliver(t, "{}", "sha256=00"); status != http.StatusServiceUnavailable {
		t.Errorf("status %d, want 503: nothing is taken unsigned", status)
	}
}

func TestWebhookTakesPostAlone(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		req, err := http.NewRequest(method, w.URL+"/webhooks/campus-one", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Allow") != "POST" {
			t.Errorf("%s: %d, Allow %q", method, res.StatusCode, res.Header.Get("Allow"))
		}
	}
}

// Before a sign-in succeeds nothing is written, whoever asks and however often.
func TestNothingIsWrittenBeforeASignIn(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	before := w.rows(t)
	for range 20 {
		p := w.Person(true)
		for _, path := range []string{"/", "/dashboard", "/auth/callback?code=x&state=y", "/auth/callback?error=login_required", "/auth/login?prompt=none", "/nowhere"} {
			if err := p.Visit(path); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Post("/auth/logout", nil); err != nil {
			t.Fatal(err)
		}
	}
	if after := w.rows(t); after != before {
		t.Errorf("rows before %s, after %s", before, after)
	}
	signedIn(t, w, campusonetest.SubAmina)
	if after := w.rows(t); after == before {
		t.Error("a sign-in wrote no row: the test looks at nothing")
	}
}

// rows counts the rows of every table that a visitor could fill.
func (w *World) rows(t testing.TB) string {
	t.Helper()
	var b bytes.Buffer
	for _, table := range []string{"users", "sessions", "user_sessions", "sign_ins", "deliveries", "grants", "blocks"} {
		var n int
		if err := w.App.DB.Reader().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s=%d ", table, n)
	}
	return b.String()
}
