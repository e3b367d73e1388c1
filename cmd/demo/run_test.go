package main

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/cmd/internal/testlog"
)

func TestDemoRunsAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var stdout, stderr testlog.Log
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"--listen", "127.0.0.1:0", "--provider-listen", "127.0.0.1:0", "--keep", t.TempDir()}, &stdout, &stderr)
	}()
	addresses := awaitAddresses(t, &stdout, done)
	for _, a := range addresses {
		if body := get(t, a); !strings.Contains(body, "<!doctype html>") {
			t.Errorf("%s is not a page: %.100s", a, body)
		}
	}
	for _, n := range []string{"1.", "2.", "3.", "4."} {
		if !strings.Contains(stdout.String(), "\n  "+n) {
			t.Errorf("it does not say what to try as %s\n%s", n, stdout.String())
		}
	}
	stop()
	select {
	case err := <-done:
		if err != nil {
			t.Errorf("it did not stop cleanly: %v", err)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("it did not stop")
	}
	if s := stderr.String(); strings.Contains(s, "ERROR") {
		t.Errorf("the log says: %s", s)
	}
}

func awaitAddresses(t *testing.T, stdout *testlog.Log, done chan error) []string {
	t.Helper()
	address := regexp.MustCompile(`(?m)^(?:Portico is open|A stand-in for Campus One):\s+(\S+)$`)
	for range 1200 { // a busy machine seeds slowly
		if found := address.FindAllStringSubmatch(stdout.String(), -1); len(found) == 2 {
			return []string{found[0][1], found[1][1]}
		}
		select {
		case err := <-done:
			t.Fatalf("the demo ended: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	t.Fatalf("no addresses: %s", stdout.String())
	return nil
}

func get(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestDemoSaysWhatIsWrong(t *testing.T) {
	for _, args := range [][]string{{"--listen", "nowhere:x"}, {"extra"}} {
		if err := run(context.Background(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%v was taken", args)
		}
	}
}
