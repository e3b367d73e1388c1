package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"portico/auth"
	"portico/cmd/internal/portal"
	"portico/db"
)

const historyShown = 20 // lines of sign-ins and of the audit

func peopleShow(ctx context.Context, s *shell, args []string) error {
	f := s.flags("people show PERSON")
	limit := f.Int("limit", historyShown, "show so many sign-ins and lines of the audit: `N`")
	return s.atDesk(ctx, f, args, 1, 1, func(ctx context.Context, d *desk, words []string) error {
		if err := (page{limit: *limit}).check(); err != nil {
			return err
		}
		u, err := d.person(ctx, words[0])
		if err != nil {
			return err
		}
		p, err := d.db.PersonRecord(ctx, u.ID, *limit)
		if err != nil {
			return err
		}
		if d.json {
			return d.shell.json(d.recordView(&p))
		}
		return d.showRecord(&p)
	})
}

// sources say in plain words who told a fact.
var sources = map[string]string{
	db.SourceIDToken: "sign-in", db.SourceUserinfo: "sign-in (profile)", db.SourceWebhook: "event of Campus One", db.SourceConfirmation: "confirmation", "": "when first met",
}

// may lists what a person may do now, and by what.
func may(c *portal.Config, u *db.User, now time.Time) []string {
	var all []string
	if u.Blocked || !u.Deleted.IsZero() {
		return all
	}
	policy := portal.Policy(c)
	for _, p := range []auth.Permission{auth.Manage, auth.Publish, auth.Reports} {
		if why := policy.Why(u, p, now); why != auth.NotHeld {
			all = append(all, string(p)+" ("+grounds[why]+")")
		}
	}
	return all
}

// grounds say by what a permission is held.
var grounds = map[auth.Ground]string{auth.ByGrant: "granted", auth.ByManage: "with manage", auth.ByRole: "by role"}

// section is one part of what is shown about a person.
type section struct {
	headings []string
	rows     [][]string
}

func (d *desk) showRecord(p *db.PersonRecord) error {
	if err := d.showHead(p); err != nil {
		return err
	}
	for _, s := range []section{d.factRows(p), d.roleRows(p), d.sessionRows(p), d.signInRows(p), d.grantRows(p), d.auditRows(p)} {
		if len(s.rows) == 0 {
			continue
		}
		fmt.Fprintln(d.stdout)
		if err := d.table(s.headings, s.rows); err != nil {
			return err
		}
	}
	return d.zoneNote()
}

func (d *desk) showHead(p *db.PersonRecord) error {
	permissions := strings.Join(may(d.config, &p.User, time.Now()), ", ")
	if permissions == "" {
		permissions = "nothing but read"
	}
	rows := [][]string{{"id", p.ID}, {"Campus One id", p.Sub}, {"first met", d.when(p.Created)}, {"may", permissions}}
	if p.Block != nil {
		blocked := "since " + d.when(p.Block.At) + " by " + p.Block.By
		if p.Block.Reason != "" {
			blocked += ": " + p.Block.Reason
		}
		rows = append(rows, []string{"blocked", blocked})
	}
	if !p.Deleted.IsZero() {
		rows = append(rows, []string{"erased", d.when(p.Deleted) + ", when Campus One deleted the account"})
	}
	return d.table([]string{shown(nameOf(p.User))}, rows)
}

func (d *desk) factRows(p *db.PersonRecord) section {
	s := section{headings: []string{"FACT", "VALUE", "AS OF", "TOLD BY"}}
	for _, f := range p.OrderedFacts() {
		s.rows = append(s.rows, []string{strings.ReplaceAll(f.Field, "_", " "), f.Value, d.when(f.AsOf), sources[f.Source]})
	}
	return s
}

func (d *desk) roleRows(p *db.PersonRecord) section {
	s := section{headings: []string{"ROLE", "SINCE", "TOLD BY"}}
	for _, r := range p.Timeline {
		role := r.Role
		if role == "" {
			role = "none"
		}
		s.rows = append(s.rows, []string{role, d.when(r.Since), sources[r.Source]})
	}
	return s
}

func (d *desk) sessionRows(p *db.PersonRecord) section {
	s := section{headings: []string{"SESSION", "DEVICE", "NETWORK", "FIRST SEEN", "LAST SEEN", "STATE"}}
	for _, one := range p.Sessions {
		s.rows = append(s.rows, []string{one.ID, deviceOf(one), one.Network, d.when(one.Created), d.when(one.LastSeen), stateOf(one, time.Now())})
	}
	return s
}

