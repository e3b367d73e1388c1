package auth

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
)

func formFlow(t *testing.T, now *time.Time, secrets ...string) *Flow {
	t.Helper()
	return &Flow{seal: sealer(t, now, secrets...)}
}

func TestFormTag(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := formFlow(t, &now, secretA)
	tag := f.SealTag("amina")
	if got := f.OpenTag(tag); got != "amina" {
		t.Errorf("the tag is of %q", got)
	}
	if strings.Contains(tag, "amina") || len(tag) > 80 {
		t.Errorf("the tag is %q", tag)
	}
	if got := formFlow(t, &now, secretB, secretA).OpenTag(tag); got != "amina" {
		t.Errorf("after the secret moved the tag is of %q", got)
	}
	for _, bad := range []string{"", "x", tag[:20], f.seal.Seal(purposeFlash, "", time.Hour, []byte("amina"))} {
		if got := f.OpenTag(bad); got != "" {
			t.Errorf("tag %q is of %q", bad, got)
		}
	}
	if got := formFlow(t, &now, secretB).OpenTag(tag); got != "" {
		t.Errorf("without its secret the tag is of %q", got)
	}
}

func TestHeldForm(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := formFlow(t, &now, secretA)
	fields := url.Values{"reason": {"It came\r\ntwice: §∆"}, "on": {"1", "2"}, "empty": {""}}
	held, err := f.HoldForm("amina", "POST /a", fields)
	if err != nil || strings.Contains(held, "twice") {
		t.Fatalf("%q, %v", held, err)
	}
	open := func(f *Flow, user, address string) url.Values {
		got, err := f.HeldForm(user, address, held)
		if err != nil && !errors.Is(err, ErrNotOpen) {
			t.Error(err)
		}
		return got
	}
	moved := formFlow(t, &now, secretB, secretA)
	for name, got := range map[string]url.Values{"as it is": open(f, "amina", "POST /a"), "after the secret moved": open(moved, "amina", "POST /a")} {
		if !reflect.DeepEqual(got, fields) {
			t.Errorf("%s: got %v", name, got)
		}
	}
	for name, got := range map[string]url.Values{
		"another person": open(f, "chidi", "POST /a"), "another address": open(f, "amina", "POST /b"),
		"the secret is gone": open(formFlow(t, &now, secretB), "amina", "POST /a"),
	} {
		if got != nil {
			t.Errorf("%s: it opens: %v", name, got)
		}
	}
	now = now.Add(15 * time.Minute)
	if open(f, "amina", "POST /a") == nil {
		t.Error("after 15 minutes it does not open")
	}
	now = now.Add(time.Second)
	if open(f, "amina", "POST /a") != nil {
		t.Error("it opens after more than 15 minutes")
	}
}

func TestHeldFormSize(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := formFlow(t, &now, secretA)
	held, err := f.HoldForm("amina", "POST /a", url.Values{"text": {strings.Repeat("\n", 64<<10)}})
	if err != nil || len(held) > 90<<10 {
		t.Errorf("64 kB make %d bytes: %v", len(held), err)
	}
	if _, err := f.HoldForm("amina", "POST /a", url.Values{"text": {strings.Repeat("x", 66<<10)}}); !errors.Is(err, ErrTooLong) {
		t.Errorf("66 kB: %v", err)
	}
}
