package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"portico/db"
)

// people lists, shows, blocks and unblocks whom the portal has met.
func people(ctx context.Context, s *shell, args []string) error {
	return s.verbs(ctx, "people", []verb{
		{"list", "", "list people, or search by name, e-mail address and student id", peopleList},
		{"show", "PERSON", "show all that is stored about one person", peopleShow},
		{"block", "PERSON", "keep a person out and end their sessions; public pages stay open to them", peopleBlock},
		{"unblock", "PERSON", "let a person sign in again", peopleUnblock},
	}, args)
}

// personJSON is a person for scripts.
type personJSON struct {
	ID         string    `json:"id"`
	Provider   string    `json:"provider"`
	Sub        string    `json:"sub"`
	Name       string    `json:"name"`
	Email      string    `json:"email"`
	StudentID  string    `json:"student_id"`
	Role       string    `json:"role"`
	Met        time.Time `json:"first_met"`
	LastSignIn time.Time `json:"last_sign_in,omitzero"`
	Erased     time.Time `json:"erased,omitzero"`
	Sessions   int       `json:"open_sessions"`
	Blocked    bool      `json:"blocked"`
	Granted    []string  `json:"granted"`
}

func personView(u db.User, lastSignIn time.Time, sessions int) personJSON {
	return personJSON{
		ID: u.ID, Provider: u.Provider, Sub: u.Sub, Name: u.Name(), Email: u.Email(), StudentID: u.StudentID(), Role: u.Role(),
		Met: u.Created, LastSignIn: lastSignIn, Erased: u.Deleted, Sessions: sessions, Blocked: u.Blocked, Granted: append([]string{}, u.Grants...),
	}
}

func peopleList(ctx context.Context, s *shell, args []string) error {
	f := s.flags("people list")
	var q db.PeopleQuery
	var p page
	f.StringVar(&q.Search, "search", "", "only whose name, e-mail address or student id has words that begin like `TEXT`")
	f.BoolVar(&q.Newest, "newest", false, "who was met last comes first; by name otherwise")
	f.BoolVar(&q.Blocked, "blocked", false, "only who is blocked")
	f.IntVar(&p.limit, "limit", 50, "show so many at most: `N`")
	f.StringVar(&p.after, "after", "", "go on after the person with this `ID`")
	return s.atDesk(ctx, f, args, 0, 0, func(ctx context.Context, d *desk, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		q.Limit, q.After = p.limit, p.after
		return d.listPeople(ctx, q)
	})
}

func (d *desk) listPeople(ctx context.Context, q db.PeopleQuery) error {
	all, more, err := d.db.People(ctx, q)
	if err != nil {
		return goneMark(err, q.After)
	}
	views, rows := make([]personJSON, len(all)), make([][]string, len(all))
	last := ""
	for i, l := range all {
		last = l.ID
		views[i] = personView(l.User, l.LastSignIn, l.Sessions)
		rows[i] = []string{l.ID, l.Name(), l.Email(), l.StudentID(), l.Role(), d.when(l.LastSignIn), noteOf(l)}
	}
	switch {
	case d.json:
		return d.shell.json(listJSON[personJSON]{views, nextMark(more, last)})
	case len(all) == 0:
		return d.say(nil, "Nobody was found.")
	}
	if err := d.table([]string{"ID", "NAME", "E-MAIL", "STUDENT ID", "ROLE", "LAST SIGN-IN", "NOTE"}, rows); err != nil {
		return err
	}
	return d.listEnd(more, listAgain(q), last)
}

// noteOf is what a list says of a person besides their facts.
func noteOf(l db.PersonLine) string {
	var notes []string
	if l.Blocked {
		notes = append(notes, "blocked")
	}
	if l.Sessions > 0 {
		notes = append(notes, "signed in")
	}
	for _, g := range l.Grants {
		notes = append(notes, "may "+g)
	}
	return strings.Join(notes, ", ")
}