func (d *desk) signInRows(p *db.PersonRecord) section {
	s := section{headings: []string{"SIGN-IN", "HOW"}}
	for _, one := range p.SignIns {
		s.rows = append(s.rows, []string{d.when(one.At), howOf(one)})
	}
	return s
}

func howOf(s db.PastSignIn) string {
	if s.Silent {
		return "recognised without a click"
	}
	return "pressed Sign in"
}

func (d *desk) grantRows(p *db.PersonRecord) section {
	s := section{headings: []string{"GRANT", "E-MAIL", "HELD SINCE", "GRANTED", "BY"}}
	for _, g := range p.Named {
		s.rows = append(s.rows, []string{g.Permission, g.Email, d.when(g.Bound), d.when(g.At), g.By})
	}
	return s
}

func (d *desk) auditRows(p *db.PersonRecord) section {
	s := section{headings: []string{"DONE", "WHAT", "BY", "DETAIL"}}
	for _, e := range p.Audit {
		by := e.Actor
		if by == p.ID {
			by = nameOf(p.User)
		}
		s.rows = append(s.rows, []string{d.when(e.At), cmp.Or(deeds[e.Action], e.Action), by, detailOf(e)})
	}
	return s
}

// deeds say in plain words what the audit notes about people.
var deeds = map[string]string{
	"grant": "permission given", "grant.bound": "permission took hold", "revoke": "permission taken back",
	"block": "blocked", "unblock": "unblocked", "session.end": "session ended", "sessions.end": "all sessions ended",
}

// detailOf is what an entry says besides whom it is about.
func detailOf(e db.AuditEntry) string {
	switch e.Action {
	case "grant", "revoke":
		return e.Object + ", " + e.Detail
	case "grant.bound":
		return e.Object
	}
	return e.Detail
}

// recordJSON is all about one person for scripts.
type recordJSON struct {
	personJSON
	May      []string      `json:"may"`
	Block    *blockView    `json:"block"`
	Facts    []factJSON    `json:"facts"`
	Roles    []roleJSON    `json:"roles"`
	Sessions []sessionJSON `json:"sessions"`
	SignIns  []signInJSON  `json:"sign_ins"`
	Grants   []grantJSON   `json:"grants"`
	Audit    []auditJSON   `json:"audit"`
}

type blockView struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

type factJSON struct {
	Field  string    `json:"field"`
	Value  string    `json:"value"`
	AsOf   time.Time `json:"as_of"`
	Source string    `json:"source"`
}

type roleJSON struct {
	Role   string    `json:"role"`
	Since  time.Time `json:"since"`
	Source string    `json:"source"` // "" is as they were first met
}

type signInJSON struct {
	At     time.Time `json:"at"`
	Silent bool      `json:"silent"`
}

type auditJSON struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Object string    `json:"object"`
	Detail string    `json:"detail"`
}

func (d *desk) recordView(p *db.PersonRecord) recordJSON {
	now := time.Now()
	v := recordJSON{
		May:      append([]string{}, may(d.config, &p.User, now)...),
		Facts:    each(p.OrderedFacts(), func(f db.Fact) factJSON { return factJSON{f.Field, f.Value, f.AsOf, f.Source} }),
		Roles:    each(p.Timeline, func(r db.RoleStep) roleJSON { return roleJSON(r) }),
		Sessions: each(p.Sessions, func(s db.Session) sessionJSON { return sessionView(s, p.Name(), now) }),
		SignIns:  each(p.SignIns, func(s db.PastSignIn) signInJSON { return signInJSON(s) }),
		Grants:   each(p.Named, grantView),
		Audit:    each(p.Audit, func(e db.AuditEntry) auditJSON { return auditJSON(e) }),
	}
	if p.Block != nil {
		v.Block = &blockView{p.Block.At, p.Block.By, p.Block.Reason}
	}
	var last time.Time
	if len(p.SignIns) > 0 {
		last = p.SignIns[0].At
	}
	open := 0
	for _, s := range v.Sessions {
		if s.State == "open" {
			open++
		}
	}
	v.personJSON = personView(p.User, last, open)
	return v
}

// each makes a list for scripts, [] when it is empty.
func each[T, V any](all []T, view func(T) V) []V {
	out := make([]V, len(all))
	for i, one := range all {
		out[i] = view(one)
	}
	return out
}
