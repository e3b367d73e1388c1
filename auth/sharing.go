package auth

import (
	"fmt"
	"net/http"
)

// Share gives a session that began before somebody said that this computer is
// shared the short life of one there, and returns its cookie, which now ends
// with the browser.
func (g *Guard) Share(r *http.Request, l *Live) (*http.Cookie, error) {
	now := g.now()
	if err := g.db.ShareSession(r.Context(), l.Session.TokenHash, sharedIdle, now.Add(sharedMax), now); err != nil {
		return nil, fmt.Errorf("marking a session as one of a shared computer: %w", err)
	}
	return g.jar.set(cookieSession, g.jar.get(r, cookieSession), 0), nil
}
