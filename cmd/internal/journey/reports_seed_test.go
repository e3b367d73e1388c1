package journey

import (
	"encoding/csv"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/auth"
	"portico/db"
	"portico/db/bulk"
)

// Past is what happened on the days of a report, as counts: the ground that
// journeys through reports stand on. Day 0 is today, day 1 yesterday.
type Past struct {
	Silent, Interactive []int // sign-ins by day
	Failed, Anonymous   []int
	Roles               []int // changes to staff by day, told by a webhook
	Processed, Dead     []int // webhooks by day
	Deeds               []int // settings saved by day
	Students, Staff     int   // people, who sign in by turns
	Opened, Marked      []int // of each announcement
}

// Seed writes a past into the world's database and has reports counted.
func (w *World) Seed(t testing.TB, p Past) {
	t.Helper()
	ctx, d := t.Context(), w.App.DB
	people := w.seedPeople(t, p)
	noon := func(day int) time.Time { return w.Now().AddDate(0, 0, -day).Add(-time.Minute) }
	var signIns []bulk.SignIn
	var counts []db.Count
	var changes []db.RoleChange
	var webhooks []db.Delivery
	var deeds []db.AuditEntry
	for day := range max(len(p.Silent), len(p.Interactive)) {
		for i := range nth(p.Silent, day) + nth(p.Interactive, day) {
			signIns = append(signIns, bulk.SignIn{At: noon(day).Add(time.Duration(i) * time.Millisecond), UserID: people[i%len(people)], Silent: i < nth(p.Silent, day)})
		}
	}
	for day := range max(len(p.Failed), len(p.Anonymous)) {
		counts = append(counts, db.Count{Hour: noon(day), Kind: "interactive", Reason: "exchange", N: nth(p.Failed, day)}, db.Count{Hour: noon(day), Kind: "silent", Reason: "login_required", N: nth(p.Anonymous, day)})
	}
	for day := range p.Roles {
		for i := range p.Roles[day] {
			changes = append(changes, db.RoleChange{UserID: people[i%len(people)], At: noon(day).Add(time.Duration(i) * time.Second), Old: "student", New: "staff", Source: db.SourceWebhook})
		}
	}
	for day := range max(len(p.Processed), len(p.Dead)) {
		for i := range nth(p.Processed, day) + nth(p.Dead, day) {
			v := db.Delivery{Key: fmt.Sprintf("k-%d-%d", day, i), Event: "user.updated", Occurred: noon(day), Received: noon(day).Add(time.Millisecond), Applied: noon(day).Add(2 * time.Millisecond), State: db.StateProcessed, Body: []byte(`{}`), Attempts: 1}
			if i >= nth(p.Processed, day) {
				v.State, v.Applied = db.StateDead, time.Time{}
			}
			webhooks = append(webhooks, v)
		}
	}
	for day := range p.Deeds {
		for i := range p.Deeds[day] {
			deeds = append(deeds, db.AuditEntry{At: noon(day).Add(time.Duration(i) * time.Millisecond), Actor: "command line, user root", Action: "settings.save"})
		}
	}
	counts = slices.DeleteFunc(counts, func(c db.Count) bool { return c.N == 0 })
	for _, err := range []error{
		bulk.SignIns(ctx, d, slices.Values(signIns)), bulk.Counts(ctx, d, slices.Values(counts)), bulk.RoleChanges(ctx, d, slices.Values(changes)),
		bulk.Deliveries(ctx, d, slices.Values(webhooks)), bulk.Audit(ctx, d, slices.Values(deeds)), w.seedReads(t, p, people), w.App.Rollups.CatchUp(ctx),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func nth(counts []int, day int) int {
	if day < len(counts) {
		return counts[day]
	}
	return 0
}

// seedPeople makes the people, met long ago, and returns their ids.
func (w *World) seedPeople(t testing.TB, p Past) (ids []string) {
	t.Helper()
	long := w.Now().AddDate(-1, 0, 0)
	for i := range p.Students + p.Staff {
		sub, role := fmt.Sprintf("seed-%04d", i), "student"
		if i >= p.Students {
			role = "staff"
		}
		facts := []db.Fact{{Field: db.FieldRole, Value: role, AsOf: long, Source: db.SourceWebhook}, {Field: db.FieldName, Value: fmt.Sprintf("=Person %04d, \"tree\"", i), AsOf: long, Source: db.SourceWebhook}}
		u, _, err := w.App.DB.SignIn(t.Context(), db.SignIn{Provider: w.Provider.URL(), Sub: sub, Facts: facts, RoleSeen: true, Session: db.NewSession{
			TokenHash: sub, StateHash: sub, Began: long, Created: long, Expires: long.Add(time.Hour), Idle: time.Hour,
		}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, u.ID)
	}
	return ids
}

// seedReads publishes announcements for everybody and has people read them.
func (w *World) seedReads(t testing.TB, p Past, people []string) error {
	t.Helper()
	var reads []db.Read
	for n := range max(len(p.Opened), len(p.Marked)) {
		i, err := w.App.DB.CreateItem(t.Context(), db.Announcement, db.Content{
			Slug: fmt.Sprintf("notice-%d", n), Title: fmt.Sprintf("Notice %d", n), Body: "x", Audience: auth.Audience{To: auth.Everybody}.Text(), Publish: w.Now().AddDate(0, 0, -n-1),
		}, "", w.Now().AddDate(0, 0, -n-1))
		if err != nil {
			return err
		}
		for j, id := range people {
			r := db.Read{UserID: id, ItemID: i.ID}
			if j < nth(p.Opened, n) {
				r.Opened = w.Now().Add(-time.Hour)
			}
			if j < nth(p.Marked, n) {
				r.Marked = w.Now().Add(-time.Hour)
			}
			if r.Opened != r.Marked || !r.Opened.IsZero() {
				reads = append(reads, r)
			}
		}
	}
	return bulk.Reads(t.Context(), w.App.DB, slices.Values(reads))
}

// Download posts the form for a report's CSV and reads it.
func (p *Person) Download(t testing.TB, name string, filter url.Values, status int) [][]string {
	t.Helper()
	form := url.Values{"tag": {tagOf(t, p)}}
	maps.Copy(form, filter)
	if err := p.Post("/admin/reports/"+name+"/csv", form); err != nil || p.Status != status {
		t.Fatalf("the CSV of %s: %d, %v: %s", name, p.Status, err, p.Text())
	}
	if status != http.StatusOK {
		return nil
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.Body, "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
