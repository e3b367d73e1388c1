package auth

import (
	"testing"
	"time"

	"portico/db"
)

// Which refresh tokens are kept, and whether the access token is kept beside.
func TestWhoseTokensAreKept(t *testing.T) {
	const with, without = "openid offline_access notifications", "openid offline_access"
	for _, c := range []struct {
		name, role      string
		notices         bool
		scope           string
		declined        bool
		blocked         bool
		refresh, access bool
	}{
		{name: "a holder", role: "staff", scope: with, refresh: true},
		{name: "a student", role: "student", scope: with},
		{name: "a holder, notices on, granted", role: "staff", notices: true, scope: with, refresh: true, access: true},
		{name: "a holder, notices on, not granted", role: "staff", notices: true, scope: without, refresh: true},
		{name: "a holder, notices on, declined", role: "staff", notices: true, scope: with, declined: true, refresh: true},
		{name: "a student, notices on, granted", role: "student", notices: true, scope: with, refresh: true, access: true},
		{name: "a student, notices on, not granted", role: "student", notices: true, scope: without},
		{name: "a student, notices on, a scope of a like name", role: "student", notices: true, scope: "openid notifications.read"},
		{name: "a student, notices on, declined", role: "student", notices: true, scope: with, declined: true},
		{name: "a student, notices on, blocked", role: "student", notices: true, scope: with, blocked: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStandingTest(t)
			s.notices, s.scope = c.notices, c.scope
			u := s.arrives("amina", c.role, "token-1")
			if c.declined {
				if err := s.db.DeclineNotices(t.Context(), u.ID, kindRefresh, s.holder(&u), s.clock); err != nil {
					t.Fatal(err)
				}
			}
			if c.blocked {
				if err := s.db.Block(t.Context(), u.Provider, u.Sub, "test", "", s.clock); err != nil {
					t.Fatal(err)
				}
			}
			for _, when := range []string{"at once", "after another sign-in"} {
				s.sweep(t.Context())
				if got := s.kept(u.ID) != ""; got != c.refresh {
					t.Errorf("%s: the refresh token is kept: %v, want %v", when, got, c.refresh)
				}
				if k, _ := s.db.Token(t.Context(), u.ID, kindRefresh); (len(k.Access) > 0) != c.access {
					t.Errorf("%s: the access token is kept: %v, want %v", when, len(k.Access) > 0, c.access)
				}
				if !c.blocked {
					s.clock = s.clock.Add(time.Second)
					s.arrives("amina", c.role, "token-2")
				}
			}
		})
	}
}

// Switched off, what was kept to notify people goes, and their grant with it;
// what holders need stays, and so does what people declined.
func TestSwitchedOffDropsTokens(t *testing.T) {
	s := newStandingTest(t)
	s.notices, s.scope = true, "notifications"
	staff, student, quiet := s.arrives("ibrahim", "staff", "1"), s.arrives("amina", "student", "2"), s.arrives("chidi", "student", "3")
	if err := s.db.DeclineNotices(t.Context(), quiet.ID, kindRefresh, false, s.clock); err != nil {
		t.Fatal(err)
	}
	s.notices = false
	s.sweep(t.Context())
	if s.kept(staff.ID) != "1" || s.kept(student.ID) != "" {
		t.Errorf("kept of staff %q, of a student %q", s.kept(staff.ID), s.kept(student.ID))
	}
	for _, u := range []db.User{staff, student, quiet} {
		c, err := s.db.Consent(t.Context(), u.ID)
		if err != nil || !c.Granted.IsZero() || c.Declined.IsZero() != (u.ID != quiet.ID) {
			t.Errorf("%s: %+v (%v)", u.Sub, c, err)
		}
	}
}

// A token that Campus One takes no more is of no use, however it was granted.
func TestTokensGoAfterAWeek(t *testing.T) {
	s := newStandingTest(t)
	s.notices, s.scope = true, "notifications"
	staff, student := s.arrives("ibrahim", "staff", "1"), s.arrives("amina", "student", "2")
	s.clock = s.clock.Add(refreshLife - time.Second)
	if s.sweep(t.Context()); s.kept(student.ID) != "2" {
		t.Error("a token went before its week was over")
	}
	s.clock = s.clock.Add(time.Second)
	if s.sweep(t.Context()); s.kept(student.ID) != "" || s.kept(staff.ID) != "1" {
		t.Errorf("after a week: of a student %q, of staff %q", s.kept(student.ID), s.kept(staff.ID))
	}
}

// When a person takes the scope back, the next sign-in says so, and since when
// the portal may notify them starts anew.
func TestScopeComesAndGoes(t *testing.T) {
	s := newStandingTest(t)
	s.notices, s.scope = true, "notifications"
	u := s.arrives("amina", "student", "1")
	first := s.clock
	granted := func() time.Time {
		c, err := s.db.Consent(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return c.Granted
	}
	s.clock = s.clock.Add(time.Minute)
	if s.arrives("amina", "student", "2"); !granted().Equal(first.Truncate(time.Microsecond)) {
		t.Errorf("granted since %v, want the first time, %v", granted(), first)
	}
	s.scope = "openid"
	if s.arrives("amina", "student", "3"); !granted().IsZero() || s.kept(u.ID) != "" {
		t.Errorf("taken back: granted since %v, kept %q", granted(), s.kept(u.ID))
	}
}
