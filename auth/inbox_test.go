package auth

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/auth/campusone"
	"portico/db"
	"portico/db/dbtest"
)

const (
	hookSecret   = campusone.Secret("the live secret")
	hookPrevious = campusone.Secret("the secret before it")
)

// mailbox is an inbox on a database of its own, with a clock that tests turn.
type mailbox struct {
	*testing.T
	*Inbox
	clock *testClock
}

func newMailbox(t *testing.T, d *db.DB, secrets ...campusone.Secret) *mailbox {
	t.Helper()
	log, clock := slog.New(slog.DiscardHandler), newTestClock()
	if err := d.BindProvider(t.Context(), testProvider); err != nil {
		t.Fatal(err)
	}
	return &mailbox{t, NewInbox(d, testProvider, secrets, NewCounts(d, log, clock.now), log, clock.now), clock}
}

// onEngines runs a test of the inbox on both.
func onEngines(t *testing.T, test func(t *testing.T, address string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "portico.db")) })
	t.Run("postgres", func(t *testing.T) { test(t, dbtest.PostgresURL(t)) })
}

// post takes a body signed with the live secret.
func (m *mailbox) post(body string) Receipt {
	m.Helper()
	return m.Receive(m.Context(), Received{Body: []byte(body), Signature: campusone.Sign([]byte(body), hookSecret)})
}

// tell takes an event and fails the test when it is not stored.
func (m *mailbox) tell(id, event, data string, at time.Time) {
	m.Helper()
	if got := m.post(hook(id, event, data, at)); got.Status != http.StatusOK {
		m.Fatalf("%s: %+v", id, got)
	}
}

func hook(id, event, data string, at time.Time) string {
	return fmt.Sprintf(`{"id":%q,"event":%q,"occurredAt":%q,"data":{%s}}`, id, event, at.UTC().Format("2006-01-02T15:04:05.000Z"), data)
}

func (m *mailbox) row(key string) db.Delivery {
	m.Helper()
	v, err := m.db.Delivery(m.Context(), key)
	if err != nil {
		m.Fatalf("%s: %v", key, err)
	}
	return v
}

// counted is what was counted since the last time, by kind and reason.
func (m *mailbox) counted() map[string]int {
	m.Helper()
	m.counts.Flush(m.Context())
	rows, err := m.db.CountsBetween(m.Context(), time.Unix(0, 0), m.clock.now().AddDate(1, 0, 0))
	if err != nil {
		m.Fatal(err)
	}
	if _, err := m.db.Writer().ExecContext(m.Context(), `DELETE FROM counts`); err != nil {
		m.Fatal(err)
	}
	all := map[string]int{}
	for _, c := range rows {
		all[c.Kind+" "+c.Reason] += c.N
	}
	return all
}

