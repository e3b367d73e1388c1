package handlers

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"portico/db"
	"portico/views"
)

const (
	attentionKept  = 15 * time.Second
	quietTooLong   = 7 * 24 * time.Hour  // without a webhook
	certificateDue = 14 * 24 * time.Hour // before it ends
	diskLow        = 0.10
	reviewLate     = 30 * 24 * time.Hour
	manyItems      = 50 // counted no further
)

// Machine is what the dashboard of those who manage the portal asks of the
// machine it runs on.
type Machine struct {
	CertificateEnds func(context.Context) (time.Time, error) // zero: another program speaks https
	DiskFree        func() (share float64, known bool)       // of the disk that the database is on
}

// attention is what needs the attention of those who manage the portal. It is
// looked up at most every 15 seconds, however many of them look.
type attention struct {
	mu       sync.Mutex
	at       time.Time
	concerns []views.Concern
	steps    []views.Step
}

// look is what needs attention now, and the first steps of a new portal.
func (a *attention) look(ctx context.Context, s *Server) ([]views.Concern, []views.Step) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := s.Now()
	if since := now.Sub(a.at); since >= 0 && since < attentionKept {
		return a.concerns, a.steps
	}
	f, err := s.found(ctx, now)
	if err != nil {
		s.Log.Error("what needs attention cannot be read", "error", err)
		return []views.Concern{{Text: "What needs attention could not be looked up.", Next: "Load this page again in a minute."}}, nil
	}
	a.at, a.concerns, a.steps = now, s.concerns(f, now), s.firstSteps(f)
	return a.concerns, a.steps
}

// findings are the facts that concerns and first steps are made of.
type findings struct {
	lastWebhook, born time.Time // zero: never
	dead, refused     int
	late              int
	stuck             []db.Notice // in Campus One
	certificate       time.Time
	disk              float64
	diskKnown         bool
	named, publishers bool
	contact, own      bool      // where people ask is said; the portal's departments are chosen
	backup            time.Time // zero: none was made here
	ownBackups        bool      // the database looks after its own
	notices, events   bool
}

