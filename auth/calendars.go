package auth

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

const (
	secretLetters  = 26 // rand.Text: at least 128 bits
	mostCalendars  = 20_000
	base32Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// Calendars knows whose personal calendar address is which. Phones ask often
// and have no session: the address is the proof. It is known only to the
// person; the database holds its hash, and it ends with the next one that is
// made, when it is taken back, and with the person's block or deletion.
//
// Whose it is is remembered as sessions are: whatever changes about the person
// forgets it, and nothing is believed while changes cannot be heard. So a
// phone that asks again costs no read.
type Calendars struct {
	db  *db.DB
	now func() time.Time

	mu        sync.Mutex
	forgotten uint64 // rises with each thing to forget
	people    map[string]*db.User
	addresses map[string]string // by user id, what people knows them by
}

// NewCalendars answers from a database.
func NewCalendars(d *db.DB, now func() time.Time) *Calendars {
	c := &Calendars{db: d, now: now, people: map[string]*db.User{}, addresses: map[string]string{}}
	d.OnChange(c.hear)
	return c
}

// hear forgets what a change makes out of date.
func (c *Calendars) hear(change db.Change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch change.Kind {
	case "user":
		c.forgotten++
		delete(c.people, c.addresses[change.Key])
		delete(c.addresses, change.Key)
	case "all":
		c.forgotten++
		clear(c.people)
		clear(c.addresses)
	}
}

// Make gives a person a new address and ends the one before. The secret in it
// is told this once.
func (c *Calendars) Make(ctx context.Context, userID string) (campusone.Secret, error) {
	secret := rand.Text()
	if err := c.db.NewCalendarAddress(ctx, userID, hashText(secret), c.now()); err != nil {
		return "", err
	}
	return campusone.Secret(secret), nil
}

// Revoke ends a person's address, if there is one, from the next request on.
func (c *Calendars) Revoke(ctx context.Context, userID string) error {
	return c.db.RevokeCalendarAddress(ctx, userID, userID, c.now())
}

// Made is when a person's address was made; zero when there is none.
func (c *Calendars) Made(ctx context.Context, userID string) (time.Time, error) {
	a, err := c.db.CalendarAddressOf(ctx, userID)
	if errors.Is(err, db.ErrNotFound) {
		return time.Time{}, nil
	}
	return a.Created, err
}

// Person is whose address has this secret; nil when it is nobody's any more.
func (c *Calendars) Person(ctx context.Context, secret string) (*db.User, error) {
	if len(secret) != secretLetters || strings.Trim(secret, base32Alphabet) != "" {
		return nil, nil
	}
	hash := hashText(secret)
	c.mu.Lock()
	user, before := c.people[hash], c.forgotten
	c.mu.Unlock()
	if user != nil && c.db.Trusted() {
		return user, nil
	}
	u, err := c.db.CalendarPerson(ctx, hash)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.keep(hash, &u, before)
	return &u, nil
}

// keep remembers what was read, unless anything was forgotten meanwhile.
func (c *Calendars) keep(hash string, u *db.User, before uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgotten != before {
		return
	}
	if len(c.people) >= mostCalendars {
		clear(c.people)
		clear(c.addresses)
	}
	c.people[hash], c.addresses[u.ID] = u, hash
}
