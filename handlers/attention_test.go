package handlers

import (
	"strings"
	"testing"
	"time"
)

// Whoever manages the portal is told of a full disk and of a certificate that
// ends soon, and of neither before that.
func TestMachineConcerns(t *testing.T) {
	now := time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)
	s := &Server{Config: Config{Zone: time.UTC}}
	const day = 24 * time.Hour
	for _, test := range []struct {
		name string
		f    findings
		want string
	}{
		{"nothing is known", findings{}, ""},
		{"a tenth of the disk is left", findings{disk: .10, diskKnown: true}, ""},
		{"less than a tenth is left", findings{disk: .099, diskKnown: true}, "The disk of the database has 9 % left."},
		{"nothing is left", findings{diskKnown: true}, "The disk of the database has 0 % left."},
		{"the certificate has 14 days", findings{certificate: now.Add(14 * day)}, ""},
		{"the certificate has less", findings{certificate: now.Add(14*day - time.Second)}, "The certificate of this site ends on Mon 28 Sep."},
		{"the certificate is over", findings{certificate: now.Add(-day)}, "The certificate of this site ends on Sun 13 Sep."},
	} {
		var told []string
		for _, c := range s.machineConcerns(test.f, now) {
			told = append(told, c.Text)
			if c.Next == "" {
				t.Errorf("%s: no next step", test.name)
			}
		}
		if got := strings.Join(told, " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
