package handlers

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"portico/db"
	"portico/handlers/words"
	"portico/views"
)

const (
	healthPath   = "/admin/health"
	clockOff     = 30 * time.Second
	quietWebhook = 7 * 24 * time.Hour
	driftPeriod  = 7 * 24 * time.Hour
	muchDrift    = 20
)

// health says how the portal is, part by part, with what to do about it.
func (s *Server) health(w http.ResponseWriter, v *visit) error {
	m := views.HealthModel{Checks: []views.HealthCheck{s.providerHealth(), s.keysHealth(), s.clockHealth()}}
	for _, look := range []func(context.Context) (views.HealthCheck, error){s.webhookHealth, s.driftHealth, s.databaseHealth, s.backupHealth, s.reportsHealth, s.noticesHealth} {
		c, err := look(v.r.Context())
		if err != nil {
			return err
		}
		m.Checks = append(m.Checks, c)
	}
	m.Checks = append(m.Checks, s.cleaningHealth(), s.standingHealth(), views.HealthCheck{Part: "Version", Seen: []string{"This is Portico " + s.Version + "."}})
	s.render(w, v, http.StatusOK, views.Health(s.page(v, "Health"), m))
	return nil
}

// on writes a moment in the portal's zone.
func (s *Server) on(t time.Time) string {
	return t.In(s.Zone).Format("Mon 2 Jan 2006, 15:04")
}

func (s *Server) providerHealth() views.HealthCheck {
	c, p := views.HealthCheck{Part: "Campus One"}, s.Provider.Status()
	switch {
	case p.Away:
		c.Level = views.HealthBad
		c.Seen = []string{"It does not answer. Nobody can sign in; whoever is signed in stays so."}
		c.Do = "Wait some minutes. If it lasts, tell Campus One's support, and check that this server reaches the internet."
	case !p.Known:
		c.Level = views.HealthLook
		c.Seen = []string{"It was not asked yet."}
		c.Do = "Load this page again in a minute."
	default:
		c.Seen = []string{"It answers. It described itself last on " + s.on(p.DiscoveryAt) + "."}
	}
	if p.Known && !p.LastTrouble.At.IsZero() {
		c.Seen = append(c.Seen, "The last trouble with it was on "+s.on(p.LastTrouble.At)+".")
	}
	return c
}

func (s *Server) keysHealth() views.HealthCheck {
	c, p := views.HealthCheck{Part: "Keys of Campus One"}, s.Provider.Status()
	if p.Keys == 0 {
		c.Level = views.HealthLook
		c.Seen = []string{"None were read yet. They are read when the first person signs in."}
		c.Do = "Sign in once in another browser, then load this page again."
		return c
	}
	c.Seen = []string{fmt.Sprintf("%s, read on %s, %s ago. New ones are fetched when Campus One uses them.", many(p.Keys, "key", "keys"), s.on(p.KeysAt), howLong(s.Now().Sub(p.KeysAt)))}
	return c
}

func (s *Server) clockHealth() views.HealthCheck {
	c, p := views.HealthCheck{Part: "Clock"}, s.Provider.Status()
	off := p.ClockOff.Round(time.Second)
	switch {
	case !p.ClockKnown:
		c.Seen = []string{"Campus One has not told its time yet."}
	case off.Abs() <= clockOff:
		c.Seen = []string{fmt.Sprintf("It is %s apart from that of Campus One.", many(int(off.Abs().Seconds()), "second", "seconds"))}
	default:
		way := "behind"
		if off < 0 {
			way = "ahead of"
		}
		c.Level = views.HealthBad
		c.Seen = []string{fmt.Sprintf("This server's clock is %s %s that of Campus One. Sign-ins may fail.", howLong(off.Abs()), way)}
		c.Do = "On the server run “timedatectl set-ntp true”, which sets the clock by the internet."
	}
	return c
}

