package auth

import (
	"strings"
	"testing"
	"time"
)

const secretA, secretB = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"

func sealer(t *testing.T, now *time.Time, secrets ...string) *Sealer {
	t.Helper()
	s, err := NewSealer(func() time.Time { return *now }, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedValueOpensOnlyAsItWasMade(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := sealer(t, &now, secretA)
	sealed := s.Seal(purposeFlash, "amina", time.Minute, []byte("saved"))
	if got, err := s.Open(purposeFlash, "amina", sealed); err != nil || string(got) != "saved" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another purpose": func() ([]byte, error) { return s.Open(purposeState, "amina", sealed) },
		"another context": func() ([]byte, error) { return s.Open(purposeFlash, "chidi", sealed) },
		"changed":         func() ([]byte, error) { return s.Open(purposeFlash, "amina", strings.Repeat("A", len(sealed))) },
		"cut":             func() ([]byte, error) { return s.Open(purposeFlash, "amina", sealed[:20]) },
		"not base64":      func() ([]byte, error) { return s.Open(purposeFlash, "amina", "§") },
		"another secret":  func() ([]byte, error) { return sealer(t, &now, secretB).Open(purposeFlash, "amina", sealed) },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s: it opened as %q", name, got)
		}
	}
	now = now.Add(2 * time.Minute)
	if _, err := s.Open(purposeFlash, "amina", sealed); err == nil {
		t.Error("it opened after its time")
	}
}

func TestPreviousSecretStillOpens(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	old := sealer(t, &now, secretA).Seal(purposeState, "", time.Minute, []byte("x"))
	if _, err := sealer(t, &now, secretB, secretA).Open(purposeState, "", old); err != nil {
		t.Errorf("a value of the previous secret did not open: %v", err)
	}
}

func TestShortSecretIsRefused(t *testing.T) {
	if _, err := NewSealer(time.Now, "too short"); err == nil {
		t.Error("a secret of 9 bytes was taken")
	}
	if _, err := NewSealer(time.Now); err == nil {
		t.Error("no secret at all was taken")
	}
}

func FuzzOpen(f *testing.F) {
	now := time.Unix(1_800_000_000, 0)
	s, err := NewSealer(func() time.Time { return now }, secretA)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s.Seal(purposeFlash, "", time.Minute, []byte("a message")))
	f.Add("")
	f.Fuzz(func(t *testing.T, sealed string) {
		for _, p := range []Purpose{purposeState, purposeAttempt, purposeMarker} {
			if plain, err := s.Open(p, "", sealed); err == nil {
				t.Fatalf("%q opened as %q for %s, and nobody sealed it", sealed, plain, p)
			}
		}
	})
}
