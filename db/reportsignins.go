package db

import (
	"context"
	"slices"
	"time"
)

// SignInDay counts the sign-ins of a day and the people who signed in.
type SignInDay struct {
	Day                         Day
	Silent, Interactive, People int
}

// SignInHour counts what happened in an hour of the department's clock, by
// how attempts ended (ClassOf).
type SignInHour struct {
	Start                       time.Time
	Silent, Interactive, People int
	Anonymous, Failed, Skipped  int
}

// Attempts counts the attempts of a day that ended in one way, as auth.Counts
// notes them.
type Attempts struct {
	Day          Day
	Kind, Reason string // "silent", "interactive", "skipped", "stop", "confirm"
	N            int
}

// SignInsReport is how signing in went.
type SignInsReport struct {
	Cover
	Days     []SignInDay // every day of the span, oldest first
	People   int         // distinct people of the whole span
	Attempts []Attempts  // by day, kind and reason
}

// The classes of attempts.
const (
	ClassAnonymous = "anonymous" // Campus One knew nobody
	ClassFailed    = "failed"
	ClassSkipped   = "skipped" // nobody was asked
)

// SignInsReport counts sign-ins and attempts by day.
func (d *DB) SignInsReport(ctx context.Context, s Span) (report SignInsReport, err error) {
	err = d.readSpan(ctx, s, func(f *spanReader) error {
		signIns, err := f.signIns(ctx)
		if err != nil {
			return err
		}
		report.Cover, report.Days, report.People = f.cover(), f.signInDays(signIns), signIns.everybody().count()
		report.Attempts, err = f.attempts(ctx, func(kind string) bool { return slices.Contains(attemptKinds[:], kind) })
		return err
	})
	return report, err
}

// attemptKinds are the counts that are about signing in.
var attemptKinds = [...]string{"silent", "interactive", "skipped", "stop", "confirm"}

func (f *spanReader) signInDays(s *signIns) []SignInDay {
	days := make([]SignInDay, len(s.days))
	for i := range s.days {
		d := &s.days[i]
		days[i] = SignInDay{Day: f.First + Day(i), Silent: d.silent, Interactive: d.interactive, People: d.count()}
	}
	return days
}

// attempts are the counts of some kinds by day.
func (f *spanReader) attempts(ctx context.Context, wanted func(kind string) bool) ([]Attempts, error) {
	all, err := f.totals(ctx, familyAttempts, wanted)
	if err != nil {
		return nil, err
	}
	var out []Attempts
	for _, t := range all {
		out = append(out, Attempts{t.day, t.a, t.b, t.n})
	}
	return out, nil
}

// SignInHours counts sign-ins and attempts by hour, every hour of the span.
func (d *DB) SignInHours(ctx context.Context, s Span) (hours []SignInHour, cover Cover, err error) {
	err = d.readSpan(ctx, s, func(f *spanReader) error {
		if hours, err = f.hours(ctx); err != nil {
			return err
		}
		cover = f.cover()
		return nil
	})
	return hours, cover, err
}

// ClassOf is the class of attempts of a kind that ended for a reason; "" when
// they say nothing about how signing in goes, or when a sign-in came of them.
func ClassOf(kind, reason string) string {
	switch kind {
	case "skipped":
		return ClassSkipped
	case "silent":
		switch reason {
		case "login_required", "interaction_required", "consent_required", "account_selection_required":
			return ClassAnonymous
		}
	case "interactive":
	case "stop":
		if reason == "loop" {
			return ClassFailed
		}
		return ""
	default:
		return ""
	}
	switch reason {
	case "signed_in", "departed", "restarted", "already", "blocked", "no_cookies", "access_denied":
		return ""
	}
	return ClassFailed
}
