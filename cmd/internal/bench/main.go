// Command bench measures the portal's budgets and prints one table; the same
// goes to a file as JSON. Absolute times say little on a shared machine, so
// speed is a ratio: the portal beside a bare net/http server that writes the
// same bytes, in one run, asked by the same client.
//
// The portal is the real program, built for release, in a process of its own.
// So is the bare server, and so is the client, which builds its requests
// before the clock starts and does nothing with an answer but count it. The
// two servers take turns in short rounds and the middle ratio counts, because
// other work on the machine comes and goes.
//
// These are measurements, never tests: no result fails the command.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is one of the parts; without a name it is the whole measurement, which
// starts the others.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "bare":
			return bare(ctx, args[1:])
		case "views":
			return part(views)
		case "hooks":
			return part(hooks)
		case "crowd":
			return part(crowd)
		}
	}
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	out := f.String("json", "bench.json", "write the results to `FILE` too")
	rounds := f.Int("rounds", 7, "turns that each server gets")
	each := f.Duration("each", 2*time.Second, "how long a turn lasts")
	only := f.String("only", "", "measure only what has this `WORD` in its name")
	if err := f.Parse(args); err != nil {
		return err
	}
	b, err := newBench(ctx, *rounds, *each)
	if err != nil {
		return err
	}
	defer b.close()
	for _, m := range measures() {
		if !strings.Contains(m.name, *only) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring:", m.name)
		if err := m.do(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	b.report.print(os.Stdout)
	return b.report.save(*out)
}

// part reads a client's order and prints its result, both as JSON.
func part[Order, Result any](do func(Order) (Result, error)) error {
	var order Order
	if err := json.NewDecoder(os.Stdin).Decode(&order); err != nil {
		return fmt.Errorf("reading the order: %w", err)
	}
	result, err := do(order)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
