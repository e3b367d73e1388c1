package campusonetest

import (
	"context"
	"crypto/rand"
	"time"
)

// What an administrator or the person does at the provider. Each deed sends
// its webhook before it returns, and returns what was answered; the list is
// empty when no client has a webhook address or nobody has that sub.

// SignOutCentrally ends the person's sessions and deletes all their tokens.
func (s *Server) SignOutCentrally(sub string) []Delivery {
	s.vault.endUser(sub)
	if _, ok := s.people.find(sub); !ok {
		return nil
	}
	return s.tell("session.signed_out", map[string]any{"user_id": sub})
}

// SetRole gives the person another primary role. Tokens stay; userinfo shows
// the change at once.
func (s *Server) SetRole(sub, role string) []Delivery {
	before, after, ok := s.people.change(sub, func(p *Person) {
		p.Role, p.OmitRole, p.Roles = role, false, nil
	})
	if !ok {
		return nil
	}
	return s.tell("user.role_changed", map[string]any{
		"user_id": sub, "email": after.Email, "previous_role": before.Role, "new_role": role,
	})
}

// Update changes any fields of the person but the sub.
func (s *Server) Update(sub string, edit func(*Person)) []Delivery {
	_, after, ok := s.people.change(sub, edit)
	if !ok {
		return nil
	}
	return s.tell("user.updated", eventData(after))
}

// Create adds a person.
func (s *Server) Create(p Person) []Delivery {
	s.people.put(p)
	return s.tell("user.created", eventData(p))
}

// Delete removes the person with everything they hold.
func (s *Server) Delete(sub string) []Delivery {
	p, ok := s.people.remove(sub)
	s.vault.endUser(sub)
	if !ok {
		return nil
	}
	return s.tell("user.deleted", map[string]any{"user_id": sub, "email": p.Email})
}

// Disconnect is the person taking one application's access back. The event
// has an envelope of its own, without an id.
func (s *Server) Disconnect(sub, clientID string) []Delivery {
	s.vault.disconnect(sub, clientID)
	return s.tell("user.disconnected", map[string]any{"userId": sub, "clientId": clientID})
}

// Consent records that the person has approved the client for the scopes.
func (s *Server) Consent(sub, clientID string, scopes ...string) {
	s.vault.consent(sub, clientID, scopes)
}

// Refuse has the person grant the client all it asks for but these scopes, from
// the next sign-in on; with none it grants everything again.
func (s *Server) Refuse(sub, clientID string, scopes ...string) {
	s.vault.refuse(sub, clientID, scopes)
}

// Tokens is a whole sign-in of the person at a client without the browser: what
// the token endpoint would answer.
func (s *Server) Tokens(sub, clientID string, scopes ...string) (access, refresh string, expires time.Time) {
	g := grant{sub: sub, client: clientID, scopes: s.vault.granted(sub, clientID, scopes), family: rand.Text()}
	access, refresh = s.vault.issueTokens(g, g.has("offline_access"))
	return access, refresh, s.now().Add(accessLife)
}

// Reused counts the lines of refresh tokens that ended because one of them was
// used a second time.
func (s *Server) Reused() int {
	s.vault.mu.Lock()
	defer s.vault.mu.Unlock()
	return s.vault.reused
}

// ExpireAccess ends the person's access tokens without a word, as time does.
func (s *Server) ExpireAccess(sub string) { s.vault.expireAccess(sub) }

// EndSessionsSilently signs the person out without sending the event, as if
// it had been lost on the way.
func (s *Server) EndSessionsSilently(sub string) { s.vault.endUser(sub) }

// Person returns one person as they are now.
func (s *Server) Person(sub string) (Person, bool) { return s.people.find(sub) }

func (s *Server) tell(event string, data map[string]any) []Delivery {
	return s.deliver(context.Background(), Webhook{Event: event, Data: data})
}

// eventData is what integrators have read in the undocumented events.
func eventData(p Person) map[string]any {
	return map[string]any{
		"user_id": p.Sub, "email": p.Email, "name": p.Name, "role": p.Role, "student_id": p.StudentID,
		"level": p.Level, "faculty_id": p.FacultyID, "department_id": p.DepartmentID,
	}
}