func (s *Server) webhookHealth(ctx context.Context) (views.HealthCheck, error) {
	c := views.HealthCheck{Part: "Webhooks", Href: webhooksPath}
	last, err := s.DB.Inbox(ctx, db.InboxFilter{Limit: 1})
	if err != nil {
		return c, err
	}
	states, err := s.DB.DeliveryStates(ctx)
	if err != nil {
		return c, err
	}
	const look = "In Campus One's dashboard check the webhook's address and secret; then run “portico doctor” on the server."
	switch {
	case len(last) == 0:
		c.Level, c.Seen, c.Do, c.Href = views.HealthLook, []string{"None has come yet. Changed roles arrive only when people sign in."}, look, ""
	case s.Now().Sub(last[0].Received) > quietWebhook:
		c.Level, c.Seen, c.Do, c.Href = views.HealthLook, []string{"The last one came on " + s.on(last[0].Received) + ", " + howLong(s.Now().Sub(last[0].Received)) + " ago."}, look, ""
	default:
		c.Seen = []string{"The last one came on " + s.on(last[0].Received) + "."}
	}
	if dead := states[db.StateDead]; dead > 0 {
		c.Level, c.Seen = views.HealthBad, append(c.Seen, thousands(dead)+" failed for good.")
		c.Do, c.Href = "See what failed, and try it again.", webhooksPath+"?result="+db.StateDead
	}
	return c, nil
}

func (s *Server) driftHealth(ctx context.Context) (views.HealthCheck, error) {
	c := views.HealthCheck{Part: "News that got lost"}
	found, err := s.DB.Drifts(ctx, s.Now().Add(-driftPeriod), s.Now().Add(time.Hour), muchDrift+1)
	switch {
	case err != nil:
		return c, err
	case len(found) == 0:
		c.Seen = []string{"In the last 7 days no sign-in found anything that Campus One had not told."}
	case len(found) <= muchDrift:
		c.Seen = []string{fmt.Sprintf("In the last 7 days sign-ins found %s that Campus One had not told, and put it right.", many(len(found), "change", "changes"))}
	default:
		c.Level = views.HealthLook
		c.Seen = []string{fmt.Sprintf("In the last 7 days sign-ins found more than %d changes that Campus One had not told, and put them right.", muchDrift)}
		c.Do = "Webhooks get lost. In Campus One's dashboard check the webhook's address, and that all events are chosen."
	}
	return c, nil
}

func (s *Server) databaseHealth(ctx context.Context) (views.HealthCheck, error) {
	c := views.HealthCheck{Part: "Database"}
	size, err := s.DB.Size(ctx)
	name := "One SQLite file"
	if s.DB.Engine() == db.Postgres {
		name = "PostgreSQL"
	}
	c.Seen = []string{fmt.Sprintf("%s of %s.", name, megabytes(size))}
	return c, err
}

func (s *Server) backupHealth(ctx context.Context) (views.HealthCheck, error) {
	c := views.HealthCheck{Part: "Backup"}
	if s.DB.Engine() == db.Postgres {
		c.Seen = []string{"PostgreSQL makes its own. Have pg_dump run every day."}
		return c, nil
	}
	const mend = "On the server run “portico backup FILE” now, then “portico doctor”, which says why."
	last, err := s.DB.LastBackup(ctx)
	switch {
	case errors.Is(err, db.ErrNotFound):
		c.Level, c.Seen, c.Do = views.HealthLook, []string{"None was made yet. The first one is made within minutes of the start, unless it is switched off."}, mend
	case err != nil:
		return c, err
	case s.Now().Sub(last.At) > db.OldBackup:
		c.Level, c.Do = views.HealthBad, mend
		c.Seen = []string{fmt.Sprintf("The last one is of %s, %s ago.", s.on(last.At), howLong(s.Now().Sub(last.At)))}
	default:
		c.Seen = []string{fmt.Sprintf("The last one is of %s, %s, read again and found whole.", s.on(last.At), megabytes(last.Bytes))}
		c.File = last.File
	}
	if failed := s.Upkeep().BackupFailed; !failed.IsZero() {
		c.Level, c.Do = max(c.Level, views.HealthLook), "See that the backup folder has room and may be written; the log says more. It is tried again every hour."
		c.Seen = append(c.Seen, "The one of "+s.on(failed)+" failed.")
	}
	return c, nil
}

