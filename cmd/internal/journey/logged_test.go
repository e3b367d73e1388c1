package journey

import (
	"bytes"
	"strings"
	"sync"
	"time"
)

// logged is a portal's log that a test looks through.
type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write takes one line.
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// holds waits for a line with all these parts: it is written after the answer.
func (l *logged) holds(parts ...string) bool {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if l.line(parts) {
			return true
		}
	}
	return false
}

func (l *logged) line(parts []string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.b.String()) {
		missing := 0
		for _, p := range parts {
			if !strings.Contains(line, p) {
				missing++
			}
		}
		if missing == 0 {
			return true
		}
	}
	return false
}
