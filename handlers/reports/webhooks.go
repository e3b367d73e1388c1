package reports

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portico/auth"
	"portico/auth/campusone"
	"portico/db"
	"portico/handlers/sheet"
	"portico/handlers/words"
	"portico/views"
)

// webhooks tells whether Campus One's news arrives.
func webhooks() report {
	return report{
		name: "webhooks", title: "Webhooks",
		lead: "Does Campus One’s news arrive, and does it act at once? What failed waits for those who manage the portal. After a loss, check the webhook’s address and secret at Campus One.",
		text: "What Campus One sent, what became of it, how long it took, and what got lost.",
		filters: func(context.Context, *Desk) ([]filter, error) {
			f := filter{name: "event", label: "Event", options: []views.Option{option("", "All events")}}
			for _, e := range []string{
				campusone.EventRoleChanged, campusone.EventUserUpdated, campusone.EventUserCreated, campusone.EventUserDeleted,
				campusone.EventSignedIn, campusone.EventSignedOut, campusone.EventDisconnected,
			} {
				f.options = append(f.options, option(e, views.EventWord(e)))
			}
			return []filter{f}, nil
		},
		cuts: func(a *ask) []cut {
			empty := views.Empty{What: "Nothing came in this period", Then: "Campus One writes here when a role changes or somebody signs out. Choose other dates or all events."}
			return []cut{
				a.stepCut("Webhooks", webhookCounts, empty, readWebhooks),
				{name: "event", label: "By event", title: "Webhooks by event", columns: append([]sheet.Column{{Name: "event", Label: "Event", Kind: sheet.Text}}, webhookCounts...), order: "-n", empty: empty, read: readWebhooks},
				{name: "delivery", label: "One by one", title: "Single webhooks", columns: inboxColumns, order: "-at", empty: empty, read: readInbox, each: eachInbox},
			}
		},
		meanings: []views.Term{
			{What: "Loss detected", Text: "Facts that a sign-in or a confirmation had to put right, since no webhook had told of them. Campus One sends each webhook once: what it loses does not come again."},
			{What: "On the way, acting", Text: "From when something happened at Campus One until the portal received it; and from receiving it until it acted here. Both are of all events."},
		},
	}
}

var webhookCounts = []sheet.Column{
	{Name: "n", Label: "Received", Kind: sheet.Count, Meaning: "Deliveries with a good signature, each counted once, by the day on which it came."},
	{Name: "processed", Label: "Processed", Kind: sheet.Count, Meaning: "Those dealt with: applied, or set aside because something later was known or nothing changes here."},
	{Name: "waiting", Label: "Waiting", Kind: sheet.Count, Meaning: "Those that are still to be applied, or to be tried again."},
	{Name: "failed", Label: "Failed", Kind: sheet.Count, Meaning: "Those that failed ten times, were dropped by hand or cannot be read."},
	{Name: "share", Label: "Processed %", Kind: sheet.Share, Part: "processed", Whole: "n", Meaning: "Those dealt with in per cent of those received."},
}

// webhookSum is what one row counts.
type webhookSum struct{ n, processed, waiting, failed int }

func (c *webhookSum) add(state string, n int) {
	c.n += n
	switch state {
	case db.StatePending:
		c.waiting += n
	case db.StateDead, db.StateDropped, db.StateUnreadable:
		c.failed += n
	default:
		c.processed += n
	}
}

func (c *webhookSum) values() []sheet.Value {
	return []sheet.Value{count(c.n), count(c.processed), count(c.waiting), count(c.failed), share}
}

func readWebhooks(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.WebhooksReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.webhookFrame(&r)
	if a.cut.name == "event" {
		c.rows = a.webhookEvents(r.Events)
		return c, nil
	}
	if c.rows = a.webhooksOverTime(r.Events); len(c.rows) > 0 {
		c.drawn = []drawing{{caption: a.cut.title, parts: []string{"processed", "failed"}}}
	}
	return c, nil
}

// webhookFrame is what every cut of the report has.
func (a *ask) webhookFrame(r *db.WebhooksReport) counted {
	var all webhookSum
	for _, e := range r.Events {
		if a.is("event", e.Event) {
			all.add(e.State, e.N)
		}
	}
	doubles, lost, quick, applied := 0, 0, 0, 0
	for _, n := range r.Counts {
		if n.Reason == auth.CountDuplicate {
			doubles += n.N
		}
	}
	for _, one := range r.Drift {
		lost += one.N
	}
	for _, one := range r.Delays {
		if one.Delay == db.DelayApplied {
			if applied += one.N; one.Bucket == 0 {
				quick += one.N
			}
		}
	}
	return counted{
		cover: r.Cover,
		kpis: []headline{
			{label: "received", n: all.n, note: "%s came twice", noted: doubles},
			{label: "within a second", share: true, n: quick, of: applied, note: "of all that were applied", meaning: "Deliveries that acted within a second of being received, of all events."},
			{label: "failed", n: all.failed, note: "%s waiting", noted: all.waiting},
			{label: "loss detected", n: lost, note: "put right since"},
		},
		beside: []side{{"How long it took", delayColumns, delayRows(r.Delays), asFound}, {"What was set aside", refusedColumns, refusedRows(r.Counts), "-n"}},
	}
}

func (a *ask) webhooksOverTime(all []db.WebhookCount) []sheet.Row {
	sums := stepsOf[webhookSum](a)
	for _, one := range all {
		if a.is("event", one.Event) {
			sums.at(one.Day).add(one.State, one.N)
		}
	}
	return sums.rows((*webhookSum).values)
}

