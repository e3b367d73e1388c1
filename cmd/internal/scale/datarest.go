package main

import (
	"context"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"portico/auth"
	"portico/db"
)

// makeItems publishes announcements and events for all kinds of readers.
func (m *maker) makeItems(ctx context.Context) error {
	r := random(3)
	for n := range m.Items {
		at := m.day(n * yearDays / m.Items).Add(9 * time.Hour)
		kind, c := db.Announcement, db.Content{
			Slug: fmt.Sprintf("item-%d", n), Title: fmt.Sprintf("Item %d of the year", n), Body: "It says something.", Category: "general",
			Audience: audience(r).Text(), Owner: m.people[0].id, Publish: at, Until: at.Add(30 * 24 * time.Hour),
		}
		if n%5 == 0 {
			kind, c.Event = db.EventItem, &db.Event{Kind: db.EventExam, Place: "Hall B", Starts: db.WallAt(at.Add(72*time.Hour), m.zone), Ends: db.WallAt(at.Add(74*time.Hour), m.zone)}
		}
		i, err := m.db.CreateItem(ctx, kind, c, m.people[0].id, at)
		if err != nil {
			return err
		}
		m.items = append(m.items, i)
	}
	return nil
}

// audience is everybody, or people of some levels and departments.
func audience(r *rand.Rand) auth.Audience {
	switch r.IntN(4) {
	case 0:
		return auth.Audience{To: auth.Everybody}
	case 1:
		return auth.Audience{To: auth.SignedIn}
	}
	return auth.Audience{To: auth.Groups, Groups: []auth.Group{
		{auth.AboutLevel: {fmt.Sprint(100 * (1 + r.IntN(5))), "500"}, auth.AboutDepartment: {fmt.Sprintf("department-%d", r.IntN(30)), fmt.Sprintf("department-%d", r.IntN(30))}},
		{auth.AboutRole: {"global:staff"}},
	}}
}

// reads lets every reader read some items: no two alike, since each item is
// read by people one after another.
func (m *maker) reads() iter.Seq[db.Read] {
	return func(yield func(db.Read) bool) {
		r := random(4)
		each := min(m.Reads/len(m.items), len(m.people))
		for _, i := range m.items {
			first := r.IntN(len(m.people))
			for n := range each {
				at := i.Publish.Add(time.Duration(n) * 14 * 24 * time.Hour / time.Duration(each))
				if at.After(m.now) {
					break
				}
				read := db.Read{UserID: m.people[(first+n)%len(m.people)].id, ItemID: i.ID, Opened: at}
				switch r.IntN(6) {
				case 0:
					read.Marked = at.Add(time.Minute)
				case 1:
					read.Opened, read.Marked = time.Time{}, at
				}
				if !yield(read) {
					return
				}
			}
		}
	}
}

var events = []string{"session.signed_in", "user.updated", "user.updated", "user.role_changed", "session.signed_out", "user.created", "user.disconnected"}

func (m *maker) deliveries() iter.Seq[db.Delivery] {
	return func(yield func(db.Delivery) bool) {
		r, n := random(5), 0
		for at := range m.moments(random(6), m.Deliveries) {
			n++
			p := m.somebody(r, at)
			v := db.Delivery{
				Key: fmt.Sprintf("delivery-%d", n), Event: events[r.IntN(len(events))], Occurred: at.Add(-time.Duration(r.ExpFloat64() * float64(4*time.Second))), Received: at, User: p.sub, Attempts: 1,
				Applied: at.Add(time.Duration(r.ExpFloat64() * float64(200*time.Millisecond))), State: db.StateProcessed,
				Body: fmt.Appendf(nil, `{"id":"delivery-%d","event":"user.updated","occurredAt":%q,"data":{"user_id":%q,"changes":{"level":"300","name":"Somebody With A Name","department_id":"department-7"},"note":"%0200d"}}`, n, at.Format(time.RFC3339), p.sub, n),
			}
			switch {
			case v.Event == "session.signed_in":
				v.State, v.Applied, v.Attempts = db.StateIgnored, time.Time{}, 0
			case n%500 == 0:
				v.State, v.Applied, v.Attempts, v.Error = db.StateDead, time.Time{}, 10, "it failed"
			case n%90 == 0:
				v.State = db.StateSuperseded
			}
			if !yield(v) {
				return
			}
		}
	}
}