// listAgain is the command that made a list.
func listAgain(q db.PeopleQuery) string {
	command := "people list"
	if q.Search != "" {
		command += " --search '" + strings.ReplaceAll(shown(q.Search), "'", `'\''`) + "'"
	}
	if q.Newest {
		command += " --newest"
	}
	if q.Blocked {
		command += " --blocked"
	}
	return command
}

// blockJSON is the outcome of blocking or unblocking for scripts.
type blockJSON struct {
	ID      string `json:"id,omitempty"`
	Sub     string `json:"sub"`
	Blocked bool   `json:"blocked"`
}

func peopleBlock(ctx context.Context, s *shell, args []string) error {
	f := s.flags("people block PERSON")
	reason := f.String("reason", "", "`TEXT` for the audit and whoever looks at the person later")
	unmet := f.Bool("unmet", false, "PERSON is the Campus One id of somebody whom the portal has not met")
	return s.atDesk(ctx, f, args, 1, 1, func(ctx context.Context, d *desk, words []string) error {
		u, err := d.toBlock(ctx, words[0], *unmet)
		if err != nil {
			return err
		}
		had, err := d.db.BlockOf(ctx, u.Provider, u.Sub)
		if err != nil {
			return err
		}
		if had != nil {
			return d.say(blockJSON{u.ID, u.Sub, true}, "%s is blocked already.", shown(nameOf(u)))
		}
		err = d.db.Block(ctx, u.Provider, u.Sub, d.operator(), *reason, time.Now())
		if errors.Is(err, db.ErrLastManager) {
			return lastManager(shown(nameOf(u)))
		} else if err != nil {
			return err
		}
		return d.say(blockJSON{u.ID, u.Sub, true}, "%s is blocked, and every session ended. Public pages stay open to them.", shown(nameOf(u)))
	})
}

// toBlock finds a person to block or, when they were never met, names them.
func (d *desk) toBlock(ctx context.Context, key string, unmet bool) (db.User, error) {
	u, err := d.person(ctx, key)
	if _, unknown := errors.AsType[unknownPerson](err); !unknown || !unmet {
		if unknown {
			err = fmt.Errorf("%w. To block somebody the portal has not met, give their Campus One id and add --unmet", err)
		}
		return u, err
	}
	provider, err := d.db.Provider(ctx)
	if errors.Is(err, db.ErrNotFound) {
		err = errors.New("the portal has not run with this database yet; start it once, then block")
	}
	return db.User{Provider: provider, Sub: key}, err
}

func peopleUnblock(ctx context.Context, s *shell, args []string) error {
	f := s.flags("people unblock PERSON")
	reason := f.String("reason", "", "`TEXT` for the audit")
	return s.atDesk(ctx, f, args, 1, 1, func(ctx context.Context, d *desk, words []string) error {
		b, u, err := d.blocked(ctx, words[0])
		if err != nil {
			return err
		}
		if b == nil {
			return d.say(blockJSON{u.ID, u.Sub, false}, "%s is not blocked.", shown(nameOf(u)))
		}
		if err := d.db.Unblock(ctx, b.Provider, b.Sub, d.operator(), *reason, time.Now()); err != nil {
			return err
		}
		return d.say(blockJSON{u.ID, b.Sub, false}, "%s may sign in again.", shown(nameOf(u)))
	})
}

// blocked finds a block by whom it keeps out, met or not.
func (d *desk) blocked(ctx context.Context, key string) (*db.BlockedPerson, db.User, error) {
	u, err := d.person(ctx, key)
	if err == nil {
		b, err := d.db.BlockOf(ctx, u.Provider, u.Sub)
		return b, u, err
	}
	if _, unknown := errors.AsType[unknownPerson](err); !unknown {
		return nil, u, err
	}
	all, listErr := d.db.Blocks(ctx)
	if listErr != nil {
		return nil, u, listErr
	}
	for _, b := range all {
		if b.Sub == key {
			return &b, db.User{Provider: b.Provider, Sub: b.Sub}, nil
		}
	}
	return nil, u, err
}
