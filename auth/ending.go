package auth

import (
	"errors"
	"fmt"
	"net/http"

	"portico/db"
)

// Ending is how the session ended that a browser still has the cookie of.
type Ending int

// The ways a session ends. A browser whose session did not end by time must
// not be signed in again unasked, or the silent check would undo the ending.
const (
	EndedByTime  Ending = iota // or there is none
	EndedByHand                // by a person, an administrator or Campus One
	EndedByBlock               // the person is blocked
)

// Ending tells how the session of the request's cookie ended. An error means
// that the database could not be asked: then nobody may be signed in unasked.
func (g *Guard) Ending(r *http.Request) (Ending, error) {
	token := g.jar.get(r, cookieSession)
	if !wellFormed(token) {
		return EndedByTime, nil
	}
	s, u, err := g.db.SessionByToken(r.Context(), hashText(token))
	switch {
	case errors.Is(err, db.ErrNotFound):
		return EndedByTime, nil
	case err != nil:
		return EndedByTime, fmt.Errorf("reading how a session ended: %w", err)
	}
	return endingOf(&s, &u), nil
}

func endingOf(s *db.Session, u *db.User) Ending {
	switch {
	case u.Blocked:
		return EndedByBlock
	case !u.Deleted.IsZero():
		return EndedByHand
	case s.Ended.IsZero():
		if !u.EndedBefore.IsZero() && !s.Began.After(u.EndedBefore) {
			return EndedByHand
		}
		return EndedByTime
	}
	switch s.EndedWhy {
	case "replaced", endedNotStored, endedStanding, endedUnconfirmed:
		return EndedByTime
	}
	return EndedByHand
}