// hourly are what is counted every hour, and how often.
var hourly = []struct {
	kind, reason string
	n            int
}{
	{"silent", "departed", 900}, {"silent", "signed_in", 400}, {"silent", "login_required", 420}, {"silent", "interaction_required", 9}, {"silent", "no_cookies", 4}, {"silent", "already", 3},
	{"silent", "other", 2}, {"silent", "restarted", 1}, {"interactive", "departed", 110}, {"interactive", "signed_in", 100}, {"interactive", "access_denied", 4}, {"interactive", "exchange", 1},
	{"interactive", "server_error", 1}, {"interactive", "restarted", 1}, {"skipped", "bot", 60}, {"skipped", "anonymous", 900}, {"skipped", "signed_out", 20}, {"skipped", "prefetch", 5},
	{"skipped", "shared", 2}, {"stop", "under_way", 2}, {"stop", "loop", 1}, {"confirm", "confirmed", 30}, {"webhook", "received", 23}, {"webhook", "duplicate", 1}, {"webhook", "applied", 22},
	{"webhook_event", "user.updated", 10}, {"drift", "level", 1}, {"drift", "department_id", 1},
}

func (m *maker) counts() iter.Seq[db.Count] {
	return func(yield func(db.Count) bool) {
		r := random(7)
		for hour := m.start().UTC().Truncate(time.Hour); hour.Before(m.now); hour = hour.Add(time.Hour) {
			for _, h := range hourly {
				if n := r.IntN(2*h.n + 1); n > 0 && !yield(db.Count{Hour: hour, Kind: h.kind, Reason: h.reason, N: n}) {
					return
				}
			}
		}
	}
}

func (m *maker) roleChanges() iter.Seq[db.RoleChange] {
	return func(yield func(db.RoleChange) bool) {
		r, roles := random(8), []string{"", "student", "staff", "external", "alumni"}
		sources := []string{db.SourceWebhook, db.SourceWebhook, db.SourceIDToken, db.SourceUserinfo, db.SourceConfirmation}
		for at := range m.moments(random(9), m.RoleChanges) {
			from := r.IntN(len(roles))
			to := (from + 1 + r.IntN(len(roles)-1)) % len(roles)
			if !yield(db.RoleChange{UserID: m.somebody(r, at).id, At: at, Old: roles[from], New: roles[to], Source: sources[r.IntN(len(sources))]}) {
				return
			}
		}
	}
}

var actions = []string{
	"announcement.create", "announcement.update", "announcement.update", "announcement.publish", "event.create", "event.update", "page.update", "link.update", "settings.save", "grant", "revoke",
	"block", "sessions.end", "delivery.read", "delivery.retry", "report.export", "report.export", "drift", "drift", "drift", "calendar.create", "forget",
}

func (m *maker) audit() iter.Seq[db.AuditEntry] {
	return func(yield func(db.AuditEntry) bool) {
		r := random(10)
		for at := range m.moments(random(11), m.Audit) {
			e := db.AuditEntry{At: at, Actor: m.people[17*r.IntN(min(60, 1+len(m.people)/20))].id, Action: actions[r.IntN(len(actions))], Object: m.somebody(r, at).id, Detail: "version 3"}
			switch {
			case e.Action == "drift":
				e.Actor, e.Detail = []string{db.SourceSignIn, db.SourceConfirmation}[r.IntN(2)], "level department_id"
			case r.IntN(20) == 0:
				e.Actor = "command line (operator)"
			}
			if !yield(e) {
				return
			}
		}
	}
}
