package journey

import (
	"strings"
	"time"

	"portico/cmd/internal/testlog"
)

// logged is a portal's log that a test looks through.
type logged struct{ testlog.Log }

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
	for line := range strings.Lines(l.String()) {
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
