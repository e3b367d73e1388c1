package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"portico/auth"
	"portico/db"
)

// sessions lists and ends what keeps people signed in.
func sessions(ctx context.Context, s *shell, args []string) error {
	return s.verbs(ctx, "sessions", []verb{
		{"list", "", "show who is signed in, the newest first", sessionsList},
		{"end", "ID...", "end sessions by id, of one person (--user) or of everybody (--all)", sessionsEnd},
	}, args)
}

// sessionJSON is a session for scripts.
type sessionJSON struct {
	ID       string    `json:"id"`
	UserID   string    `json:"user_id"`
	Name     string    `json:"name,omitempty"`
	Device   string    `json:"device"`
	Network  string    `json:"network"`
	State    string    `json:"state"` // open, expired, or "ended" with the reason
	Began    time.Time `json:"first_seen"`
	LastSeen time.Time `json:"last_seen"`
	Ended    time.Time `json:"ended,omitzero"`
	Shared   bool      `json:"shared_computer"`
}

func sessionView(s db.Session, name string, now time.Time) sessionJSON {
	return sessionJSON{
		ID: s.ID, UserID: s.UserID, Name: name, Device: deviceOf(s), Network: s.Network, State: stateOf(s, now),
		Began: s.Created, LastSeen: s.LastSeen, Ended: s.Ended, Shared: s.Shared,
	}
}

func deviceOf(s db.Session) string {
	name := auth.DeviceName(s.Device)
	if s.Shared {
		name += ", shared"
	}
	return name
}

func stateOf(s db.Session, now time.Time) string {
	switch {
	case !s.Ended.IsZero():
		return "ended: " + s.EndedWhy
	case !now.Before(s.Expires), now.Sub(s.LastSeen) >= s.Idle:
		return "expired"
	}
	return "open"
}

// page adds the flags of a list that comes in pages.
type page struct {
	limit int
	after string
}

const mostListed = 1000

func (p page) check() error {
	if p.limit < 1 || p.limit > mostListed {
		return misuse{fmt.Sprintf("--limit is %d; give a number from 1 to %d", p.limit, mostListed)}
	}
	return nil
}

// listEnd tells where the next page begins.
func (d *desk) listEnd(more bool, command, last string) error {
	if more {
		if _, err := fmt.Fprintf(d.stdout, "\nThere are more: portico %s --after %s\n", command, last); err != nil {
			return err
		}
	}
	return d.zoneNote()
}

// goneMark says that a list cannot go on after somebody or something.
func goneMark(err error, after string) error {
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("the list cannot go on after %q, which is not there any more; begin again without --after", after)
	}
	return err
}

func sessionsList(ctx context.Context, s *shell, args []string) error {
	f := s.flags("sessions list")
	var p page
	who := f.String("user", "", "only those of `PERSON`: an id, e-mail address or Campus One id")
	f.IntVar(&p.limit, "limit", 50, "show so many at most: `N`")
	f.StringVar(&p.after, "after", "", "go on after the session `ID`")
	return s.atDesk(ctx, f, args, 0, 0, func(ctx context.Context, d *desk, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		q := db.SessionQuery{Limit: p.limit, After: p.after}
		if *who != "" {
			u, err := d.person(ctx, *who)
			if err != nil {
				return err
			}
			q.UserID = u.ID
		}
		return d.listSessions(ctx, q, *who)
	})
}

func (d *desk) listSessions(ctx context.Context, q db.SessionQuery, who string) error {
	all, more, err := d.db.LiveSessions(ctx, q)
	if err != nil {
		return goneMark(err, q.After)
	}
	views, rows := make([]sessionJSON, len(all)), make([][]string, len(all))
	last := ""
	for i, l := range all {
		last = l.Session.ID
		views[i] = sessionView(l.Session, l.User.Name(), time.Now())
		rows[i] = []string{last, nameOf(l.User), deviceOf(l.Session), l.Session.Network, d.when(l.Session.Created), d.when(l.Session.LastSeen)}
	}
	switch {
	case d.json:
		return d.shell.json(listJSON[sessionJSON]{views, nextMark(more, last)})
	case len(all) == 0:
		return d.say(nil, "Nobody is signed in.")
	}
	if err := d.table([]string{"SESSION", "PERSON", "DEVICE", "NETWORK", "FIRST SEEN", "LAST SEEN"}, rows); err != nil {
		return err
	}
	command := "sessions list"
	if who != "" {
		command += " --user " + who
	}
	return d.listEnd(more, command, last)
}

// listJSON is one page of a list for scripts.
type listJSON[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // for --after
}

func nextMark(more bool, last string) string {
	if more {
		return last
	}
	return ""
}

// nameOf is what a person is called in a list.
func nameOf(u db.User) string {
	switch {
	case u.Name() != "":
		return u.Name()
	case u.Email() != "":
		return u.Email()
	}
	return u.Sub
}

func sessionsEnd(ctx context.Context, s *shell, args []string) error {
	f := s.flags("sessions end ID...|--user PERSON|--all")
	who := f.String("user", "", "all sessions of `PERSON`: an id, e-mail address or Campus One id")
	all := f.Bool("all", false, "all sessions of everybody")
	reason := f.String("reason", "", "`TEXT` for the audit")
	return s.atDesk(ctx, f, args, 0, math.MaxInt, func(ctx context.Context, d *desk, ids []string) error {
		chosen := 0
		for _, given := range []bool{len(ids) > 0, *who != "", *all} {
			if given {
				chosen++
			}
		}
		if chosen != 1 {
			return misuse{"name the sessions to end by id, or give --user PERSON, or --all: one of the three"}
		}
		n, err := d.end(ctx, ids, *who, db.Ending{By: d.operator(), Reason: *reason, At: time.Now()})
		if err != nil {
			return err
		}
		return d.say(map[string]int{"ended": n}, "%s ended.", counted(n, "session"))
	})
}

func (d *desk) end(ctx context.Context, ids []string, who string, e db.Ending) (int, error) {
	switch {
	case len(ids) > 0:
		n, err := d.db.EndChosen(ctx, ids, e)
		if none, ok := errors.AsType[db.ErrNoSession](err); ok {
			return 0, fmt.Errorf("there is no session %q, so none was ended; `portico sessions list` shows those there are", none.ID)
		}
		return n, err
	case who != "":
		u, err := d.person(ctx, who)
		if err != nil {
			return 0, err
		}
		return d.db.EndPerson(ctx, u.ID, e)
	}
	return d.db.EndEverybody(ctx, e)
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, strings.TrimSpace(noun))
}
