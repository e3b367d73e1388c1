//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"portico/cmd/internal/testlog"
)

// terminal opens the two ends of a terminal: where a person sits, and where a
// program reads.
func terminal(t *testing.T) (person, program *os.File) {
	t.Helper()
	person, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(person.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(person.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	program, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return person, program
}

func shows(t *testing.T, f *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}

// On a terminal what is typed is shown, but a secret is not.
func TestInitHidesSecrets(t *testing.T) {
	person, program := terminal(t)
	defer person.Close()
	shown, out := &testlog.Log{}, &testlog.Log{}
	go func() {
		buf := make([]byte, 1024)
		for n, err := person.Read(buf); err == nil; n, err = person.Read(buf) {
			_, _ = shown.Write(buf[:n]) // memory takes it all
		}
	}()
	code := make(chan int, 1)
	go func() {
		args := []string{"init", "--env-file", t.TempDir() + "/portico.env", "--database-url", "sqlite:" + t.TempDir() + "/portico.db", "--discovery-url", "http://127.0.0.1:1/d", "--issuer", "http://127.0.0.1:1"}
		code <- run(t.Context(), args, nil, program, out, out)
	}()
	for _, q := range []struct {
		prompt, answer string
		secret         bool
	}{
		{"Public address", "http://127.0.0.1:1", false}, {"Client id", "a-client-id", false},
		{"Client secret", "typed-secret", true}, {"Webhook secret", "typed-hook", true},
	} {
		eventually(t, "the question "+q.prompt, func() bool { return strings.Contains(out.String(), q.prompt) && shows(t, program) != q.secret })
		if _, err := fmt.Fprintln(person, q.answer); err != nil {
			t.Fatal(err)
		}
	}
	if c := <-code; c != exitDone {
		t.Errorf("init ended with %d: %s", c, out)
	}
	eventually(t, "what is no secret is shown", func() bool { return strings.Contains(shown.String(), "a-client-id") })
	for _, secret := range []string{"typed-secret", "typed-hook"} {
		if strings.Contains(shown.String()+out.String(), secret) {
			t.Errorf("%s is shown", secret)
		}
	}
	if !shows(t, program) {
		t.Error("the terminal stays silent afterwards")
	}
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited 20 s for %s", what)
		}
	}
}
