package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/process"
)

const (
	people      = 20_000
	atOnce      = 64 // phones that are on their way at the same moment
	crowdWithin = 60 // seconds
)

// everybody is a whole university on its first day.
func everybody() (all []campusonetest.Person) {
	for n := range people {
		all = append(all, campusonetest.Person{
			Sub: subOf(n), Name: fmt.Sprintf("Person %05d", n), Email: fmt.Sprintf("p%05d@nile.example", n), EmailVerified: true,
			Role: "student", StudentID: fmt.Sprintf("2562%05d", n), StudyLevel: "undergraduate", Level: 100,
		})
	}
	return all
}

func subOf(n int) string { return fmt.Sprintf("crowd%05d", n) }

// crowdOrder has people who are signed in at Campus One open their dashboard.
type crowdOrder struct {
	Host, Provider string         // of the portal; the address of Campus One
	There          []*http.Cookie // what each has from Campus One
}

// crowdResult is the session of each, "" where there is none, and what the
// first said whom it failed.
type crowdResult struct {
	Sessions []string
	Failed   int
	First    string
	Took     time.Duration
	Slowest  time.Duration // of one person
}

// crowd lets all of them in from this one address.
func crowd(o crowdOrder) (crowdResult, error) {
	over := &http.Transport{MaxIdleConnsPerHost: atOnce, DisableCompression: true}
	r := crowdResult{Sessions: make([]string, len(o.There))}
	failed, took := make([]error, len(o.There)), make([]time.Duration, len(o.There))
	var next atomic.Int64
	began := time.Now()
	_ = together(atOnce, func(int) error { // failures are counted below
		for i := int(next.Add(1)) - 1; i < len(o.There); i = int(next.Add(1)) - 1 {
			left := time.Now()
			r.Sessions[i], failed[i] = walk(over, request(o.Host, "/dashboard", nil), o.Provider, o.There[i])
			took[i] = time.Since(left)
		}
		return nil
	})
	r.Took, r.Slowest = time.Since(began), slices.Max(took)
	for _, err := range failed {
		if err != nil {
			r.Failed++
			r.First = cmp.Or(r.First, err.Error())
		}
	}
	return r, nil
}

// letIn lets the first so many people in.
func (b *bench) letIn(ctx context.Context, many int) (crowdResult, error) {
	o := crowdOrder{Host: b.host, Provider: b.provider.URL()}
	for n := range many {
		o.There = append(o.There, b.provider.SessionCookie(subOf(n)))
	}
	return client[crowdOrder, crowdResult](ctx, b, "crowd", o)
}

// manySignIn is the first day of term: everybody within a minute, from the one
// address that a campus has. Campus One's stand-in and the phones take their
// part of the same processors.
func manySignIn(ctx context.Context, b *bench) error {
	before, err := computed(b.portal.Pid())
	if err != nil {
		return err
	}
	r, err := b.letIn(ctx, people)
	if err != nil {
		return err
	}
	after, err := computed(b.portal.Pid())
	if err != nil {
		return err
	}
	rss, err := process.Memory(b.portal.Pid(), "VmRSS")
	b.report.atMost("20,000 people sign in from one address", r.Took.Seconds(), crowdWithin, "s", fmt.Sprintf("%.0f/s, the slowest %.1f s, %.1f ms of processor each, %.0f MB resident after", people/r.Took.Seconds(), r.Slowest.Seconds(), (after-before)/people*1000, rss))
	b.report.atMost("of them failed", float64(r.Failed), 0, "", r.First)
	return err
}
