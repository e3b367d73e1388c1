package auth

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"portico/auth/campusone"
	"portico/db"
)

// nobodyHome is a Campus One that must not be asked.
type nobodyHome struct{ t *testing.T }

func (n nobodyHome) Away() bool { return true }
func (n nobodyHome) Refresh(context.Context, campusone.Secret) (campusone.Tokens, error) {
	n.t.Error("a token was spent while Campus One is away")
	return campusone.Tokens{}, campusone.ErrBusy
}
func (n nobodyHome) Userinfo(context.Context, campusone.Secret) (campusone.Profile, error) {
	n.t.Error("userinfo was asked while Campus One is away")
	return campusone.Profile{}, campusone.ErrBusy
}

type standingTest struct {
	*testing.T
	*Standing
	clock time.Time
	scope string // granted at each sign-in
}

func newStandingTest(t *testing.T) *standingTest {
	t.Helper()
	s := &standingTest{T: t, clock: time.Now()}
	now := func() time.Time { return s.clock }
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "portico.db"), db.Options{Create: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	seal, err := NewSealer(now, rand.Text()+rand.Text())
	if err != nil {
		t.Fatal(err)
	}
	policy := Policy{Roles: map[Permission][]RolePair{Reports: {{Name: "staff"}}}, RoleMaxAge: time.Hour}
	s.Standing = NewStanding(StandingConfig{After: time.Hour, Rate: 10}, seal, nobodyHome{t}, NewRules(policy), d, slog.New(slog.DiscardHandler), now)
	return s
}

// arrives is a sign-in by a person of a role.
func (s *standingTest) arrives(sub, role, refresh string) db.User {
	s.Helper()
	facts := []db.Fact{{Field: db.FieldRole, Value: role, AsOf: s.clock, Source: db.SourceIDToken}}
	u, _, err := s.db.SignIn(s.Context(), db.SignIn{Provider: "https://id.example", Sub: sub, Facts: facts, RoleSeen: true, Session: db.NewSession{
		TokenHash: rand.Text(), StateHash: rand.Text(), Began: s.clock, Created: s.clock, Expires: s.clock.Add(time.Hour), Idle: time.Hour,
	}})
	if err != nil {
		s.Fatal(err)
	}
	s.SignedIn(s.Context(), campusone.Identity{
		Provider: "https://id.example", Sub: sub, RefreshToken: campusone.Secret(refresh), AccessToken: "access", Expires: s.clock.Add(time.Hour), Scope: s.scope,
	})
	return u
}

// kept is the refresh token kept of a person, "" for none.
func (s *standingTest) kept(userID string) string {
	s.Helper()
	stored, err := s.db.Token(s.Context(), userID, kindRefresh)
	if err != nil {
		return ""
	}
	plain, err := s.seal.Open(purposeStored, userID, string(stored.Sealed))
	if err != nil {
		s.Fatal(err)
	}
	return string(plain)
}

func TestRefreshTokensOfHoldersAlone(t *testing.T) {
	s := newStandingTest(t)
	staff, student := s.arrives("ibrahim", "staff", "token-1"), s.arrives("amina", "student", "token-2")
	if s.kept(staff.ID) != "token-1" || s.kept(student.ID) != "" {
		t.Errorf("kept %q of staff and %q of a student", s.kept(staff.ID), s.kept(student.ID))
	}
	stored, err := s.db.Token(t.Context(), staff.ID, kindRefresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.seal.Open(purposeStored, student.ID, string(stored.Sealed)); err == nil {
		t.Error("the token opens as another person's")
	}
	if s.arrives("ibrahim", "staff", ""); s.kept(staff.ID) != "token-1" {
		t.Errorf("a sign-in without a refresh token left %q", s.kept(staff.ID))
	}
	if s.clock = s.clock.Add(time.Second); s.arrives("ibrahim", "student", "token-3").ID != staff.ID || s.kept(staff.ID) != "" {
		t.Errorf("%q is kept of somebody who is no staff any more", s.kept(staff.ID))
	}
}

func TestSweepDropsTokensOfTheDemoted(t *testing.T) {
	s := newStandingTest(t)
	demoted, blocked, staff := s.arrives("ibrahim", "staff", "1"), s.arrives("hadiza", "staff", "2"), s.arrives("musa", "staff", "3")
	s.clock = s.clock.Add(30 * 24 * time.Hour / 2) // their roles are too old to open anything
	_, err := s.db.Confirm(t.Context(), db.Confirmation{UserID: demoted.ID, Provider: demoted.Provider, Sub: demoted.Sub, RoleSeen: true, At: s.clock,
		Facts: []db.Fact{{Field: db.FieldRole, Value: "student", AsOf: s.clock, Source: db.SourceWebhook}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.db.Block(t.Context(), blocked.Provider, blocked.Sub, "test", "", s.clock); err != nil {
		t.Fatal(err)
	}
	s.sweep(t.Context())
	if s.kept(demoted.ID) != "" || s.kept(blocked.ID) != "" || s.kept(staff.ID) != "3" {
		t.Errorf("kept of the demoted %q, the blocked %q, the others %q", s.kept(demoted.ID), s.kept(blocked.ID), s.kept(staff.ID))
	}
}

func TestWhoIsDue(t *testing.T) {
	s := newStandingTest(t)
	staff, student := s.arrives("ibrahim", "staff", "1"), s.arrives("amina", "student", "2")
	s.clock = s.clock.Add(time.Hour)
	if s.due(&staff) {
		t.Error("due at an hour, want past it")
	}
	s.clock = s.clock.Add(time.Second)
	if !s.due(&staff) || s.due(&student) {
		t.Errorf("past the hour: staff due %v, a student due %v", s.due(&staff), s.due(&student))
	}
	if s.Confirm(t.Context(), &Live{User: &staff}) {
		t.Error("confirmed while Campus One is away")
	}
}
