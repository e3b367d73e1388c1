// Package testlog is a log that a test reads while a program writes it.
package testlog

import (
	"bytes"
	"sync"
)

// Log holds what was written. Its zero value is empty; any number may write
// and read it at once.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write adds to the log. It never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// String is all that was written, or that is left of it after Take.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Take gives what was written since it was called last, and forgets it.
func (l *Log) Take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.text.String()
	l.text.Reset()
	return text
}
