package dbtest

import (
	"slices"
	"strings"
	"time"

	"portico/db"
)

var deletionTests = map[string]func(suite){
	"it leaves a tombstone":                 testDelete,
	"of a person never met":                 testDeleteUnknown,
	"late news does not bring anybody back": testLateNews,
	"a sign-out after it":                   testSignOutAfterDeletion,
	"what came after it is a new person":    testHeir,
	"it comes late for somebody new":        testPredecessor,
	"what webhooks said is emptied":         testEmptied,
	"id_tokens go too":                      testIDTokensGo,
}

func testDelete(s suite) {
	ctx := s.Context()
	s.must(s.db.Grant(ctx, "publish", "amina@nile.example", "operator", after(1)))
	s.deliver(after(5), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(5))}})
	u := s.signInAs("amina", "amina@nile.example", 10)
	_, ahead := s.signIn(signIn("amina", after(60)))
	s.must(s.db.SaveToken(ctx, db.Token{UserID: u.ID, Kind: "refresh", Sealed: []byte("t"), Stored: after(10)}))
	s.must(s.db.DeclineNotices(ctx, u.ID, "other", false, after(11)))
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true, EndWhy: "deleted"}), db.StateProcessed)
	s.equal(s.consent(u.ID), db.Consent{})

	grave := s.user(u.ID)
	s.equal(grave, db.User{ID: u.ID, Provider: provider, Sub: "amina", Created: u.Created, Deleted: after(20), EndedBefore: after(20), Facts: db.Facts{}})
	ended := s.session(ahead.TokenHash)
	s.equal([]any{ended.EndedWhy, ended.Device, ended.Network}, []any{"deleted", "", ""})
	_, err := s.db.Token(ctx, u.ID, "refresh")
	s.mustBe(err, db.ErrNotFound)
	s.traceless("Amina", "amina@nile.example")

	_, _, err = s.db.SignIn(ctx, signIn("amina", after(20)))
	s.mustBe(err, db.ErrEnded)
	other := s.signInAs("amina", "amina@nile.example", 30)
	if other.ID == u.ID || len(other.Grants) > 0 {
		s.Fatalf("the new person %v is the old one", other)
	}
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true}), db.StateSuperseded)
	s.equal(s.user(other.ID).Deleted, time.Time{})
}

// traceless looks for personal words where they could have been left.
func (s suite) traceless(words ...string) {
	s.Helper()
	for _, query := range []string{
		`SELECT facts || name || email || student_id FROM users`, `SELECT email FROM grants`, `SELECT detail || object FROM audit`, `SELECT error || notes FROM deliveries`,
	} {
		rows, err := s.db.Reader().QueryContext(s.Context(), query)
		s.must(err)
		for rows.Next() {
			var text string
			s.must(rows.Scan(&text))
			if slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) }) {
				s.Errorf("%s still has %q", query, text)
			}
		}
		s.must(rows.Err())
		s.must(rows.Close())
	}
}

func testDeleteUnknown(s suite) {
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true, Create: true}), db.StateProcessed)
	_, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.mustBe(err, db.ErrNotFound)
	_, _, err = s.db.SignIn(s.Context(), signIn("amina", after(15)))
	s.mustBe(err, db.ErrEnded)
	s.equal(s.deliver(after(10), db.Effect{Sub: "amina", Delete: true}), db.StateSuperseded)
}

func testLateNews(s suite) {
	s.signIn(signIn("amina", after(10)))
	s.deliver(after(20), db.Effect{Sub: "amina", Delete: true})
	late := db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(15))}}
	s.equal(s.deliver(after(15), late), db.StateSuperseded)
	_, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.mustBe(err, db.ErrNotFound)
	u, _ := s.signIn(signIn("amina", after(30)))
	s.equal(s.deliver(after(15), late), db.StateSuperseded)
	now := s.user(u.ID)
	s.equal(now.Name(), "")
}

// news is a webhook stored with the words it is to be found by.
func (s suite) news(key, sub, state string, occurred int, fields ...string) db.Delivery {
	s.Helper()
	v := db.Delivery{Key: key, Event: "user.updated", Occurred: after(occurred), Received: after(100), NextTry: after(100), User: sub, State: state, Fields: fields, Body: []byte("Amina Yusuf")}
	s.equal(s.store(v), true)
	return v
}

func (s suite) stored(key string) db.Delivery {
	s.Helper()
	v, err := s.db.Delivery(s.Context(), key)
	s.must(err)
	return v
}

func testSignOutAfterDeletion(s suite) {
	s.deliver(after(20), db.Effect{Sub: "amina", Delete: true})
	end := db.Effect{Sub: "amina", Create: true, EndBefore: after(30), EndWhy: "signed out"}
	s.equal(s.deliver(after(30), end), db.StateProcessed)
	s.equal(s.deliver(after(30), end), db.StateSuperseded)
	_, _, err := s.db.SignIn(s.Context(), signIn("amina", after(25)))
	s.mustBe(err, db.ErrEnded)
	s.signIn(signIn("amina", after(31)))
}