func (a *ask) webhookEvents(all []db.WebhookCount) (rows []sheet.Row) {
	var sums tally[webhookSum]
	for _, one := range all {
		if a.is("event", one.Event) {
			sums.at(one.Event).add(one.State, one.N)
		}
	}
	for _, event := range sums.keys {
		rows = append(rows, sheet.Row{Key: "e" + event, Values: append([]sheet.Value{text(views.EventWord(event))}, sums.of[event].values()...)})
	}
	return rows
}

var delayColumns = []sheet.Column{
	{Name: "delay", Label: "Delay", Kind: sheet.Text},
	{Name: "arrival", Label: "On the way", Kind: sheet.Count},
	{Name: "applied", Label: "Acting", Kind: sheet.Count},
}

// delayRows has a row for each bucket up to the last that is not empty.
func delayRows(all []db.DelayCount) (rows []sheet.Row) {
	var buckets [len(db.DelayBounds) + 1]struct{ arrival, applied int }
	last := -1
	for _, one := range all {
		if one.Delay == db.DelayArrival {
			buckets[one.Bucket].arrival += one.N
		} else {
			buckets[one.Bucket].applied += one.N
		}
		last = max(last, one.Bucket)
	}
	for i := range last + 1 {
		label := "More"
		if i < len(db.DelayBounds) {
			label = "Under " + lasting(db.DelayBounds[i])
		}
		rows = append(rows, sheet.Row{Key: strconv.Itoa(i), Values: []sheet.Value{text(label), count(buckets[i].arrival), count(buckets[i].applied)}})
	}
	return rows
}

// lasting writes a bound: "10 seconds", "1 hour".
func lasting(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		noun   string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := int(d / unit.length); n == 1 {
			return "1 " + unit.noun
		} else if n > 1 {
			return strconv.Itoa(n) + " " + unit.noun + "s"
		}
	}
	return d.String()
}

var refusedColumns = []sheet.Column{
	{Name: "reason", Label: "Reason", Kind: sheet.Text},
	{Name: "n", Label: "Deliveries", Kind: sheet.Count, Meaning: "What came besides: a second time, unsigned, too old or unreadable. Of what is refused nothing is stored, so it is in no other figure."},
}

// setAside are the outcomes that the rows of the report do not show.
var setAside = []string{
	auth.CountDuplicate, auth.CountStale, auth.CountFuture, auth.CountUnreadable, auth.CountMismatch, auth.CountBadSignature, auth.CountNoSecret, auth.CountTooLarge, auth.CountNotStored, auth.CountFailed,
}

func refusedRows(all []db.Attempts) (rows []sheet.Row) {
	for _, reason := range setAside {
		n := 0
		for _, one := range all {
			if one.Reason == reason {
				n += one.N
			}
		}
		if n > 0 {
			rows = append(rows, sheet.Row{Key: reason, Values: []sheet.Value{text(words.Reason(reason)), count(n)}})
		}
	}
	return rows
}

var inboxColumns = []sheet.Column{
	{Name: "at", Label: "Came", Kind: sheet.Moment},
	{Name: "event", Label: "Event", Kind: sheet.Text},
	{Name: "result", Label: "Result", Kind: sheet.Text},
	{Name: "person", Label: "Person", Kind: sheet.Text},
	{Name: "happened", Label: "Happened", Kind: sheet.Moment},
	{Name: "tries", Label: "Tries", Kind: sheet.Count},
	{Name: "id", Label: "Delivery", Kind: sheet.Text},
}

func (a *ask) inbox() db.InboxFilter {
	f := db.InboxFilter{Event: a.chosen["event"], From: a.span().Begin(), To: a.span().End(), Limit: shown + 1}
	digits, key, _ := strings.Cut(a.after, "-")
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil && key != "" {
		f.After = db.InboxMark{Received: time.UnixMicro(n), Key: key}
	}
	return f
}

// readInbox lists one page of single deliveries.
func readInbox(ctx context.Context, d *Desk, a *ask) (counted, error) {
	r, err := d.DB.WebhooksReport(ctx, a.span())
	if err != nil {
		return counted{}, err
	}
	c := a.webhookFrame(&r)
	page, err := d.DB.Inbox(ctx, a.inbox())
	if len(page) > shown {
		page = page[:shown]
		last := page[shown-1].Mark()
		c.further = strconv.FormatInt(last.Received.UnixMicro(), 10) + "-" + last.Key
	}
	for _, one := range page {
		c.lines = append(c.lines, a.eye.Line(a.cut.columns, a.delivery(one)))
	}
	return c, err
}

func eachInbox(ctx context.Context, d *Desk, a *ask) iter.Seq2[sheet.Row, error] {
	return rowsOf(d.DB.EachInboxRow(ctx, a.inbox()), a.delivery)
}

func (a *ask) delivery(r db.InboxRow) sheet.Row {
	person := text(r.Name)
	if person.Text == "" {
		person.Text = r.User
	}
	if r.UserID != "" {
		person.Href = managed + r.UserID
	}
	happened := sheet.Value{}
	if !r.Occurred.IsZero() {
		happened = when(r.Occurred.In(a.now.Location()))
	}
	return sheet.Row{Values: []sheet.Value{
		when(r.Received.In(a.now.Location())), text(views.EventWord(r.Event)), text(views.OutcomeWord(r.State)), person, happened, count(r.Attempts),
		link(r.Key, "/admin/webhooks?q="+url.QueryEscape(r.Key)),
	}}
}
