package auth

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// silentAt is a first silent attempt that leaves now.
func silentAt(now time.Time) attempt { return attempt{left: now.Unix(), departures: 1, silent: true} }

func TestAttemptsTravelWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := attempts{
			anonymous: rapid.Byte().Draw(t, "anonymous"), unanswered: rapid.Byte().Draw(t, "unanswered"), redirects: rapid.Byte().Draw(t, "redirects"), consent: rapid.Bool().Draw(t, "consent"),
			notBefore: int64(rapid.Uint32().Draw(t, "notBefore")), path: rapid.StringMatching(`/[a-z?=&]{0,40}`).Draw(t, "path"),
		}
		for range rapid.IntRange(0, maxAttempts).Draw(t, "n") {
			a.pages = append(a.pages, attempt{
				page: rapid.Uint32().Draw(t, "page"), left: int64(rapid.Uint32().Draw(t, "left")), departures: uint8(rapid.IntRange(0, 31).Draw(t, "departures")),
				silent: rapid.Bool().Draw(t, "silent"), confirm: rapid.Bool().Draw(t, "confirm"), open: rapid.Bool().Draw(t, "open"),
			})
		}
		if got := decodeAttempts(a.encode()); !reflect.DeepEqual(got, a) {
			t.Fatalf("sent %+v, came back as %+v", a, got)
		}
	})
}

func TestAttemptsKeepTheLastEightPages(t *testing.T) {
	var a attempts
	now := time.Unix(1_800_000_000, 0)
	for p := range strings.SplitSeq("/1 /2 /3 /4 /5 /6 /7 /8 /9", " ") {
		a.depart(p, silentAt(now))
	}
	if len(a.pages) != maxAttempts || a.find("/1") != nil || a.find("/9") == nil {
		t.Errorf("kept %d pages, the oldest must go first", len(a.pages))
	}
}

func TestThreeAnonymousAnswersAskForAPause(t *testing.T) {
	for saveData, want := range map[bool]time.Duration{false: 15 * time.Minute, true: time.Hour} {
		var a attempts
		now := time.Unix(1_800_000_000, 0)
		a.answeredAnonymous(now, saveData)
		a.answeredAnonymous(now, saveData)
		if a.notBefore != 0 {
			t.Error("a pause after two answers")
		}
		a.answeredAnonymous(now, saveData)
		if got := time.Unix(a.notBefore, 0).Sub(now); got != want {
			t.Errorf("save-data %v: pause %v, want %v", saveData, got, want)
		}
	}
}

// The cookies of the worst case, each at its longest, stay under 1 kB.
func TestCookiesStaySmall(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	f := &Flow{jar: jar{secure: true}, seal: sealer(t, &now, secretA), now: func() time.Time { return now }}
	a := attempts{anonymous: 3, unanswered: 5, consent: true, notBefore: now.Unix()}
	for p := range strings.SplitSeq("/1 /2 /3 /4 /5 /6 /7", " ") {
		a.depart(p, silentAt(now))
	}
	a.depart("/"+strings.Repeat("x", maxReturnPath-1), silentAt(now))
	sent := 0
	for _, c := range append(f.SignOut(strings.Repeat("n", 20)), f.attemptCookie(a), f.SharedComputer(true), f.jar.set(CookieAnonymous, "1", anonymousFor)) {
		if c.MaxAge >= 0 && c.Value != "" {
			sent += len(c.Name) + 1 + len(c.Value) + 2
		}
	}
	t.Logf("the worst case sends %d bytes", sent)
	if sent >= 1024 {
		t.Errorf("our cookies take %d bytes, they must stay under 1024", sent)
	}
}
