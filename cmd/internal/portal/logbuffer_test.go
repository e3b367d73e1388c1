package portal

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestLogBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		b := NewLogBuffer(&out)
		log := NewLog(b, LogOptions{Format: "text", Level: slog.LevelInfo})
		seen := func(want string) {
			t.Helper()
			var got []string
			for line := range strings.Lines(out.String()) {
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
		seen("one")
		time.Sleep(logEvery)
		synctest.Wait()
		seen("one two three")
		log.Info("four")
		log.Warn("five")
		seen("one two three four five") // trouble waits for nothing
		log.Info("six")
		b.Flush()
		seen("one two three four five six")
		out.Reset()
		for range logMost / 16 {
			log.Info("many")
		}
		if out.Len() == 0 {
			t.Errorf("more than %d bytes wait", logMost)
		}
		b.Flush()
		if n := strings.Count(out.String(), "msg=many\n"); n != logMost/16 {
			t.Errorf("%d lines were written, want %d", n, logMost/16)
		}
	})
}
