package journey

import (
	"context"
	"testing"
	"time"

	"portico/db"
)

// settle waits until the portal has applied every webhook it took.
func (w *World) settle(t testing.TB) {
	t.Helper()
	if err := w.settled(); err != nil {
		t.Fatal(err)
	}
}

// forgetSession ends a person's sessions as time would: the browser is not
// told, and Campus One still knows them.
func (w *World) forgetSession(t testing.TB, sub string) {
	t.Helper()
	ctx := context.Background()
	u, err := w.App.DB.UserBySub(ctx, w.Provider.URL(), sub)
	if err != nil {
		t.Fatal(err)
	}
	sessions, err := w.App.DB.SessionsOf(ctx, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		if err := w.App.DB.EndSession(ctx, s.TokenHash, "replaced", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
}

// seedReports makes sign-ins of the last weeks, so that the report has
// something to draw.
func (w *World) seedReports(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	now := time.Now()
	for day := range 20 {
		for i := range 3 + day%7 {
			at := now.AddDate(0, 0, -day)
			in := db.SignIn{
				Provider: w.Provider.URL(), Sub: "seed" + string(rune('a'+i)), RoleSeen: true,
				Facts: []db.Fact{{Field: db.FieldRole, Value: "student", AsOf: at, Source: "id_token"}},
				Session: db.NewSession{
					TokenHash: at.String() + string(rune('a'+i)), StateHash: at.String() + string(rune('a'+i)),
					Began: at, Created: at, Expires: now.Add(time.Hour), Idle: time.Hour, Silent: i%3 != 0,
				},
			}
			if _, _, err := w.App.DB.SignIn(ctx, in); err != nil {
				t.Fatal(err)
			}
		}
	}
}
