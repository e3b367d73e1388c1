package checks

import (
	"os"
	"regexp"
	"testing"
)

// The address of a person's calendar is a secret that no log may hold, a
// proxy's no more than ours.
func TestProxiesDoNotLogCalendarAddresses(t *testing.T) {
	for file, rule := range map[string]string{
		"nginx.conf": `location /calendar/ \{\s+access_log off;\s+error_log +/dev/null crit;\s+proxy_pass [^;]+;\s+\}`,
		"Caddyfile":  `\n\tlog_skip /calendar/\*\n`,
	} {
		text, err := os.ReadFile("../../../deploy/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(rule).Match(text) {
			t.Errorf("%s logs the addresses of people's calendars: it lacks %s", file, rule)
		}
	}
}
