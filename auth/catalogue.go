package auth

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

const (
	catalogueAge  = 24 * time.Hour
	catalogueWait = 1500 * time.Millisecond
	catalogueRest = 5 * time.Minute
)

// Catalogue knows faculties and departments by name. Campus One tells them to
// a signed-in person only, so each sign-in may bring them up to date.
type Catalogue struct {
	provider *campusone.Provider
	db       *db.DB
	log      *slog.Logger
	now      func() time.Time
	known    atomic.Pointer[names]
	busy     atomic.Bool
	rest     atomic.Int64 // Unix seconds; not asked again before, after a failure
}

type names struct {
	faculties, departments map[string]string
	at                     time.Time
}

// NewCatalogue reads what the database remembers.
func NewCatalogue(ctx context.Context, p *campusone.Provider, d *db.DB, log *slog.Logger, now func() time.Time) *Catalogue {
	c := &Catalogue{provider: p, db: d, log: log, now: now}
	c.known.Store(&names{})
	if old, err := d.Catalogue(ctx); err == nil {
		c.keep(old.Faculties, old.Departments, old.At)
	} else {
		log.Warn("faculties and departments cannot be read; they are asked for at the next sign-in", "error", err)
	}
	return c
}

// Faculty is a faculty's name, or "" for an unknown id: an id is never shown.
func (c *Catalogue) Faculty(id string) string { return c.known.Load().faculties[id] }

// Department is a department's name, or "" for an unknown id.
func (c *Catalogue) Department(id string) string { return c.known.Load().departments[id] }

// Refresh asks Campus One anew when what is known is over a day old. The very
// first time it waits a moment, so that the first person sees names too.
func (c *Catalogue) Refresh(ctx context.Context, token campusone.Secret) {
	known := c.known.Load()
	if token == "" || c.now().Sub(known.at) < catalogueAge || c.now().Unix() < c.rest.Load() || !c.busy.CompareAndSwap(false, true) {
		return
	}
	done, whole := make(chan struct{}), context.WithoutCancel(ctx)
	go func() {
		defer close(done)
		defer c.busy.Store(false)
		c.fetch(whole, token)
	}()
	if !known.at.IsZero() {
		return
	}
	wait, cancel := context.WithTimeout(ctx, catalogueWait)
	defer cancel()
	select {
	case <-done:
	case <-wait.Done():
	}
}

func (c *Catalogue) fetch(ctx context.Context, token campusone.Secret) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	faculties, departments, err := c.provider.Catalogue(ctx, token)
	if err != nil {
		c.log.Warn("Campus One did not tell its faculties and departments; asked again at a sign-in in five minutes", "error", err)
		c.rest.Store(c.now().Add(catalogueRest).Unix())
		return
	}
	now := c.now()
	c.keep(faculties, departments, now) // first: who hears of the new catalogue asks for its names
	if err := c.db.SaveCatalogue(ctx, faculties, departments, now); err != nil {
		c.log.Error("faculties and departments cannot be stored", "error", err)
	}
}

func (c *Catalogue) keep(faculties []db.Faculty, departments []db.Department, at time.Time) {
	n := &names{faculties: map[string]string{}, departments: map[string]string{}, at: at}
	for _, f := range faculties {
		n.faculties[f.ID] = f.Name
	}
	for _, d := range departments {
		n.departments[d.ID] = d.Name
	}
	c.known.Store(n)
}
