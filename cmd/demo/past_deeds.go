package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/auth"
	"portico/db"
	"portico/db/bulk"
)

// read has people open announcements: fewer the older they are and the less
// they are meant for them.
func (p *past) read(ctx context.Context) error {
	items, err := p.db.Items(ctx, db.ItemFilter{Kind: db.Announcement, State: db.StatePublished, Now: p.now, Limit: 100})
	if err != nil {
		return err
	}
	var all []db.Read
	for _, i := range items {
		drawing := 0.15 + 0.75*p.random.Float64()
		for _, m := range p.people {
			if m.id == "" || !p.meant(&i, &m) || p.random.Float64() > drawing*(0.35+m.zeal) {
				continue
			}
			at := i.Publish.Add(time.Duration(p.random.ExpFloat64() * float64(20*time.Hour)))
			if at.Before(m.met) || at.After(p.now) {
				continue
			}
			r := db.Read{UserID: m.id, ItemID: i.ID, Opened: at}
			if p.random.IntN(6) == 0 {
				r.Opened, r.Marked = time.Time{}, at
			}
			all = append(all, r)
		}
	}
	return bulk.Reads(ctx, p.db, slices.Values(all))
}

// meant says whether an announcement is for somebody, roughly.
func (p *past) meant(i *db.Item, m *regular) bool {
	a, err := auth.ParseAudience(i.Audience)
	if err != nil || a.To != auth.Groups {
		return err == nil
	}
	g := a.Groups[0]
	return slices.Contains(g[auth.AboutRole], "global:"+m.role) && (len(g[auth.AboutLevel]) == 0 || slices.Contains(g[auth.AboutLevel], m.level))
}

// somebody of those who were met before a moment; nil when nobody was.
func (p *past) somebody(at time.Time) *regular {
	for range 20 {
		if m := &p.people[p.random.IntN(len(p.people))]; m.id != "" && m.met.Before(at) {
			return m
		}
	}
	return nil
}

// delivered is what Campus One sent, and what became of it.
func (p *past) delivered(ctx context.Context) error {
	var all []db.Delivery
	for day := range p.days {
		for range int(p.busy(day) * float64(18+p.random.IntN(14))) {
			at := day.Add(time.Duration(p.hour())*time.Hour + time.Duration(p.random.IntN(3600))*time.Second)
			m := p.somebody(at)
			if m == nil || at.After(p.now.Add(-time.Minute)) {
				continue
			}
			v := db.Delivery{
				Key: fmt.Sprintf("demo-%06d", len(all)), Event: pick(p, []string{"session.signed_in", "session.signed_out", "user.updated", "session.signed_in", "user.role_changed"}),
				Occurred: at, Received: at.Add(p.delay(600)), User: m.sub, Body: []byte(`{"demo":"its body is not kept"}`), State: db.StateProcessed, Attempts: 1,
			}
			switch n := p.random.IntN(400); {
			case n == 0:
				v.State, v.Attempts, v.Error = db.StateDead, 10, "the database is locked"
			case n < 8:
				v.State = db.StateSuperseded
			case v.Event == "session.signed_in":
				v.State = db.StateIgnored
			}
			if v.State == db.StateProcessed {
				v.Applied = v.Received.Add(p.delay(60))
			}
			all = append(all, v)
		}
	}
	return bulk.Deliveries(ctx, p.db, slices.Values(all))
}

// delay is mostly some milliseconds around a middle, and now and then far more.
func (p *past) delay(middle float64) time.Duration {
	d := time.Duration(p.random.ExpFloat64() * middle * float64(time.Millisecond))
	if p.random.IntN(30) == 0 {
		d *= 90
	}
	return d + time.Millisecond
}

func pick[T any](p *past, all []T) T { return all[p.random.IntN(len(all))] }

// before is the role that somebody had before another.
var before = map[string]string{"student": "external", "staff": "student", "alumni": "student", "external": "student"}

