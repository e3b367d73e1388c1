package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/db"
)

// webhook sends samples and looks after what came.
func webhook(ctx context.Context, s *shell, args []string) error {
	return s.verbs(ctx, "webhook", []verb{
		{"send", "", "sign a sample event as Campus One does, and post it", webhookSend},
		{"list", "", "list what Campus One sent and what became of it, the latest first", webhookList},
		{"show", "ID", "show one delivery with its body and what was done to it", webhookShow},
		{"retry", "ID...", "try failed or dropped deliveries again now", webhookRetry},
		{"drop", "ID...", "give up deliveries that wait or failed, for a reason (--reason)", webhookDrop},
	}, args)
}

// deliveryJSON is a delivery for scripts.
type deliveryJSON struct {
	ID       string     `json:"id"`
	Event    string     `json:"event"`
	State    string     `json:"state"`
	Sub      string     `json:"sub"`
	UserID   string     `json:"user_id,omitempty"`
	Name     string     `json:"name,omitempty"`
	Happened time.Time  `json:"happened,omitzero"`
	Came     time.Time  `json:"came"`
	Applied  time.Time  `json:"applied,omitzero"`
	Tries    int        `json:"tries"`
	NextTry  time.Time  `json:"next_try,omitzero"`
	Error    string     `json:"error,omitempty"`
	Notes    string     `json:"notes,omitempty"`
	WaitsFor string     `json:"waits_for,omitempty"`
	Body     any        `json:"body,omitempty"` // an object, or a text when it is not JSON
	Hands    []handJSON `json:"by_hand,omitempty"`
}

// handJSON is something done to a delivery by hand.
type handJSON struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"`
	By     string    `json:"by"`
	Detail string    `json:"detail"`
}

func deliveryView(r db.InboxRow) deliveryJSON {
	v := deliveryJSON{
		ID: r.Key, Event: r.Event, State: r.State, Sub: r.User, UserID: r.UserID, Name: r.Name,
		Happened: r.Occurred, Came: r.Received, Applied: r.Applied, Tries: r.Attempts, Error: r.Error, Notes: r.Notes, WaitsFor: r.HeldBy,
	}
	if r.State == db.StatePending {
		v.NextTry = r.NextTry
	}
	return v
}

var deliveryStates = []string{
	db.StatePending, db.StateProcessed, db.StateIgnored, db.StateSuperseded, db.StateStale, db.StateUnreadable, db.StateDead, db.StateDropped,
}

// inboxFlags are the filters of `webhook list` as they were written.
type inboxFlags struct {
	db.InboxFilter
	from, to string
	page     page
}

func webhookList(ctx context.Context, s *shell, args []string) error {
	f := s.flags("webhook list")
	var q inboxFlags
	f.StringVar(&q.State, "state", "", "only those in `STATE`: "+strings.Join(deliveryStates, ", "))
	f.StringVar(&q.Event, "event", "", "only events called `NAME`")
	f.StringVar(&q.Search, "search", "", "only the delivery with this id, or about a person: `TEXT` is words of a name, an e-mail address, a student id or an id")
	f.StringVar(&q.from, "from", "", "only what came on `DAY` or later, such as 2026-11-23")
	f.StringVar(&q.to, "to", "", "only what came on `DAY` or earlier")
	f.IntVar(&q.page.limit, "limit", 50, "show so many at most: `N`")
	f.StringVar(&q.page.after, "after", "", "go on after the delivery with this `ID`")
	return s.atDesk(ctx, f, args, 0, 0, func(ctx context.Context, d *desk, _ []string) error {
		if err := d.readInboxFlags(ctx, &q); err != nil {
			return err
		}
		return d.listInbox(ctx, q)
	})
}

// readInboxFlags checks the filters and turns them into the inbox's own.
func (d *desk) readInboxFlags(ctx context.Context, q *inboxFlags) (err error) {
	if err := q.page.check(); err != nil {
		return err
	}
	if q.State != "" && !slices.Contains(deliveryStates, q.State) {
		return misuse{fmt.Sprintf("--state is %q; give one of %s", q.State, strings.Join(deliveryStates, ", "))}
	}
	if q.From, err = d.day("from", q.from); err != nil {
		return err
	}
	if q.To, err = d.day("to", q.to); err != nil {
		return err
	}
	if !q.To.IsZero() {
		q.To = q.To.AddDate(0, 0, 1)
	}
	if q.page.after != "" {
		last, err := d.db.InboxDelivery(ctx, q.page.after)
		if err != nil {
			return goneMark(err, q.page.after)
		}
		q.After = last.Mark()
	}
	q.Limit = q.page.limit + 1
	return nil
}

// day reads a flag that names a day in the portal's time zone.
func (d *desk) day(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, d.zone)
	if err != nil {
		return t, misuse{fmt.Sprintf("--%s is %q; give a day such as %s", flag, text, time.Now().In(d.zone).Format(time.DateOnly))}
	}
	return t, nil
}

func (d *desk) listInbox(ctx context.Context, q inboxFlags) error {
	all, err := d.db.Inbox(ctx, q.InboxFilter)
	if err != nil {
		return err
	}
	more := len(all) > q.page.limit
	all = all[:min(len(all), q.page.limit)]
	views, rows := make([]deliveryJSON, len(all)), make([][]string, len(all))
	last := ""
	for i, r := range all {
		last = r.Key
		views[i] = deliveryView(r)
		rows[i] = []string{r.Key, r.Event, r.State, whom(r), d.when(r.Occurred), d.when(r.Received), strconv.Itoa(r.Attempts), r.Error}
	}
	switch {
	case d.json:
		return d.shell.json(listJSON[deliveryJSON]{views, nextMark(more, last)})
	case len(all) == 0:
		return d.say(nil, "No delivery was found.")
	}
	if err := d.table([]string{"ID", "EVENT", "STATE", "PERSON", "HAPPENED", "CAME", "TRIES", "ERROR"}, rows); err != nil {
		return err
	}
	return d.listEnd(more, q.again(), quoted(last))
}

// whom is the person a delivery is about, by name or else by sub.
func whom(r db.InboxRow) string {
	if r.Name != "" {
		return r.Name
	}
	return r.User
}

// again is the command that made a list.
func (q *inboxFlags) again() string {
	var command strings.Builder
	command.WriteString("webhook list")
	for _, f := range [][2]string{{"state", q.State}, {"event", q.Event}, {"search", q.Search}, {"from", q.from}, {"to", q.to}} {
		if f[1] != "" {
			command.WriteString(" --" + f[0] + " " + quoted(f[1]))
		}
	}
	return command.String()
}

// quoted is a word as a shell reads it.
func quoted(word string) string {
	plain := !strings.ContainsFunc(word, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_.@/:", r)
	})
	if plain && word != "" {
		return word
	}
	return "'" + strings.ReplaceAll(shown(word), "'", `'\''`) + "'"
}