// oldRollup is after how long figures of reports are counted too seldom.
const oldRollup = 2 * time.Hour

// reportsHealth tells how the counting for reports is doing. Reports are right
// without it, and slower.
func (s *Server) reportsHealth(ctx context.Context) (views.HealthCheck, error) {
	c := views.HealthCheck{Part: "Figures for reports"}
	r, err := s.DB.RollupStatus(ctx, s.Zone, s.Now())
	const mend = "Reports are right all the same, and slower. If it lasts for an hour, look into the log for “counting for reports”."
	switch {
	case err != nil:
		return c, err
	case r.AsOf.IsZero():
		c.Seen = []string{"They have not been counted yet. It happens within minutes of the start."}
	case r.Behind > 0:
		c.Level, c.Do = views.HealthLook, mend
		c.Seen = []string{fmt.Sprintf("%s still to be counted; the last count was on %s.", many(r.Behind, "day is", "days are"), s.on(r.AsOf))}
	case s.Now().Sub(r.AsOf) > oldRollup:
		c.Level, c.Do, c.Seen = views.HealthLook, mend, []string{"They were counted last on " + s.on(r.AsOf) + ", " + howLong(s.Now().Sub(r.AsOf)) + " ago."}
	default:
		c.Seen = []string{"All days are counted, the last on " + s.on(r.AsOf) + "."}
	}
	switch n := len(r.Recount.Differs); {
	case r.Recount.At.IsZero():
	case n > 0:
		c.Level = max(c.Level, views.HealthLook)
		c.Seen = append(c.Seen, "On "+s.on(r.Recount.At)+" a past day was counted once more and came out different: it was put right.")
	default:
		c.Seen = append(c.Seen, "On "+s.on(r.Recount.At)+" a past day was counted once more and came out the same.")
	}
	return c, nil
}

func (s *Server) cleaningHealth() views.HealthCheck {
	c, u := views.HealthCheck{Part: "Removing what is old"}, s.Upkeep()
	switch {
	case u.CleaningWaits:
		c.Level, c.Seen = views.HealthLook, []string{"It waits: this server's clock cannot be right."}
		c.Do = "On the server run “timedatectl set-ntp true”, which sets the clock by the internet."
	case u.Cleaned.IsZero():
		c.Seen = []string{"It has not run since the start. It runs every hour."}
	default:
		c.Seen = []string{fmt.Sprintf("It ran last on %s and removed %s.", s.on(u.Cleaned), many(u.Removed, "row", "rows"))}
	}
	return c
}

func (s *Server) standingHealth() views.HealthCheck {
	c, st := views.HealthCheck{Part: "Asking again who holds a role"}, s.Standing.Status()
	if !st.Stopped {
		c.Seen = []string{"People with a permission are confirmed at Campus One as they should be."}
		return c
	}
	c.Level = views.HealthBad
	c.Seen = []string{"It stopped on " + s.on(st.Since) + ": too many people were refused at once, so the fault is likely the portal's own."}
	c.Do = "In Campus One's dashboard check the client id and secret, then restart the portal."
	return c
}

// many counts things: "1 key", "2 keys".
func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + more
}

// thousands writes 12480 as 12,480.
func thousands(n int) string { return words.Thousands(strconv.Itoa(n)) }

// howLong is how long something is, to the unit that matters.
func howLong(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return many(int(d.Seconds()), "second", "seconds")
	case d < 2*time.Hour:
		return many(int(d.Minutes()), "minute", "minutes")
	case d < 48*time.Hour:
		return many(int(d.Hours()), "hour", "hours")
	}
	return many(int(d.Hours()/24), "day", "days")
}

// megabytes is a size as people read it.
func megabytes(n int64) string {
	if n < 1_000_000 {
		return fmt.Sprintf("%d kB", (n+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