// testHeir: the deletion comes after news that is later than it. The outcome
// is as if both had come in order.
func testHeir(s suite) {
	u, session := s.signIn(signIn("amina", after(10), fact(db.FieldName, "Amina", after(10)), fact(db.FieldRole, "student", after(10))))
	s.deliver(after(30), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldRole, "alumni", after(30))}})
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true, EndBefore: after(20), EndWhy: "deleted"}), db.StateProcessed)
	s.equal([]any{s.user(u.ID).Deleted, s.session(session.TokenHash).EndedWhy}, []any{after(20), "deleted"})
	heir, err := s.db.UserBySub(s.Context(), provider, "amina")
	s.must(err)
	s.equal(heir, db.User{ID: heir.ID, Provider: provider, Sub: "amina", Created: after(30), RoleConfirmed: after(30),
		Facts: db.Facts{told(db.FieldRole, "alumni", after(30))}})
	changes, err := s.db.RoleChanges(s.Context(), heir.ID)
	s.must(err)
	s.equal(changes, []db.RoleChange{{UserID: heir.ID, At: after(30), New: "alumni", Source: db.SourceWebhook}})
	changes, err = s.db.RoleChanges(s.Context(), u.ID)
	s.must(err)
	s.equal(len(changes), 0)
}

// testPredecessor: somebody new keeps what is theirs and their session.
func testPredecessor(s suite) {
	u, session := s.signIn(signIn("amina", after(30), fact(db.FieldName, "Amina the second", after(30))))
	s.must(s.db.Grant(s.Context(), "publish", "amina@nile.example", "operator", after(31)))
	s.equal(s.deliver(after(20), db.Effect{Sub: "amina", Delete: true, EndBefore: after(20)}), db.StateProcessed)
	now := s.user(u.ID)
	s.equal([]any{now.Name(), now.Deleted, s.session(session.TokenHash).Ended}, []any{"Amina the second", time.Time{}, time.Time{}})
	s.equal(s.deliver(after(15), db.Effect{Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldEmail, "first@nile.example", after(15))}}), db.StateSuperseded)
	now = s.user(u.ID)
	s.equal(now.Email(), "")
	_, _, err := s.db.SignIn(s.Context(), signIn("amina", after(20)))
	s.mustBe(err, db.ErrEnded)
}

func testEmptied(s suite) {
	s.must(s.db.BindProvider(s.Context(), provider))
	u, _ := s.signIn(signIn("amina", after(1)))
	states := map[string]string{"pending": db.StateSuperseded, "dead": db.StateSuperseded, "dropped": db.StateSuperseded, "stale": db.StateStale, "ignored": db.StateIgnored}
	for state := range states {
		s.news(state, "amina", state, 10)
	}
	s.news("of another", "obi", db.StatePending, 10)
	s.news("afterwards", "amina", db.StatePending, 30)
	gone := s.news("deletion", "amina", db.StatePending, 20)
	_, err := s.db.Apply(s.Context(), gone, db.Effect{Provider: provider, Sub: "amina", Delete: true, EndBefore: after(20)})
	s.must(err)
	s.equal(s.user(u.ID).Deleted, after(20))
	states["deletion"] = db.StateProcessed
	for key, want := range states {
		v := s.stored(key)
		s.equal([]any{v.State, string(v.Body), v.Notes, v.Event, v.User}, []any{want, "", db.NoteForgotten, "user.updated", "amina"})
	}
	for _, key := range []string{"of another", "afterwards"} {
		v := s.stored(key)
		s.equal([]any{v.State, string(v.Body), v.Notes}, []any{db.StatePending, "Amina Yusuf", ""})
	}
	// What comes only now is not kept either, whether it would be applied or not.
	late := s.news("late", "amina", db.StatePending, 15)
	state, err := s.db.Apply(s.Context(), late, db.Effect{Provider: provider, Sub: "amina", Create: true, Facts: []db.Fact{told(db.FieldName, "Amina", after(15))}})
	s.must(err)
	s.equal([]any{state, string(s.stored("late").Body)}, []any{db.StateSuperseded, ""})
	s.news("late and stale", "amina", db.StateStale, 15)
	s.news("stale of another", "obi", db.StateStale, 15)
	s.news("later", "amina", db.StateIgnored, 25)
	s.equal([]string{string(s.stored("late and stale").Body), string(s.stored("stale of another").Body), string(s.stored("later").Body)}, []string{"", "Amina Yusuf", "Amina Yusuf"})
}

func testIDTokensGo(s suite) {
	ctx := s.Context()
	end := func(sub string, e db.Effect) (data, parked bool) {
		u, session := s.signIn(signIn(sub, after(10)))
		insert := `INSERT INTO sessions (token, data, expiry) VALUES ($1, $2, 2460000.5)`
		if s.db.Engine() == db.Postgres {
			insert = `INSERT INTO sessions (token, data, expiry) VALUES ($1, $2, now())`
		}
		_, err := s.db.Writer().ExecContext(ctx, insert, session.TokenHash, []byte("sealed"))
		s.must(err)
		s.must(s.db.Park(ctx, u.ID, sub, []byte("sealed"), after(15), after(0)))
		e.Sub = sub
		s.deliver(after(20), e)
		var n int
		s.must(s.db.Reader().QueryRowContext(ctx, `SELECT count(*) FROM sessions WHERE token = $1`, session.TokenHash).Scan(&n))
		_, err = s.db.TakeParked(ctx, sub, after(0))
		return n > 0, err == nil
	}
	for _, c := range []struct {
		sub    string
		effect db.Effect
		kept   bool
	}{
		{"signed-out", db.Effect{EndBefore: after(20), EndWhy: "x"}, true},
		{"disconnected", db.Effect{EndBefore: after(20), EndWhy: "x", DropTokens: true}, false},
		{"deleted", db.Effect{EndBefore: after(20), Delete: true}, false},
	} {
		data, parked := end(c.sub, c.effect)
		s.equal([]any{c.sub, data, parked}, []any{c.sub, c.kept, c.kept})
	}
}
