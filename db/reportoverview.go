package db

import (
	"context"
	"strings"
)

// Overview is the figures that matter, of one span.
type Overview struct {
	Cover
	Silent, Interactive, Failed, Anonymous, Skipped int
	Met, Active, New, Returning                     int
	RoleChanges, Drift                              int
	Webhooks, WebhooksFailed                        int // received; of them dead
	Actions, Exports                                int // in the audit; of them exports
	Days                                            []SignInDay
}

// Overview counts them. Known, active and new people are those of the filter.
func (d *DB) Overview(ctx context.Context, s Span, of PeopleFilter) (o Overview, err error) {
	err = d.readSpan(ctx, s, func(f *spanReader) error {
		c, err := f.census(ctx, of, d.now())
		if err != nil {
			return err
		}
		p := c.report()
		o.Cover, o.Met, o.Active, o.New, o.Returning = f.cover(), p.Met, p.Active, p.New, p.Returning
		o.Days = f.signInDays(c.signIns)
		for _, day := range o.Days {
			o.Silent, o.Interactive = o.Silent+day.Silent, o.Interactive+day.Interactive
		}
		return f.overviewTotals(ctx, &o)
	})
	return o, err
}

func (f *spanReader) overviewTotals(ctx context.Context, o *Overview) error {
	for name, add := range map[string]func(total){
		familyAttempts: func(t total) {
			switch ClassOf(t.a, t.b) {
			case ClassFailed:
				o.Failed += t.n
			case ClassAnonymous:
				o.Anonymous += t.n
			case ClassSkipped:
				o.Skipped += t.n
			}
		},
		familyRoles: func(t total) { o.RoleChanges += t.n },
		familyDrift: func(t total) { o.Drift += t.n },
		familyDeliveries: func(t total) {
			o.Webhooks += t.n
			if t.b == StateDead {
				o.WebhooksFailed += t.n
			}
		},
		familyActions: func(t total) {
			o.Actions += t.n
			if strings.HasSuffix(t.a, "export") {
				o.Exports += t.n
			}
		},
	} {
		all, err := f.totals(ctx, name, nil)
		if err != nil {
			return err
		}
		for _, t := range all {
			add(t)
		}
	}
	return nil
}
