package dbtest

import (
	"crypto/rand"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"portico/db"
)

// provider is the one all people of the suite come from.
const provider = "https://id.example"

// start is the suite's beginning of time.
var start = time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)

// after is a moment some seconds after the start.
func after(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }

// suite is one database with the means to ask it things.
type suite struct {
	*testing.T
	db *db.DB
}

// Run runs the suite; open gives each test an empty database of its own.
func Run(t *testing.T, open func(t *testing.T) *db.DB) {
	families := map[string]map[string]func(s suite){
		"people": peopleTests, "sign-in": signInTests, "sessions": sessionTests, "grants": grantTests,
		"deliveries": deliveryTests, "small": smallTests, "changes": changeTests, "standing": standingTests, "inbox": inboxTests,
		"directory": directoryTests, "content": contentTests, "attachments": attachmentTests, "drafts": draftTests, "imports": importTests, "desk": deskTests, "readers": readerTests, "order": orderTests, "deletion": deletionTests, "drift": driftTests, "account": accountTests, "upkeep": upkeepTests, "manage": manageTests,
		"consents": consentTests, "notices": noticeTests,
		"reports": reportTests,
	}
	for family, tests := range families {
		for name, test := range tests {
			t.Run(family+"/"+name, func(t *testing.T) { test(suite{t, open(t)}) })
		}
	}
}

func (s suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s suite) mustBe(err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Fatalf("got error %v, want %v", err, want)
	}
}

func (s suite) equal(got, want any) {
	s.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		s.Fatalf("-want +got\n%s", diff)
	}
}

// fact is one seen in an id_token.
func fact(field, value string, at time.Time) db.Fact {
	return db.Fact{Field: field, Value: value, AsOf: at, Source: db.SourceIDToken}
}

// told is one that a webhook told.
func told(field, value string, at time.Time) db.Fact {
	return db.Fact{Field: field, Value: value, AsOf: at, Source: db.SourceWebhook}
}

// signIn is an ordinary sign-in at a moment.
func signIn(sub string, at time.Time, facts ...db.Fact) db.SignIn {
	return db.SignIn{Provider: provider, Sub: sub, Facts: facts, RoleSeen: true, Session: db.NewSession{
		TokenHash: rand.Text(), StateHash: rand.Text(), Began: at, Created: at, Expires: at.Add(7 * 24 * time.Hour), Idle: 12 * time.Hour,
		Device: "Chrome on Android", Network: "10.0.0.0/24",
	}}
}

func (s suite) signIn(in db.SignIn) (db.User, db.Session) {
	s.Helper()
	user, session, err := s.db.SignIn(s.Context(), in)
	s.must(err)
	return user, session
}

func (s suite) user(id string) db.User {
	s.Helper()
	u, err := s.db.User(s.Context(), id)
	s.must(err)
	return u
}

// session reads a session anew.
func (s suite) session(tokenHash string) db.Session {
	s.Helper()
	session, _, err := s.db.SessionByToken(s.Context(), tokenHash)
	s.must(err)
	return session
}

// deliver stores a webhook and applies its effect; it returns the new state.
func (s suite) deliver(at time.Time, e db.Effect) string {
	s.Helper()
	v := db.Delivery{Key: rand.Text(), Event: "test", Occurred: at, Received: at, Body: []byte("{}"), User: e.Sub}
	fresh, err := s.db.StoreDelivery(s.Context(), v)
	s.must(err)
	s.equal(fresh, true)
	e.Provider = provider
	state, err := s.db.Apply(s.Context(), v, e)
	s.must(err)
	s.equal(s.state(v.Key), state)
	return state
}

func (s suite) state(key string) string {
	s.Helper()
	v, err := s.db.Delivery(s.Context(), key)
	s.must(err)
	return v.State
}

func numbered(name string, n int) string { return name + strconv.Itoa(n) }
