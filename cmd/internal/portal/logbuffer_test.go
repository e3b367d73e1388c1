package portal

import (
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"portico/cmd/internal/testlog"
)

func TestLogBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out testlog.Log
		b := NewLogBuffer(&out)
		log := NewLog(b, LogOptions{Format: "text", Level: slog.LevelInfo})
		seen := func(want string) {
			t.Helper()
			var got []string
			for line := range strings.Lines(out.Take()) {
				_, after, _ := strings.Cut(line, "msg=")
				got = append(got, strings.TrimSpace(after))
			}
			if text := strings.Join(got, " "); text != want {
				t.Errorf("written: %q, want %q", text, want)
			}
		}
		log.Info("one")
		seen("one") // after a rest a line is written at once
		log.Info("two")
		log.Info("three")
		seen("")
		time.Sleep(logEvery)
		synctest.Wait()
		seen("two three")
		log.Info("four")
		log.Warn("five")
		seen("four five") // trouble waits for nothing
		log.Info("six")
		b.Flush()
		seen("six")
		for range logMost / 16 {
			log.Info("many")
		}
		written := out.Take()
		if written == "" {
			t.Errorf("more than %d bytes wait", logMost)
		}
		b.Flush()
		if n := strings.Count(written+out.Take(), "msg=many\n"); n != logMost/16 {
			t.Errorf("%d lines were written, want %d", n, logMost/16)
		}
	})
}
