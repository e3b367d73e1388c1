package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"portico/cmd/internal/process"
	"portico/db"
	"portico/db/bulk"
	"portico/handlers/reports"
)

// streaming is how much memory a long download takes.
type streaming struct {
	Rows     int     `json:"rows"`
	Bytes    int     `json:"bytes"`
	Took     float64 `json:"ms"`
	HeapMost float64 `json:"heap_most_mb"`  // above what there was before
	Early    float64 `json:"heap_early_mb"` // the same within the first tenth of the bytes
	Resident float64 `json:"resident_mb"`   // of the process as Linux counts it, above what there was before; 0 elsewhere
}

// stream fills the audit up to as many lines as are asked for and downloads
// them all as CSV, as a browser does, but into nothing.
func stream(ctx context.Context, o order, m *maker) (streaming, error) {
	have, err := bulk.Rows(ctx, m.db, "audit")
	if err != nil {
		return streaming{}, err
	}
	if err := bulk.Audit(ctx, m.db, moreAudit(m, o.lines-have)); err != nil {
		return streaming{}, err
	}
	desk := &reports.Desk{DB: m.db, Names: nameless{}, Settings: noSettings(), Now: time.Now().In(m.zone), Exact: true}
	q := url.Values{"by": {"entry"}, "period": {"custom"}, "from": {db.DayOf(m.start(), m.zone).String()}, "to": {db.DayOf(m.now, m.zone).String()}}
	down, _, err := desk.Download(ctx, "audit", q)
	if err != nil {
		return streaming{}, fmt.Errorf("downloading: %w", err)
	}
	into := newSink()
	took, err := timed(func() error { return down.Write(ctx, into, func() error { return nil }) })
	s := into.streaming
	s.Rows, s.Took = down.Rows, took
	return s, err
}

// moreAudit are n lines more, one every few seconds of the year.
func moreAudit(m *maker, n int) func(func(db.AuditEntry) bool) {
	return func(yield func(db.AuditEntry) bool) {
		apart := m.now.Sub(m.start()) / time.Duration(max(1, n))
		for i := range max(0, n) {
			at := m.start().Add(time.Duration(i) * apart)
			if at.After(m.now) || !yield(db.AuditEntry{At: at, Actor: "command line (operator)", Action: "delivery.read", Object: fmt.Sprintf("delivery-%d", i)}) {
				return
			}
		}
	}
}

// sink takes a download and looks at the heap all the while.
type sink struct {
	streaming
	before   uint64
	resident float64 // MB, before
	looked   int
}

func newSink() *sink {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.FreeOSMemory()
	return &sink{before: m.HeapAlloc, resident: resident()}
}

func resident() float64 {
	mb, err := process.Memory(os.Getpid(), "VmRSS")
	if err != nil {
		return 0
	}
	return mb
}

// Write implements io.Writer.
func (s *sink) Write(p []byte) (int, error) {
	s.Bytes += len(p)
	if s.Bytes-s.looked > 1<<18 {
		s.looked = s.Bytes
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		s.HeapMost = max(s.HeapMost, float64(int64(m.HeapAlloc)-int64(s.before))/(1<<20))
		s.Resident = max(s.Resident, resident()-s.resident)
		if s.Bytes < 8<<20 {
			s.Early = s.HeapMost
		}
	}
	return len(p), nil
}