// changed is how roles changed, once for a person at most, and what had to be
// put right since nobody had told of it.
func (p *past) changed(ctx context.Context) error {
	var changes []db.RoleChange
	var counts []db.Count
	var lines []db.AuditEntry
	changed := map[string]bool{}
	for day := range p.days {
		if p.random.Float64() > 0.5*p.busy(day) {
			continue
		}
		at := day.Add(time.Duration(9+p.random.IntN(8))*time.Hour + time.Minute)
		m := p.somebody(at)
		if m == nil || m.role == "" || changed[m.id] || at.After(p.now) {
			continue
		}
		changed[m.id] = true
		changes = append(changes, db.RoleChange{UserID: m.id, At: at, Old: before[m.role], New: m.role, Source: pick(p, []string{db.SourceWebhook, db.SourceWebhook, db.SourceWebhook, db.SourceConfirmation})})
		if p.random.IntN(2) == 0 {
			field := pick(p, []string{db.FieldLevel, db.FieldLevel, db.FieldEmail, db.FieldDepartmentID, db.FieldRole})
			counts = append(counts, db.Count{Hour: at, Kind: "drift", Reason: field, N: 1})
			lines = append(lines, db.AuditEntry{At: at.Add(time.Minute), Actor: pick(p, []string{db.SourceSignIn, db.SourceSignIn, db.SourceConfirmation}), Action: "drift", Object: m.id, Detail: field})
		}
	}
	return first(bulk.RoleChanges(ctx, p.db, slices.Values(changes)), bulk.Counts(ctx, p.db, slices.Values(counts)), bulk.Audit(ctx, p.db, slices.Values(lines)))
}

func first(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}

// deeds are what staff did, the most frequent more than once.
var deeds = []db.AuditEntry{
	{Action: "announcement.create", Detail: "version 1"}, {Action: "announcement.update", Detail: "version 2"}, {Action: "announcement.update", Detail: "version 3"}, {Action: "announcement.withdraw", Detail: "version 2"},
	{Action: "event.update", Detail: "version 2"}, {Action: "event.update", Detail: "version 4"}, {Action: "page.update", Detail: "version 5"}, {Action: "page.review", Detail: "version 5"}, {Action: "person.update", Detail: "version 2"},
	{Action: "session.end"}, {Action: "settings.save", Object: "motto", Detail: `"Notices of the department.", then "Notices, timetables and people of the department, in one place."`}, {Action: "report.export", Object: "reach", Detail: "a month: 24 rows"}, {Action: "delivery.retry", Detail: "dead, then pending."},
}

// object is what a deed was done to: an item of the kind that it names, or the
// one who answers for all.
func (p *past) object(items []db.Item, action string) string {
	kind, _, _ := strings.Cut(action, ".")
	for range 50 {
		if i := pick(p, items); string(i.Kind) == kind {
			return i.ID
		}
	}
	return p.owner
}

// done is the audit of what staff and the command line did.
func (p *past) done(ctx context.Context) error {
	var staff []string
	for _, m := range p.people {
		if m.role == "staff" && len(staff) < 4 {
			staff = append(staff, m.id)
		}
	}
	items, err := p.db.Items(ctx, db.ItemFilter{Limit: 200})
	if err != nil {
		return err
	}
	var all []db.AuditEntry
	for day := range p.days {
		for range int(p.busy(day) * float64(p.random.IntN(6))) {
			e := pick(p, deeds)
			e.At = day.Add(time.Duration(8+p.random.IntN(9))*time.Hour + time.Duration(p.random.IntN(3600))*time.Second)
			e.Actor = pick(p, staff)
			if e.Object == "" {
				e.Object = p.object(items, e.Action)
			}
			if p.random.IntN(25) == 0 {
				e = db.AuditEntry{At: e.At, Actor: "command line, user root", Action: "grant", Object: "publish", Detail: "cs-office@nile.example"}
			}
			if e.At.Before(p.now) {
				all = append(all, e)
			}
		}
	}
	return bulk.Audit(ctx, p.db, slices.Values(all))
}
