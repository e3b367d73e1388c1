package campusone

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestVerifySignature(t *testing.T) {
	// From RFC 4231, test case 2.
	body, key := []byte("what do ya want for nothing?"), Secret("Jefe")
	const good = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	for name, c := range map[string]struct {
		header  string
		secrets []Secret
		want    bool
	}{
		"good":              {good, []Secret{key}, true},
		"previous secret":   {good, []Secret{"new", key}, true},
		"empty other":       {good, []Secret{key, ""}, true},
		"wrong secret":      {good, []Secret{"jefe"}, false},
		"no secret":         {good, nil, false},
		"missing":           {"", []Secret{key}, false},
		"no prefix":         {strings.TrimPrefix(good, "sha256="), []Secret{key}, false},
		"other prefix":      {strings.Replace(good, "sha256", "sha512", 1), []Secret{key}, false},
		"prefix in capital": {strings.Replace(good, "sha256", "SHA256", 1), []Secret{key}, false},
		"cut short":         {good[:len(good)-2], []Secret{key}, false},
		"odd length":        {good[:len(good)-1], []Secret{key}, false},
		"too long":          {good + "00", []Secret{key}, false},
		"only prefix":       {"sha256=", []Secret{key}, false},
		"not hex":           {"sha256=" + strings.Repeat("z", 64), []Secret{key}, false},
		"space":             {good + " ", []Secret{key}, false},
	} {
		if got := VerifySignature(body, c.header, c.secrets...); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if VerifySignature(append(body, ' '), good, key) {
		t.Error("another body passed")
	}
	if Sign(body, key) != good {
		t.Errorf("Sign = %s", Sign(body, key))
	}
	if VerifySignature(body, Sign(body, ""), "") {
		t.Error("an empty secret fits")
	}
}

// TestGoldenEvents reads each sample and compares what was understood with the
// file beside it.
func TestGoldenEvents(t *testing.T) {
	samples, err := filepath.Glob("testdata/webhooks/*.json")
	if err != nil || len(samples) < 10 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, path := range samples {
		body, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(path, ".json") + ".golden"
		got := understood(t, bytes.TrimSuffix(body, []byte("\n")))
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func understood(t *testing.T, body []byte) []byte {
	t.Helper()
	e, err := ParseEvent(body)
	out := map[string]any{"id": e.ID, "event": e.Event, "user": e.UserID, "facts": factMap(e.Facts()), "error": nil}
	if !e.OccurredAt.IsZero() {
		out["occurred"] = e.OccurredAt.Format(time.RFC3339Nano)
	}
	if err != nil {
		out["error"] = err.Error()
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}

func TestDiffers(t *testing.T) {
	own, hashed := Event{ID: "a", HasID: true, Event: EventSignedOut}, Event{ID: "5feceb66", Event: EventDisconnected}
	for _, c := range []struct {
		e               Event
		event, delivery string
		want            bool
	}{
		{own, "", "", false}, {own, EventSignedOut, "a", false}, {own, EventUserDeleted, "a", true}, {own, EventSignedOut, "b", true}, {own, "", "b", true},
		{hashed, EventDisconnected, "some-uuid", false}, {hashed, EventSignedOut, "", true},
	} {
		if got := c.e.Differs(c.event, c.delivery); got != c.want {
			t.Errorf("%+v and %q, %q: %t", c.e, c.event, c.delivery, got)
		}
	}
}

func FuzzParseEvent(f *testing.F) {
	samples, _ := filepath.Glob("testdata/webhooks/*.json")
	for _, path := range samples {
		body, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		e, err := ParseEvent(body)
		if e.ID == "" || len(e.ID) > subLimit {
			t.Errorf("id = %q", e.ID)
		}
		if err != nil && (e.Event != "" || e.UserID != "" || e.Facts() != nil) {
			t.Errorf("an unreadable body says %+v", e)
		}
		if again, _ := ParseEvent(body); again.ID != e.ID {
			t.Error("one body has two ids")
		}
		at := time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)
		for _, f := range e.FactsAsOf(at) {
			if !f.AsOf.Equal(at) || f.Source != "webhook" || len(f.Value) > 20*valueLimit*listLimit {
				t.Errorf("fact = %+v", f)
			}
		}
		if e.Known() && err != nil || e.HasID && !bytes.Contains(body, []byte(`"id"`)) && !bytes.Contains(body, []byte(`\u`)) {
			t.Errorf("event = %+v", e)
		}
		if e.UserID != "" && !goodSub(e.UserID) || e.OccurredAt.Year() > 9999 {
			t.Errorf("event = %+v", e)
		}
	})
}
