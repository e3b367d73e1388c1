package portal

import (
	"io"
	"sync"
	"time"
)

const (
	logEvery = 100 * time.Millisecond
	logMost  = 64 << 10 // bytes that wait
)

// LogBuffer spares a busy portal a system call for each line of its log. A
// line that comes after a rest is written at once; the lines of a busy moment
// are gathered for a tenth of a second. Warnings and errors write all that
// waits, and themselves, before the work goes on (NewLog), so that only
// ordinary lines of the last moment are lost when the process is killed.
type LogBuffer struct {
	out   io.Writer
	mu    sync.Mutex
	wait  []byte
	last  time.Time // when lines were last written
	timer *time.Timer
}

// NewLogBuffer stands in front of out. Flush it at the end.
func NewLogBuffer(out io.Writer) *LogBuffer { return &LogBuffer{out: out} }

// Write takes one line. It only reports what went wrong with writing when it
// is the one that writes.
func (b *LogBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait = append(b.wait, line...)
	rest := time.Since(b.last)
	switch {
	case rest >= logEvery, len(b.wait) >= logMost:
		return len(line), b.write()
	case b.timer == nil:
		b.timer = time.AfterFunc(logEvery-rest, b.Flush)
	}
	return len(line), nil
}

// Flush writes what waits.
func (b *LogBuffer) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.write() // there is no other place to say it
}

// write writes what waits; the lock is held.
func (b *LogBuffer) write() error {
	if b.timer != nil {
		b.timer.Stop()
		b.timer = nil
	}
	if len(b.wait) == 0 {
		return nil
	}
	_, err := b.out.Write(b.wait)
	b.wait, b.last = b.wait[:0], time.Now()
	return err
}
