package campusone

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNotifySends(t *testing.T) {
	f := newFake(t)
	var got struct {
		Method, Key, Bearer, Type string
		Body                      map[string]any
	}
	f.replace("/api/apps/notifications", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &got.Body); err != nil {
			t.Errorf("%s is not JSON: %v", body, err)
		}
		got.Method, got.Key, got.Bearer, got.Type = r.Method, r.Header.Get("Idempotency-Key"), r.Header.Get("Authorization"), r.Header.Get("Content-Type")
		w.WriteHeader(http.StatusCreated)
	})
	n := Notification{Title: "Room moved", Body: "Now in B 12", Type: "warning", Target: "https://portal.example/events/x"}
	if err := f.provider(nil).Notify(t.Context(), testAccess, n, "key-1"); err != nil {
		t.Fatal(err)
	}
	if got.Method != http.MethodPost || got.Key != "key-1" || got.Bearer != "Bearer "+testAccess || got.Type != "application/json" {
		t.Errorf("sent as %+v", got)
	}
	want := map[string]any{"title": n.Title, "body": n.Body, "type": n.Type, "targetUrl": n.Target}
	if diff := cmp.Diff(want, got.Body); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestNotifyErrors(t *testing.T) {
	f := newFake(t)
	inAMinute := f.clock().Add(time.Minute).Format(http.TimeFormat)
	for _, c := range []struct {
		status int
		header string
		kind   error
		reason string
		wait   time.Duration
	}{
		{401, "", ErrUnauthorized, "api", 0}, {403, "", ErrForbidden, "api", 0}, {400, "", ErrRefused, "api_status", 0}, {404, "9", ErrRefused, "api_status", 0},
		{302, "", ErrRefused, "redirect", 0},
		{429, "17", ErrBusy, "rate_limit", 17 * time.Second}, {429, inAMinute, ErrBusy, "rate_limit", time.Minute}, {429, "", ErrBusy, "rate_limit", 0},
		{429, "99999999999", ErrBusy, "rate_limit", time.Hour}, {429, "-5", ErrBusy, "rate_limit", 0}, {429, "soon", ErrBusy, "rate_limit", 0},
		{500, "", ErrBusy, "api_status", 0}, {503, "30", ErrBusy, "api_status", 30 * time.Second}, {408, "", ErrBusy, "api_status", 0},
	} {
		f.replace("/api/apps/notifications", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.Header().Set("Retry-After", c.header)
			w.WriteHeader(c.status)
		})
		err := f.provider(nil).Notify(t.Context(), testAccess, Notification{}, "k")
		wantFailure(t, err, c.kind, c.reason)
		if got := RetryAfter(err); got != c.wait {
			t.Errorf("%d with Retry-After %q: wait %v, want %v", c.status, c.header, got, c.wait)
		}
	}
	f.Close()
	wantFailure(t, f.provider(nil).Notify(t.Context(), testAccess, Notification{}, "k"), ErrBusy, "network")
}

// What a token is good for is told by the answer's own words and our clock.
func TestExpiresByOurClock(t *testing.T) {
	f := newFake(t)
	f.advance(300 * 24 * time.Hour)
	p := f.provider(nil)
	got, err := p.Refresh(t.Context(), "refresh-1")
	if want := f.clock().Add(time.Hour); err != nil || !got.Expires.Equal(want) {
		t.Errorf("an access token is good until %v, want %v (%v)", got.Expires, want, err)
	}
	f.answer("/token", 200, `{"access_token":"a","token_type":"bearer"}`)
	if got, err := p.Refresh(t.Context(), "refresh-1"); err != nil || !got.Expires.IsZero() {
		t.Errorf("without a word it ends at %v (%v)", got.Expires, err)
	}
}

// Campus One counts letters as its language does.
func TestLetters(t *testing.T) {
	for text, want := range map[string]int{"": 0, "Ọbí": 3, "🎓": 2, strings.Repeat("x", MostTitle): 128} {
		if got := Letters(text); got != want {
			t.Errorf("%q has %d letters, want %d", text, got, want)
		}
	}
}
