package campusonetest

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const hookSecret = "webhook-secret"

// hooked runs a stand-in whose client has a webhook address.
func hooked(t *testing.T, status int) (*rp, *receiver) {
	t.Helper()
	hook := newReceiver(t, status)
	clients := testClients()
	clients[0].WebhookURL, clients[0].WebhookSecret = hook.URL, hookSecret
	return start(t, Options{Clients: clients}), hook
}

type envelope struct {
	ID, Event, OccurredAt, Timestamp string
	Data                             map[string]any
}

// next takes one delivery and checks its signature and headers.
func (r *receiver) next(t *testing.T) envelope {
	t.Helper()
	got := <-r.got
	if got.header.Get("X-Campus-One-Signature") != Sign(hookSecret, got.body) {
		t.Error("the signature is not over these bytes")
	}
	var e envelope
	if err := json.Unmarshal(got.body, &e); err != nil {
		t.Fatal(err)
	}
	if e.Event != got.header.Get("X-Campus-One-Event") {
		t.Errorf("the header says %q, the body %q", got.header.Get("X-Campus-One-Event"), e.Event)
	}
	if e.ID != "" && e.ID != got.header.Get("X-Campus-One-Delivery") {
		t.Error("the delivery's id is not the envelope's")
	}
	return e
}

func TestSignIsHMACSHA256InHex(t *testing.T) {
	// RFC 4231, test case 2.
	const want = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got := Sign("Jefe", []byte("what do ya want for nothing?")); got != want {
		t.Errorf("got %s", got)
	}
}

func TestDeedsSendTheirEvents(t *testing.T) {
	r, hook := hooked(t, http.StatusOK)
	when := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)
	for _, c := range []struct {
		event string
		deed  func() []Delivery
		want  map[string]any
	}{
		{"user.role_changed", func() []Delivery { return r.server.SetRole(SubAmina, "alumni") },
			map[string]any{"user_id": SubAmina, "email": "256240001@nile.example", "previous_role": "student", "new_role": "alumni"}},
		{"session.signed_out", func() []Delivery { return r.server.SignOutCentrally(SubAmina) }, map[string]any{"user_id": SubAmina}},
		{"user.updated", func() []Delivery { return r.server.Update(SubPeter, func(p *Person) { p.Name = "Pete" }) },
			map[string]any{"user_id": SubPeter, "email": "peter@elsewhere.example", "name": "Pete", "role": "external",
				"student_id": "", "level": 0.0, "faculty_id": "", "department_id": ""}},
		{"user.created", func() []Delivery { return r.server.Create(Person{Sub: "new", Name: "New"}) },
			map[string]any{"user_id": "new", "email": "", "name": "New", "role": "", "student_id": "", "level": 0.0, "faculty_id": "", "department_id": ""}},
		{"user.deleted", func() []Delivery { return r.server.Delete("new") }, map[string]any{"user_id": "new", "email": ""}},
	} {
		sent := c.deed()
		if len(sent) != 1 || sent[0].Status != http.StatusOK || sent[0].Event != c.event {
			t.Errorf("%s: sent %v", c.event, sent)
		}
		got := hook.next(t)
		if diff := cmp.Diff(c.want, got.Data); diff != "" || got.Event != c.event || !when.MatchString(got.OccurredAt) {
			t.Errorf("%s: %+v %s", c.event, got, diff)
		}
	}
	if n := len(r.server.Deliveries()); n != 5 {
		t.Errorf("%d deliveries remembered", n)
	}
}

func TestDisconnectHasAnEnvelopeOfItsOwn(t *testing.T) {
	r, hook := hooked(t, http.StatusOK)
	token := r.tokensFor(SubAmina)
	r.server.Disconnect(SubAmina, testClient)
	got := hook.next(t)
	if got.ID != "" || got.OccurredAt != "" || strings.Contains(got.Timestamp, ".") || got.Data["userId"] != SubAmina || got.Data["clientId"] != testClient {
		t.Errorf("sent %+v", got)
	}
	if _, err := r.refresh(token.RefreshToken); err == nil {
		t.Error("the tokens live on")
	}
}

func TestNothingIsRetriedOrFollowed(t *testing.T) {
	r, hook := hooked(t, http.StatusInternalServerError)
	status, err := r.server.SendWebhook(t.Context(), "test", nil)
	if err != nil || status != http.StatusInternalServerError || len(hook.got) != 1 {
		t.Errorf("%d, %v, %d requests", status, err, len(hook.got))
	}
	if got := hook.next(t); len(got.Data) != 0 || got.Data == nil {
		t.Errorf("a test event has data %v", got.Data)
	}
	hook.Close()
	if _, err := r.server.SendWebhook(t.Context(), "test", nil); err == nil {
		t.Error("nobody listens, but no error")
	}
}

func TestWebhookFaults(t *testing.T) {
	r, hook := hooked(t, http.StatusOK)
	r.server.SetFault(func(f *Fault) { f.Webhook.Lose = true })
	if sent := r.server.SetRole(SubAmina, "alumni"); len(sent) != 0 || len(hook.got) != 0 {
		t.Errorf("lost, but sent %v", sent)
	}
	r.server.SetFault(func(f *Fault) { f.Webhook = WebhookFault{Twice: true} })
	r.server.SetRole(SubAmina, "student")
	if a, b := hook.next(t), hook.next(t); a.ID != b.ID {
		t.Errorf("twice under two ids: %s, %s", a.ID, b.ID)
	}
	r.server.SetFault(func(f *Fault) {
		f.Webhook = WebhookFault{
			Body:    func(b []byte) []byte { return append(b, ' ') },
			Request: func(q *http.Request) { q.Header.Set("X-Campus-One-Event", "lie") },
		}
	})
	r.server.SetRole(SubAmina, "alumni")
	got := <-hook.got
	if got.header.Get("X-Campus-One-Signature") == Sign(hookSecret, got.body) || got.header.Get("X-Campus-One-Event") != "lie" {
		t.Errorf("the request went out unchanged: %v", got.header)
	}
}

func TestSendTakesIDTimeAndBody(t *testing.T) {
	r, hook := hooked(t, http.StatusOK)
	at := time.Date(2026, 11, 2, 9, 0, 0, 5e6, time.UTC)
	if _, err := r.server.Send(t.Context(), Webhook{Event: "x.y", ID: "one", Occurred: at, Data: map[string]any{"a": 1}}); err != nil {
		t.Fatal(err)
	}
	if got := hook.next(t); got.ID != "one" || got.OccurredAt != "2026-11-02T09:00:00.005Z" {
		t.Errorf("sent %+v", got)
	}
	if _, err := r.server.Send(t.Context(), Webhook{Event: "x.y", Body: []byte("not json")}); err != nil {
		t.Fatal(err)
	}
	if got := <-hook.got; string(got.body) != "not json" || got.header.Get("X-Campus-One-Signature") != Sign(hookSecret, got.body) {
		t.Errorf("sent %q", got.body)
	}
}

func TestProbe(t *testing.T) {
	app := newReceiver(t, http.StatusOK)
	r := start(t, Options{Clients: []Client{{ID: testClient, RedirectURIs: []string{app.URL + "/auth/callback", "http://127.0.0.1:1/"}}}})
	got := r.server.Probe(t.Context())
	if len(got) != 4 || !got[0].Alive() || !got[1].Alive() || got[2].Alive() || got[2].Err == nil {
		t.Errorf("probed %v", got)
	}
	if got[0].Method != http.MethodHead || got[1].Method != http.MethodGet {
		t.Errorf("methods %s, %s", got[0].Method, got[1].Method)
	}
}