// TestArrivals: each row of the answer table that is decided after the bytes
// have been read, with what is stored and counted of it.
func TestArrivals(t *testing.T) {
	m := newMailbox(t, dbtest.SQLite(t), hookSecret, hookPrevious)
	now := m.clock.now().Truncate(time.Second)
	m.clock.at.Store(now.UnixMicro())
	const who = `"user_id":"amina"`
	role := who + `,"new_role":"staff"`
	disconnected := fmt.Sprintf(`{"event":"user.disconnected","timestamp":%q,"data":{"userId":"amina","clientId":"portal"}}`, now.Format(time.RFC3339))
	type stored struct {
		State, User, Notes string
		Occurred           time.Time
		Fields             []string
	}
	for _, c := range []struct {
		name, body string
		header     Received // its Event and Delivery
		key        string   // "" is the SHA-256 of the body
		status     int
		outcome    string
		want       stored
		counts     string
	}{
		{name: "good", key: "a", body: hook("a", "user.role_changed", role, now), want: stored{"pending", "amina", "", now, []string{"role"}}, counts: "user.role_changed received"},
		{name: "no id", body: disconnected, want: stored{"pending", "amina", "", now, nil}, counts: "user.disconnected received"},
		{name: "no id, but a header with one", body: strings.Replace(disconnected, "portal", "other", 1), header: Received{Event: "user.disconnected", Delivery: "some-uuid"},
			want: stored{"pending", "amina", "", now, nil}, counts: "user.disconnected received"},
		{name: "headers agree", key: "b", header: Received{Event: "session.signed_out", Delivery: "b"}, body: hook("b", "session.signed_out", who, now),
			want: stored{"pending", "amina", "", now, nil}, counts: "session.signed_out received"},
		{name: "another event in the header", key: "c", header: Received{Event: "user.deleted", Delivery: "c"}, body: hook("c", "session.signed_out", who, now),
			want: stored{"pending", "amina", "the headers differ from the signed body", now, nil}, counts: "session.signed_out header_mismatch received"},
		{name: "another id in the header", key: "d", header: Received{Delivery: "e"}, body: hook("d", "session.signed_out", who, now),
			want: stored{"pending", "amina", "the headers differ from the signed body", now, nil}, counts: "session.signed_out header_mismatch received"},
		{name: "unknown event", key: "f", body: hook("f", "moon.rose", who, now), outcome: "ignored", want: stored{"ignored", "amina", "", now, nil}, counts: "other ignored received"},
		{name: "empty data", key: "g", body: hook("g", "user.deleted", "", now), outcome: "ignored", want: stored{"ignored", "", "", now, nil}, counts: "user.deleted ignored received"},
		{name: "no data", key: "h", body: `{"id":"h","event":"user.deleted"}`, outcome: "ignored", want: stored{"ignored", "", "", time.Time{}, nil}, counts: "user.deleted ignored received"},
		{name: "no event", body: `{}`, outcome: "ignored", want: stored{"ignored", "", "", time.Time{}, nil}, counts: "other ignored received"},
		{name: "counted only", key: "i", body: hook("i", "session.signed_in", who, now), outcome: "applied", want: stored{"processed", "amina", "", now, nil}, counts: "session.signed_in applied received"},
		{name: "not JSON", body: `hello`, status: 400, outcome: "unreadable", want: stored{"unreadable", "", "", time.Time{}, nil}, counts: "other received unreadable"},
		{name: "a name twice", body: `{"id":"j","id":"k"}`, status: 400, outcome: "unreadable", want: stored{"unreadable", "", "", time.Time{}, nil}, counts: "other received unreadable"},
		{name: "30 days old", key: "l", body: hook("l", "user.role_changed", role, now.Add(-30*24*time.Hour)), want: stored{"pending", "amina", "", now.Add(-30 * 24 * time.Hour), []string{"role"}}, counts: "user.role_changed received"},
		{name: "older", key: "m", body: hook("m", "user.role_changed", role, now.Add(-30*24*time.Hour-time.Millisecond)), outcome: "stale",
			want: stored{"stale", "amina", "", now.Add(-30*24*time.Hour - time.Millisecond), nil}, counts: "user.role_changed received stale"},
		{name: "5 minutes ahead", key: "n", body: hook("n", "session.signed_out", who, now.Add(5*time.Minute)), want: stored{"pending", "amina", "", now.Add(5 * time.Minute), nil}, counts: "session.signed_out received"},
		{name: "further ahead", key: "o", body: hook("o", "session.signed_out", who, now.Add(5*time.Minute+time.Second)), outcome: "future",
			want:   stored{"pending", "amina", "future: said to be of " + now.Add(5*time.Minute+time.Second).Format(time.RFC3339) + ", applied with the time of arrival", now, nil},
			counts: "session.signed_out future received"},
		{name: "no time", key: "p", body: `{"id":"p","event":"session.signed_out","data":{"user_id":"amina"}}`,
			want: stored{"pending", "amina", "no time given: applied with the time of arrival", now, nil}, counts: "session.signed_out received"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := c.header
			r.Body, r.Signature = []byte(c.body), campusone.Sign([]byte(c.body), hookPrevious)
			if c.key == "" {
				sum := sha256.Sum256(r.Body)
				c.key = hex.EncodeToString(sum[:])
			}
			want := Receipt{Status: 200, Text: "ok", Outcome: "received"}
			if c.status != 0 {
				want.Status, want.Text = c.status, "Not JSON"
			}
			if c.outcome != "" {
				want.Outcome = c.outcome
			}
			got := m.Receive(t.Context(), r)
			got.Cause = nil
			if got != want {
				t.Errorf("answered %+v, want %+v", got, want)
			}
			v := m.row(c.key)
			if diff := cmp.Diff(c.want, stored{v.State, v.User, v.Notes, v.Occurred, v.Fields}); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			if !bytes.Equal(v.Body, r.Body) || !v.Received.Equal(now) {
				t.Errorf("body %q, received %s", v.Body, v.Received)
			}
			want.Outcome = CountDuplicate
			if got := m.Receive(t.Context(), r); got.Status != want.Status || got.Outcome != want.Outcome {
				t.Errorf("again: %+v, want %+v", got, want)
			}
			var reasons []string
			for reason, n := range m.counted() {
				_, name, _ := strings.Cut(reason, " ")
				if reasons = append(reasons, name); n != 1 {
					t.Errorf("%s was counted %d times", reason, n)
				}
			}
			wantCounts := append(strings.Fields(c.counts), "duplicate")
			slices.Sort(reasons)
			slices.Sort(wantCounts)
			if diff := cmp.Diff(wantCounts, reasons); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRefusals: what is answered without a row.
func TestRefusals(t *testing.T) {
	d := dbtest.SQLite(t)
	m := newMailbox(t, d, hookSecret)
	body := hook("a", "user.deleted", `"user_id":"amina"`, m.clock.now())
	for name, c := range map[string]struct {
		r       Received
		secrets []campusone.Secret
		want    Receipt
	}{
		"another secret": {Received{Body: []byte(body), Signature: campusone.Sign([]byte(body), "guessed")}, []campusone.Secret{hookSecret, hookPrevious}, Receipt{Status: 401, Text: "Invalid signature", Outcome: CountBadSignature}},
		"no signature":   {Received{Body: []byte(body)}, []campusone.Secret{hookSecret}, Receipt{Status: 401, Text: "Invalid signature", Outcome: CountBadSignature}},
		"not hex":        {Received{Body: []byte(body), Signature: "sha256=zz"}, []campusone.Secret{hookSecret}, Receipt{Status: 401, Text: "Invalid signature", Outcome: CountBadSignature}},
		"not JSON":       {Received{Body: []byte("hello"), Signature: "sha256=zz"}, []campusone.Secret{hookSecret}, Receipt{Status: 401, Text: "Invalid signature", Outcome: CountBadSignature}},
		"no secret":      {Received{Body: []byte(body), Signature: campusone.Sign([]byte(body), "")}, nil, Receipt{Status: 503, Text: "No webhook secret is configured", Outcome: CountNoSecret}},
	} {
		m.Accept(c.secrets)
		if got := m.Receive(t.Context(), c.r); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
		if diff := cmp.Diff(map[string]int{"webhook " + c.want.Outcome: 1}, m.counted()); diff != "" {
			t.Errorf("%s: counted (-want +got):\n%s", name, diff)
		}
	}
	states, err := d.DeliveryStates(t.Context())
	if err != nil || len(states) > 0 {
		t.Errorf("stored: %v (%v)", states, err)
	}
}

// TestStoredThoughTheSenderLeft: Campus One waits 5 s and never asks again.
func TestStoredThoughTheSenderLeft(t *testing.T) {
	m := newMailbox(t, dbtest.SQLite(t), hookSecret)
	left, leave := context.WithCancel(t.Context())
	leave()
	body := []byte(hook("a", "user.deleted", `"user_id":"amina"`, m.clock.now()))
	if got := m.Receive(left, Received{Body: body, Signature: campusone.Sign(body, hookSecret)}); got.Status != 200 || m.row("a").State != db.StatePending {
		t.Errorf("%+v", got)
	}
}

// TestNotStored: never 2xx for what the database does not have, and the answer
// comes before Campus One gives up.
func TestNotStored(t *testing.T) {
	onEngines(t, func(t *testing.T, address string) {
		m := newMailbox(t, dbtest.Open(t, address), hookSecret)
		m.breaks(t, "deliveries", "INSERT", "")
		got := m.post(hook("a", "user.deleted", `"user_id":"amina"`, m.clock.now()))
		if got.Status != 503 || got.Outcome != CountNotStored || got.Cause == nil {
			t.Errorf("%+v", got)
		}
		m.mend(t, "deliveries")
		if got := m.post(hook("a", "user.deleted", `"user_id":"amina"`, m.clock.now())); got.Status != 200 || got.Outcome != CountReceived {
			t.Errorf("once it works again: %+v", got)
		}
	})
}

// breaks has the database refuse a deed on a table while a condition holds.
func (m *mailbox) breaks(t *testing.T, table, deed, when string) {
	t.Helper()
	when = strings.TrimSpace(when)
	statements := []string{`CREATE TRIGGER broken BEFORE ` + deed + ` ON ` + table + ` ` + when + ` BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`}
	if m.db.Engine() == db.Postgres {
		statements = []string{
			`CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full'; END $$`,
			`CREATE TRIGGER broken BEFORE ` + deed + ` ON ` + table + ` FOR EACH ROW ` + when + ` EXECUTE FUNCTION broken()`,
		}
	}
	for _, s := range statements {
		if _, err := m.db.Writer().ExecContext(t.Context(), s); err != nil {
			t.Fatal(s, err)
		}
	}
}

func (m *mailbox) mend(t *testing.T, table string) {
	t.Helper()
	s := `DROP TRIGGER broken`
	if m.db.Engine() == db.Postgres {
		s += ` ON ` + table
	}
	if _, err := m.db.Writer().ExecContext(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}
