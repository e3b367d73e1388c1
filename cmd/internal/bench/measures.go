package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/cmd/internal/process"
)

const (
	busy       = 16 // connections of a client that asks for pages
	perSecond  = 500
	deliveries = 5000 // of one turn: ten seconds
	mega       = 1 << 20
)

// measure is one of the budgets.
type measure struct {
	name string
	do   func(context.Context, *bench) error
}

// measures are in an order: memory at rest comes before any load.
func measures() []measure {
	return []measure{
		{"memory at rest", idleMemory},
		{"dashboard", func(ctx context.Context, b *bench) error {
			return pageRate(ctx, b, "/dashboard, signed in", "/dashboard", map[string]string{"Cookie": "session=" + b.session}, 0.6)
		}},
		{"dashboard, gzip", func(ctx context.Context, b *bench) error {
			return pageRate(ctx, b, "/dashboard, signed in, gzip", "/dashboard", map[string]string{"Cookie": "session=" + b.session, "Accept-Encoding": "gzip"}, 0.6)
		}},
		{"first page", func(ctx context.Context, b *bench) error {
			return pageRate(ctx, b, "/, anonymous with c1_anon", "/", map[string]string{"Cookie": "c1_anon=1"}, 0.85)
		}},
		{"allocations", allocations},
		{"webhooks", webhooks},
		{"crowd", manySignIn},
		{"memory under load", loadMemory},
		{"start", startTime},
		{"binary", binarySize},
		{"many sessions", manySessions},
	}
}

// pageRate lets the portal and the bare server take turns.
func pageRate(ctx context.Context, b *bench, name, path string, header map[string]string, budget float64) error {
	plain := map[string]string{"Cookie": header["Cookie"]}
	s, err := b.sample(path, plain)
	if err != nil {
		return err
	}
	bare, address, err := b.bareWith(ctx, map[string]sample{path: s})
	if err != nil {
		return err
	}
	defer bare.Kill()
	order := viewsOrder{Requests: []string{string(wire(b.request(path, header)))}, Connections: busy, For: b.each}
	if header["Accept-Encoding"] == "" {
		order.Bytes = len(s.Body)
	}
	var ratios []float64
	var ours, theirs spent
	for range b.rounds {
		mine, err := b.rate(ctx, order, b.host, b.portal, &ours)
		if err != nil {
			return err
		}
		its, err := b.rate(ctx, order, address, bare, &theirs)
		if err != nil {
			return err
		}
		ratios = append(ratios, mine/its)
	}
	b.report.atLeast(name, middle(ratios), budget, "of bare", fmt.Sprintf("%s beside %s, %d bytes, turns %.2f to %.2f", &ours, &theirs, len(s.Body), slices.Min(ratios), slices.Max(ratios)))
	return nil
}

// spent sums up the turns of one server. Its time on the processors says how
// it fares even when others want them too.
type spent struct {
	answers  int
	took     time.Duration
	computed float64 // seconds, on all cores
}

func (s *spent) String() string {
	return fmt.Sprintf("%.0f/s (%.0f µs of processor each)", float64(s.answers)/s.took.Seconds(), s.computed/float64(s.answers)*1e6)
}

func (b *bench) bareWith(ctx context.Context, samples map[string]sample) (*process.Process, string, error) {
	text, err := json.Marshal(samples)
	if err != nil {
		return nil, "", err
	}
	file := filepath.Join(b.folder, "samples.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, "", err
	}
	return b.bare(ctx, "-samples", file)
}

// rate is how many answers a second a server gives.
func (b *bench) rate(ctx context.Context, o viewsOrder, address string, server *process.Process, sum *spent) (float64, error) {
	o.Address = address
	before, err := computed(server.Pid())
	if err != nil {
		return 0, err
	}
	r, err := client[viewsOrder, viewsResult](ctx, b, "views", o)
	if err != nil {
		return 0, err
	}
	after, err := computed(server.Pid())
	sum.answers, sum.took, sum.computed = sum.answers+r.Answers, sum.took+r.Took, sum.computed+after-before
	return float64(r.Answers) / r.Took.Seconds(), err
}

// computed is how many seconds a process has been on the processors
// (proc(5): utime and stime, in hundredths).
func computed(pid int) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("the kernel tells of process %d: %q", pid, text)
	}
	user, err := strconv.ParseFloat(fields[11], 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseFloat(fields[12], 64)
	return (user + system) / 100, err
}

