package db

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"
)

// WebhookCount counts the deliveries that were received on a day, by event
// and the state they are in now.
type WebhookCount struct {
	Day          Day
	Event, State string
	N            int
}

// The two delays of a delivery.
const (
	DelayArrival = "arrival" // from what happened to our receiving it
	DelayApplied = "applied" // from receiving it to its effect
)

// DelayBounds are the upper bounds of the buckets of delays. A bucket after
// the last bound holds what took longer.
var DelayBounds = [...]time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour, 24 * time.Hour}

// DelayCount counts the deliveries of a day whose delay is under a bound and
// not under the one before; Bucket is len(DelayBounds) above all of them.
type DelayCount struct {
	Day    Day
	Delay  string
	Bucket int
	N      int
}

// WebhooksReport is what came from Campus One and what became of it.
type WebhooksReport struct {
	Cover
	Events []WebhookCount
	Delays []DelayCount
	Counts []Attempts   // of kind "webhook": duplicates, what was refused
	Drift  []DriftCount // what no webhook had told: loss detected
}

// WebhooksReport counts deliveries by day.
func (d *DB) WebhooksReport(ctx context.Context, s Span) (report WebhooksReport, err error) {
	err = d.readSpan(ctx, s, func(f *spanReader) error {
		report.Cover = f.cover()
		events, err := f.totals(ctx, familyDeliveries, nil)
		if err != nil {
			return err
		}
		for _, t := range events {
			report.Events = append(report.Events, WebhookCount{t.day, t.a, t.b, t.n})
		}
		if report.Delays, err = f.delays(ctx); err != nil {
			return err
		}
		if report.Counts, err = f.attempts(ctx, func(kind string) bool { return kind == kindWebhook }); err != nil {
			return err
		}
		report.Drift, err = f.drift(ctx)
		return err
	})
	return report, err
}

// kindWebhook is the kind of counts that auth.CountWebhook is.
const kindWebhook = "webhook"

func (f *spanReader) delays(ctx context.Context) ([]DelayCount, error) {
	all, err := f.totals(ctx, familyDelays, nil)
	if err != nil {
		return nil, err
	}
	var out []DelayCount
	for _, t := range all {
		bucket, err := strconv.Atoi(t.b)
		if err != nil {
			return nil, fmt.Errorf("reading delays: %w", err)
		}
		out = append(out, DelayCount{t.day, t.a, bucket, t.n})
	}
	return out, nil
}

// EachInboxRow goes through the deliveries of a filter, the latest first,
// without their bodies. Limit, After and Before count for nothing.
func (d *DB) EachInboxRow(ctx context.Context, f InboxFilter) iter.Seq2[InboxRow, error] {
	f.After, f.Before, f.Limit = InboxMark{}, InboxMark{}, pageOfAll
	return pages(func() ([]InboxRow, bool, error) {
		page, err := d.Inbox(ctx, f)
		if len(page) > 0 {
			f.After = page[len(page)-1].Mark()
		}
		return page, len(page) == pageOfAll, err
	})
}