// found reads the facts.
func (s *Server) found(ctx context.Context, now time.Time) (f findings, err error) {
	for _, read := range []func(context.Context, *findings, time.Time) error{s.findWebhooks, s.findRefusals, s.findItems, s.findNotices, s.findMachine} {
		if err := read(ctx, &f, now); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (s *Server) findWebhooks(ctx context.Context, f *findings, _ time.Time) error {
	last, err := s.DB.Deliveries(ctx, db.DeliveryFilter{Limit: 1})
	if err != nil {
		return err
	}
	if len(last) > 0 {
		f.lastWebhook = last[0].Received
	}
	if f.born, err = s.DB.Began(ctx); err != nil {
		return err
	}
	states, err := s.DB.DeliveryStates(ctx)
	f.dead = states[db.StateDead]
	if err != nil {
		return err
	}
	f.ownBackups = s.DB.Engine() == db.Postgres
	copied, err := s.DB.LastBackup(ctx)
	if f.backup = copied.At; errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// findRefusals counts how often Campus One refused what the portal asked for
// since yesterday.
func (s *Server) findRefusals(ctx context.Context, f *findings, now time.Time) error {
	counts, err := s.DB.CountsBetween(ctx, now.Add(-24*time.Hour), now.Add(time.Hour))
	for _, c := range counts {
		if c.Reason == "invalid_scope" {
			f.refused += c.N
		}
	}
	return err
}

func (s *Server) findItems(ctx context.Context, f *findings, now time.Time) error {
	late, err := s.DB.Items(ctx, db.ItemFilter{Now: now, State: db.StatePublished, Review: now.Add(-reviewLate), Limit: manyItems})
	if err != nil {
		return err
	}
	f.late = len(late)
	for kind, any := range map[db.Kind]*bool{db.Announcement: &f.notices, db.EventItem: &f.events} {
		have, err := s.DB.Items(ctx, db.ItemFilter{Kind: kind, Limit: 1})
		if err != nil {
			return err
		}
		*any = len(have) > 0
	}
	set, err := s.DB.Settings(ctx)
	if err != nil {
		return err
	}
	f.named, f.own = len(set["name"]) > 0, len(set["departments"]) > 0
	f.contact = len(set["contact"]) > 0 || len(set["reach"]) > 0
	grants, err := s.DB.Grants(ctx)
	f.publishers = len(grants) > 0
	return err
}

func (s *Server) findMachine(ctx context.Context, f *findings, _ time.Time) (err error) {
	if s.Machine.DiskFree != nil {
		f.disk, f.diskKnown = s.Machine.DiskFree()
	}
	if s.Machine.CertificateEnds != nil {
		f.certificate, err = s.Machine.CertificateEnds(ctx)
	}
	return err
}

// concerns tells each finding that is not as it should be, with the next step.
func (s *Server) concerns(f findings, now time.Time) (all []views.Concern) {
	add := func(when bool, c views.Concern) {
		if when {
			all = append(all, c)
		}
	}
	add(s.Provider.Away(), views.Concern{
		Text: "Campus One is not answering.",
		Next: "Whoever is signed in stays so, and public pages are open. If it lasts, look at Campus One’s own notices; nothing is to be done here.",
	})
	add(s.Standing.Status().Stopped, views.Concern{
		Text: "Roles are not being confirmed: too many sessions ended at once.",
		Next: "Find out at Campus One whether access was really taken from so many people, then start the portal again.",
	})
	add(f.dead > 0, views.Concern{
		Text: things(f.dead, "A webhook", "webhooks") + " could not be applied.",
		Next: "Open each, read why, then try again or drop it.",
		Link: views.MenuItem{Label: "Webhooks that failed", Href: webhooksPath + "?result=" + db.StateDead},
	})
	add(!f.born.IsZero() && now.Sub(later(f.lastWebhook, f.born)) > quietTooLong, views.Concern{
		Text: s.quiet(f, now),
		Next: "Check at Campus One that webhooks go to " + s.AppURL.JoinPath(webhookPath).String() + " and that both sides hold the same secret.",
		Link: views.MenuItem{Label: "Webhooks", Href: webhooksPath},
	})
	add(f.refused > 0, views.Concern{
		Text: "Campus One has refused a scope since yesterday, so people sign in with fewer facts.",
		Next: "Compare CAMPUS_ONE_SCOPES with what this app may ask for at Campus One: run portico doctor, it names the scope.",
	})
	for _, n := range f.stuck {
		add(true, s.stuckNotice(&n))
	}
	add(f.late > 0, views.Concern{
		Text: s.lateReviews(f.late),
		Next: "Read each again, or ask who answers for it. Readers see the warning until somebody says that it is still correct.",
		Link: views.MenuItem{Label: "To review", Href: reviewsPath},
	})
	add(s.Upkeep != nil && !s.Upkeep().BackupFailed.IsZero(), views.Concern{
		Text: "The last backup failed.",
		Next: "Look in the log for why, and make one by hand: portico backup.",
	})
	since := later(f.backup, f.born)
	add(!f.ownBackups && !since.IsZero() && now.Sub(since) > db.OldBackup, views.Concern{
		Text: old(f.backup, now),
		Next: "Make one by hand: portico backup. Then run portico doctor, which says why the daily one is missing.",
		Link: views.MenuItem{Label: "Health", Href: healthPath},
	})
	return append(all, s.machineConcerns(f, now)...)
}

func (s *Server) machineConcerns(f findings, now time.Time) (all []views.Concern) {
	if !f.certificate.IsZero() && f.certificate.Sub(now) < certificateDue {
		all = append(all, views.Concern{
			Text: "The certificate of this site ends on " + f.certificate.In(s.Zone).Format("Mon 2 Jan") + ".",
			Next: "Renew it: without one, browsers refuse to open the portal. With PORTICO_TLS=auto, look in the log for why it was not renewed.",
		})
	}
	if f.diskKnown && f.disk < diskLow {
		all = append(all, views.Concern{
			Text: fmt.Sprintf("The disk of the database has %d %% left.", int(f.disk*100)),
			Next: "Make room or give it a larger disk: when it is full, nothing can be saved, webhooks included.",
		})
	}
	return all
}

// old says how long ago the last backup was.
func old(backup, now time.Time) string {
	if backup.IsZero() {
		return "There was never a backup."
	}
	return fmt.Sprintf("The last backup is %d days old.", int(now.Sub(backup)/(24*time.Hour)))
}

// quiet says since when no webhook has come.
func (s *Server) quiet(f findings, now time.Time) string {
	if f.lastWebhook.IsZero() {
		return "No webhook has ever come from Campus One."
	}
	return fmt.Sprintf("No webhook has come for %d days.", int(now.Sub(f.lastWebhook)/(24*time.Hour)))
}

func (s *Server) lateReviews(n int) string {
	if n >= manyItems {
		return fmt.Sprintf("%d items or more have not been reviewed in time.", manyItems)
	}
	return things(n, "An item", "items") + hasHave(n) + " not been reviewed for over 30 days."
}

func hasHave(n int) string {
	if n == 1 {
		return " has"
	}
	return " have"
}

// things is a number of things in words.
func things(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// firstSteps is the list for a portal in which nothing was published yet.
func (s *Server) firstSteps(f findings) []views.Step {
	if f.notices && f.events {
		return nil
	}
	return []views.Step{
		{Done: f.named, Text: "Name the department", Help: "The name stands on every page.", Link: views.MenuItem{Label: "Settings", Href: settingsPath + "#name"}},
		{Done: f.contact, Text: "Say where people ask", Help: "An address, an office, its hours.", Link: views.MenuItem{Label: "Settings", Href: settingsPath + "#contact"}},
		{Done: f.own, Text: "Choose your departments", Help: "“Our students” are those of them.", Link: views.MenuItem{Label: "Settings", Href: settingsPath + "#departments"}},
		{Done: !f.lastWebhook.IsZero(), Text: "Receive the first webhook", Help: "At Campus One, send webhooks to " + s.AppURL.JoinPath(webhookPath).String() + ". Changes of roles then count at once.", Link: views.MenuItem{Label: "Webhooks", Href: webhooksPath}},
		{Done: f.publishers, Text: "Say who may publish", Help: "Choose a person under Accounts and give them “Publish”. Whoever has never signed in here must do that first.", Link: views.MenuItem{Label: "Accounts", Href: s.pathIf(managePath)}},
		{Done: f.notices, Text: "Publish the first announcement", Help: "It appears on the first page at once.", Link: views.MenuItem{Label: "Publish", Href: publishPath}},
		{Done: f.events, Text: "Enter the timetable", Help: "Classes, exams and deadlines then stand in everybody’s day and in their phone’s calendar.", Link: views.MenuItem{Label: "Add a timetable", Href: importPath}},
		{Done: f.ownBackups || !f.backup.IsZero(), Text: "Make a backup", Help: "Whoever runs the server sets up where it is kept, or runs “portico backup”.", Link: views.MenuItem{Label: "Health", Href: healthPath}},
	}
}
