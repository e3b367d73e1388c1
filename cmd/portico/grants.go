package main

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"portico/auth"
	"portico/db"
)

// grantable are the permissions that can be given by name.
var grantable = []string{string(auth.Manage), string(auth.Publish), string(auth.Reports)}

// grantJSON is a grant for scripts.
type grantJSON struct {
	Permission string    `json:"permission"`
	Email      string    `json:"email"`
	State      string    `json:"state"` // waiting or held
	Sub        string    `json:"sub,omitempty"`
	By         string    `json:"granted_by"`
	At         time.Time `json:"granted_at"`
	Bound      time.Time `json:"held_since,omitzero"`
}

func grantView(g db.Grant) grantJSON {
	v := grantJSON{Permission: g.Permission, Email: g.Email, State: "waiting", Sub: g.Sub, By: g.By, At: g.At, Bound: g.Bound}
	if g.Sub != "" {
		v.State = "held"
	}
	return v
}

// grant gives a permission to an e-mail address, or lists who has one.
func grant(ctx context.Context, s *shell, args []string) error {
	f := s.flags("grant manage|publish|reports EMAIL, or: portico grant list")
	return s.atDesk(ctx, f, args, 1, 2, func(ctx context.Context, d *desk, words []string) error {
		if words[0] == "list" && len(words) > 1 {
			return tooMany(f, words[1])
		}
		if words[0] == "list" {
			return d.listGrants(ctx)
		}
		permission, email, err := grantWords("grant", words)
		if err != nil {
			return err
		}
		return d.grant(ctx, permission, email)
	})
}

// revoke takes a permission back.
func revoke(ctx context.Context, s *shell, args []string) error {
	f := s.flags("revoke manage|publish|reports EMAIL")
	return s.atDesk(ctx, f, args, 1, 2, func(ctx context.Context, d *desk, words []string) error {
		permission, email, err := grantWords("revoke", words)
		if err != nil {
			return err
		}
		return d.revoke(ctx, permission, email)
	})
}

// grantWords checks a permission and an address.
func grantWords(command string, words []string) (permission, email string, err error) {
	if !slices.Contains(grantable, words[0]) {
		return "", "", misuse{fmt.Sprintf("there is no permission %q; write manage, publish or reports", words[0])}
	}
	if len(words) < 2 {
		return "", "", misuse{fmt.Sprintf("write `portico %s %s EMAIL`", command, words[0])}
	}
	a, err := mail.ParseAddress(words[1])
	if err != nil || a.Address != words[1] {
		return "", "", misuse{fmt.Sprintf("%q is no e-mail address; write it as name@example.edu.ng", words[1])}
	}
	return words[0], strings.ToLower(words[1]), nil
}

func (d *desk) grant(ctx context.Context, permission, email string) error {
	had, err := d.grantOf(ctx, permission, email)
	if err != nil {
		return err
	}
	if had == nil {
		if err := d.db.Grant(ctx, permission, email, d.operator(), time.Now()); err != nil {
			return err
		}
		if had, err = d.grantOf(ctx, permission, email); err != nil || had == nil {
			return errors.Join(err, errors.New("the grant is not there any more: somebody took it back at this moment"))
		}
		return d.say(grantView(*had), "%s is given %s. It acts from their next sign-in on, if Campus One calls the address verified.", email, permission)
	}
	if had.Sub == "" {
		return d.say(grantView(*had), "%s was given %s before. It waits for their next sign-in with this address, verified.", email, permission)
	}
	return d.say(grantView(*had), "%s holds %s already.", email, permission)
}

func (d *desk) grantOf(ctx context.Context, permission, email string) (*db.Grant, error) {
	all, err := d.db.Grants(ctx)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(g db.Grant) bool { return g.Permission == permission && g.Email == email })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

func (d *desk) revoke(ctx context.Context, permission, email string) error {
	err := d.db.Revoke(ctx, permission, email, d.operator(), time.Now())
	switch {
	case errors.Is(err, db.ErrNotFound):
		return fmt.Errorf("%s was never given %s by name; `portico grant list` shows what was given", email, permission)
	case errors.Is(err, db.ErrLastManager):
		return lastManager(email)
	case err != nil:
		return err
	}
	return d.say(map[string]string{"permission": permission, "email": email, "state": "revoked"}, "%s has lost %s. It acts at their next click.", email, permission)
}

// lastManager says what to do before the last manager may go.
func lastManager(who string) error {
	return fmt.Errorf("%s is the last person who was given manage and holds it; run `portico grant manage EMAIL` for somebody else and let them sign in first", who)
}

func (d *desk) listGrants(ctx context.Context) error {
	all, err := d.db.Grants(ctx)
	if err != nil {
		return err
	}
	views, rows := make([]grantJSON, len(all)), make([][]string, len(all))
	for i, g := range all {
		views[i] = grantView(g)
		held := "waits for their sign-in"
		if g.Sub != "" {
			held = d.when(g.Bound)
		}
		rows[i] = []string{g.Permission, g.Email, held, d.when(g.At), g.By}
	}
	switch {
	case d.json:
		return d.shell.json(views)
	case len(all) == 0:
		return d.say(nil, "Nobody was given a permission by name. `portico grant manage EMAIL` does it.")
	}
	if err := d.table([]string{"PERMISSION", "E-MAIL", "HELD SINCE", "GRANTED", "BY"}, rows); err != nil {
		return err
	}
	return d.zoneNote()
}