// middle is the median.
func middle(all []float64) float64 {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

// webhooks sends 500 deliveries a second to each server in turn.
func webhooks(ctx context.Context, b *bench) error {
	bare, address, err := b.bare(ctx, "-log", filepath.Join(b.folder, "hooks.log"), "-secret", b.secret)
	if err != nil {
		return err
	}
	defer bare.Kill()
	var ratios, ours, theirs []float64
	good, turns := 0, min(b.rounds, 3)
	for turn := range turns {
		o := hooksOrder{Host: b.host, Secret: b.secret, Mark: fmt.Sprintf("turn%d", turn), PerSecond: perSecond, Count: deliveries}
		mine, err := b.hook(ctx, o, b.host)
		if err != nil {
			return err
		}
		its, err := b.hook(ctx, o, address)
		if err != nil {
			return err
		}
		good += mine.Good
		m, i := mine.P99.Seconds()*1000, its.P99.Seconds()*1000
		ratios, ours, theirs = append(ratios, m/i), append(ours, m), append(theirs, i)
	}
	b.report.atMost("webhook answers at 500/s, p99", middle(ratios), 5, "x bare", fmt.Sprintf("%.1f ms beside %.1f ms, turns %.2f to %.2f", middle(ours), middle(theirs), slices.Min(ratios), slices.Max(ratios)))
	return b.countStored(ctx, good)
}

func (b *bench) hook(ctx context.Context, o hooksOrder, address string) (hooksResult, error) {
	o.Address = address
	return client[hooksOrder, hooksResult](ctx, b, "hooks", o)
}

// countStored looks for the row of every answered delivery.
func (b *bench) countStored(ctx context.Context, good int) error {
	d, err := b.open(ctx)
	if err != nil {
		return err
	}
	states, err := d.DeliveryStates(ctx)
	if err != nil {
		return errors.Join(err, d.Close())
	}
	stored := 0
	for _, n := range states {
		stored += n
	}
	b.report.atMost("webhooks lost", float64(good-stored), 0, "", fmt.Sprintf("%d answered with 200, %d stored", good, stored))
	return d.Close()
}

// allocations runs the Go benchmark that counts them.
func allocations(ctx context.Context, b *bench) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkDashboard$", "-benchmem", "portico/cmd/internal/journey")
	text, err := cmd.CombinedOutput()
	found := regexp.MustCompile(`BenchmarkDashboard\S*\s+\d+\s+(\S+) ns/op.*?(\d+) allocs/op`).FindSubmatch(text)
	if err != nil || found == nil {
		return fmt.Errorf("the benchmark said: %s (%w)", text, err)
	}
	n, err := strconv.ParseFloat(string(found[2]), 64)
	b.report.atMost("heap allocations per warm /dashboard", n, 60, "", fmt.Sprintf("%s ns in the handler", found[1]))
	return err
}

// idleMemory looks at a portal that has just begun to wait.
func idleMemory(ctx context.Context, b *bench) error {
	select {
	case <-time.After(5 * time.Second):
	case <-ctx.Done():
		return ctx.Err()
	}
	n, err := process.Memory(b.portal.Pid(), "VmRSS")
	b.report.atMost("resident memory, idle", n, 40, "MB", "")
	return err
}

// loadMemory is the most the portal ever held while it was measured.
func loadMemory(_ context.Context, b *bench) error {
	n, err := process.Memory(b.portal.Pid(), "VmHWM")
	b.report.atMost("resident memory, under load", n, 120, "MB", "the most it ever held")
	return err
}

// startTime starts a portal and a bare server in turn on the same database,
// Campus One unreachable, each from its start to its first answer.
func startTime(ctx context.Context, b *bench) error {
	env := append(slices.Clone(b.env), "LISTEN=127.0.0.1:0", "CAMPUS_ONE_DISCOVERY_URL=http://127.0.0.1:1/.well-known/openid-configuration")
	var ratios, ours, theirs []float64
	for range b.rounds {
		mine, err := toFirstAnswer(ctx, func() (*process.Process, error) { return process.Start(b.portico, env, "serve") })
		if err != nil {
			return err
		}
		its, err := toFirstAnswer(ctx, func() (*process.Process, error) {
			return process.Start(b.self, os.Environ(), "bare", "-database", b.database)
		})
		if err != nil {
			return err
		}
		ratios, ours, theirs = append(ratios, mine/its), append(ours, mine), append(theirs, its)
	}
	b.report.atMost("start to first answer", middle(ratios), 3, "x bare", fmt.Sprintf("%.0f ms beside %.0f ms", middle(ours)*1000, middle(theirs)*1000))
	return nil
}

func toFirstAnswer(ctx context.Context, start func() (*process.Process, error)) (float64, error) {
	began := time.Now()
	p, err := start()
	if err != nil {
		return 0, err
	}
	defer p.Kill()
	address, err := p.Ready(ctx)
	if err != nil {
		return 0, err
	}
	c, err := dial(address)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	_, err = c.ask([]byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
	return time.Since(began).Seconds(), err
}

func binarySize(_ context.Context, b *bench) error {
	info, err := os.Stat(b.portico)
	if err != nil {
		return err
	}
	b.report.atMost("binary", float64(info.Size())/mega, 35, "MB", "")
	return nil
}
