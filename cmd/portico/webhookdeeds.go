package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"portico/db"
)

// found reads a delivery that a word names.
func (d *desk) found(ctx context.Context, key string) (db.InboxRow, error) {
	r, err := d.db.InboxDelivery(ctx, key)
	if errors.Is(err, db.ErrNotFound) {
		err = unknownDelivery(key)
	}
	return r, err
}

func unknownDelivery(key string) error {
	return fmt.Errorf("there is no delivery %q; `portico webhook list` shows those there are", key)
}

func webhookShow(ctx context.Context, s *shell, args []string) error {
	f := s.flags("webhook show ID")
	return s.atDesk(ctx, f, args, 1, 1, func(ctx context.Context, d *desk, words []string) error {
		r, err := d.found(ctx, words[0])
		if err != nil {
			return err
		}
		hands, err := d.db.Hands(ctx, r.Key)
		if err != nil {
			return err
		}
		if d.json {
			return d.shell.json(wholeDelivery(r, hands))
		}
		return d.showDelivery(r, hands)
	})
}

func wholeDelivery(r db.InboxRow, hands []db.Hand) deliveryJSON {
	v := deliveryView(r)
	if json.Valid(r.Body) {
		v.Body = json.RawMessage(r.Body)
	} else if len(r.Body) > 0 {
		v.Body = string(r.Body)
	}
	for _, h := range hands {
		v.Hands = append(v.Hands, handJSON{h.At, h.Action, handName(h), h.Detail})
	}
	return v
}

func handName(h db.Hand) string {
	if h.Name != "" {
		return h.Name
	}
	return h.By
}

func (d *desk) showDelivery(r db.InboxRow, hands []db.Hand) error {
	w := tabwriter.NewWriter(d.stdout, 0, 0, 2, ' ', 0)
	next := ""
	if r.State == db.StatePending {
		next = d.when(r.NextTry)
	}
	for _, line := range [][2]string{
		{"delivery", r.Key}, {"event", r.Event}, {"state", r.State}, {"person", r.Name}, {"Campus One id", r.User},
		{"happened", d.when(r.Occurred)}, {"came", d.when(r.Received)}, {"applied", d.when(r.Applied)}, {"tries", strconv.Itoa(r.Attempts)},
		{"next try", next}, {"waits for", r.HeldBy}, {"error", r.Error}, {"notes", r.Notes},
	} {
		if line[1] != "" {
			fmt.Fprintf(w, "%s\t%s\n", line[0], shown(line[1]))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.SplitSeq(bodyText(r.Body), "\n") {
		fmt.Fprintf(d.stdout, "  %s\n", printable(line))
	}
	for _, h := range hands {
		fmt.Fprintf(d.stdout, "%s  %s by %s  %s\n", d.when(h.At), h.Action, shown(handName(h)), shown(h.Detail))
	}
	return d.zoneNote()
}

// printable is a line with its spaces, without what a terminal would obey.
func printable(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " "))] + shown(line)
}

// bodyText sets a body out in lines.
func bodyText(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

func webhookRetry(ctx context.Context, s *shell, args []string) error {
	f := s.flags("webhook retry ID...")
	return s.atDesk(ctx, f, args, 1, math.MaxInt, func(ctx context.Context, d *desk, ids []string) error {
		return d.byHand(ctx, ids, "tried again", "only what failed or was dropped can be tried again", func(key string) error {
			return d.db.RetryByHand(ctx, key, d.operator(), time.Now())
		})
	})
}

func webhookDrop(ctx context.Context, s *shell, args []string) error {
	f := s.flags("webhook drop ID... --reason TEXT")
	reason := f.String("reason", "", "why, for the audit: `TEXT`")
	return s.atDesk(ctx, f, args, 1, math.MaxInt, func(ctx context.Context, d *desk, ids []string) error {
		why := strings.Join(strings.Fields(*reason), " ")
		if why == "" {
			return misuse{"say why with --reason TEXT; it is kept in the audit"}
		}
		return d.byHand(ctx, ids, "dropped", "only what waits or failed can be dropped", func(key string) error {
			return d.db.DropByHand(ctx, key, d.operator(), why, time.Now())
		})
	})
}

// byHand does something to deliveries one after the other. It stops at the
// first that it cannot do it to, and says which those were before it.
func (d *desk) byHand(ctx context.Context, ids []string, done, only string, do func(key string) error) error {
	for i, key := range ids {
		err := do(key)
		other, settled := errors.AsType[db.ErrHand](err)
		switch {
		case err == nil:
			continue
		case errors.Is(err, db.ErrNotFound):
			err = unknownDelivery(key)
		case settled:
			err = fmt.Errorf("the delivery %s is %s; %s", key, other.State, only)
		}
		if i > 0 {
			err = fmt.Errorf("%w. Before it, %s %s", err, deliveries(i), done)
		}
		return err
	}
	return d.say(map[string][]string{strings.ReplaceAll(done, " ", "_"): ids}, "%s %s.", deliveries(len(ids)), done)
}

func deliveries(n int) string {
	if n == 1 {
		return "1 delivery"
	}
	return fmt.Sprintf("%d deliveries", n)
}
