package crash

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/db"
)

// tally is what a run comes to.
type tally struct {
	engine                            string
	starts, kills                     int
	acknowledged, refused             int
	applied, lost, doubled, different int
	kept, ended, notified             int
}

func (n tally) String() string {
	return fmt.Sprintf("%s: %d starts, %d kills; webhooks: %d acknowledged, %d applied, %d lost, %d doubled; forged and refused: %d; people unlike the model: %d; sessions: %d live on, %d ended and dead; notified once: %d",
		n.engine, n.starts, n.kills, n.acknowledged, n.applied, n.lost, n.doubled, n.refused, n.different, n.kept, n.ended, n.notified)
}

// row is what is stored of a delivery.
type row struct {
	state    string
	received time.Time
}

// judge compares what is there with what was acknowledged.
func (s *stage) judge(t testing.TB, d *db.DB, n *tally) {
	t.Helper()
	ctx := t.Context()
	stored := s.stored(t, d)
	s.judgeDeliveries(t, stored, n)
	for sub, want := range s.author.truths() {
		if strings.HasPrefix(sub, "walker") {
			continue // what a sign-in tells comes in between
		}
		if err := s.judgePerson(ctx, d, sub, want, stored, n); err != nil {
			n.different++
			t.Errorf("%s: %v", sub, err)
		}
	}
	for _, v := range s.sessions {
		if err := s.judgeSession(ctx, d, v, n); err != nil {
			t.Errorf("a session of %s: %v", v.sub, err)
		}
	}
}

func (s *stage) stored(t testing.TB, d *db.DB) map[string]row {
	t.Helper()
	rows, err := d.Reader().QueryContext(t.Context(), `SELECT key, state, received FROM deliveries`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]row{}
	for rows.Next() {
		var key, state string
		var received int64
		if err := rows.Scan(&key, &state, &received); err != nil {
			t.Fatal(err)
		}
		all[key] = row{state, time.UnixMicro(received)}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// judgeDeliveries looks for the row of each delivery. A row that is younger
// than the first acknowledgement came with a double: the first was lost.
func (s *stage) judgeDeliveries(t testing.TB, stored map[string]row, n *tally) {
	t.Helper()
	for _, d := range s.author.all {
		r, there := stored[d.key]
		switch {
		case d.forged && there:
			t.Errorf("%s was forged and is stored", d.key)
		case d.forged:
			n.refused++
			continue
		case !there, r.received.After(d.acked):
			n.lost++
			t.Errorf("%s %s was acknowledged at %s and is lost (stored: %t, received %s)", d.event, d.key, d.acked, there, r.received)
		case r.state == db.StateProcessed, r.state == db.StateSuperseded:
			n.applied++
		case r.state != db.StateIgnored:
			n.lost++
			t.Errorf("%s %s is %s", d.event, d.key, r.state)
		}
		n.acknowledged++
	}
	if len(stored) != n.acknowledged {
		t.Errorf("%d deliveries are stored, %d were acknowledged", len(stored), n.acknowledged)
	}
}

// judgePerson compares a person with the model.
func (s *stage) judgePerson(ctx context.Context, d *db.DB, sub string, want *truth, stored map[string]row, n *tally) error {
	u, err := d.UserBySub(ctx, s.provider.URL(), sub)
	switch {
	case errors.Is(err, db.ErrNotFound) && !want.living:
		return nil
	case err != nil:
		return err
	case !want.living:
		return fmt.Errorf("is there as %q, but was deleted", u.Name())
	}
	for field, value := range want.facts {
		if u.Get(field) != value {
			return fmt.Errorf("%s is %q, want %q", field, u.Get(field), value)
		}
	}
	for _, field := range []string{"name", "email", "role", "student_id", "level", "faculty_id", "department_id"} {
		if _, told := want.facts[field]; !told && u.Get(field) != "" {
			return fmt.Errorf("%s is %q, want nothing", field, u.Get(field))
		}
	}
	if !want.endedBefore.IsZero() && !u.EndedBefore.Equal(want.endedBefore) {
		return fmt.Errorf("sessions ended before %s, want %s", u.EndedBefore, want.endedBefore)
	}
	steps, err := d.RoleChanges(ctx, u.ID)
	if err != nil {
		return err
	}
	return errors.Join(judgeTimeline(steps, u.Role(), want, n), judgeChanges(steps, u.Role(), want, stored, n))
}

// judgeTimeline follows a person's roles: each step was told of, begins where
// the one before it ended, and comes once.
func judgeTimeline(steps []db.RoleChange, role string, want *truth, n *tally) error {
	met := map[int64]bool{}
	for i, step := range steps {
		at := step.At.UnixMicro()
		if met[at] {
			n.doubled++
			return fmt.Errorf("the step to %s at %s is there twice", step.New, step.At)
		}
		met[at] = true
		if want.roles[at] != step.New {
			return fmt.Errorf("the step to %s at %s was never told: %q was", step.New, step.At, want.roles[at])
		}
		if i > 0 && step.Old != steps[i-1].New {
			return fmt.Errorf("the step to %s begins at %s, the one before it ended at %s", step.New, step.Old, steps[i-1].New)
		}
	}
	if len(steps) > 0 && steps[len(steps)-1].New != role {
		return fmt.Errorf("the timeline ends with %s, the role is %s", steps[len(steps)-1].New, role)
	}
	return nil
}

// judgeChanges looks for the step of each change of role that counts as
// applied, and for none of those that came too late. The role that a person
// begins with is no step.
func judgeChanges(steps []db.RoleChange, role string, want *truth, stored map[string]row, n *tally) error {
	first, made := role, map[int64]bool{}
	if len(steps) > 0 {
		first = steps[0].Old
	}
	for _, step := range steps {
		made[step.At.UnixMicro()] = true
	}
	for _, d := range want.changes {
		applied := stored[d.key].state == db.StateProcessed
		if applied == made[d.at.UnixMicro()] || applied && d.facts["role"] == first {
			continue
		}
		n.lost++
		return fmt.Errorf("%s to %s is %s, but its step in the timeline says otherwise", d.key, d.facts["role"], stored[d.key].state)
	}
	return nil
}

// judgeSession asks the portal and the database about a session a browser had.
func (s *stage) judgeSession(ctx context.Context, d *db.DB, v *session, n *tally) error {
	sum := sha256.Sum256([]byte(v.token))
	row, _, err := d.SessionByToken(ctx, base64.RawURLEncoding.EncodeToString(sum[:]))
	if err != nil {
		return fmt.Errorf("was given to a browser and is lost: %w", err)
	}
	if row.Began.Before(v.from.Truncate(time.Second)) || row.Began.After(v.to) {
		return fmt.Errorf("began at %s, but the sign-in lasted from %s to %s", row.Began, v.from, v.to)
	}
	lives, err := s.lives(ctx, v.token)
	ended := v.out || s.author.ended(v.sub, row.Began)
	switch {
	case err != nil:
		return err
	case lives && ended:
		return fmt.Errorf("lives although it was ended (signed out: %t)", v.out)
	case !lives && !ended && !v.asked:
		return fmt.Errorf("is dead although nobody ended it: %q", row.EndedWhy)
	case lives:
		n.kept++
	default:
		n.ended++
	}
	return nil
}
