package campusone

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestBreaker(t *testing.T) {
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	var b breaker
	steps := func(want bool, probes ...bool) {
		t.Helper()
		for _, good := range probes {
			b.probe(good)
		}
		if b.isOpen() != want {
			t.Errorf("after probes %v open is %v", probes, !want)
		}
	}
	steps(false, false, false, true, false, false)
	steps(true, false)
	steps(true, true)
	steps(true, false, true)
	steps(false, true)
	for i := range tokenTroubles {
		b.trouble(at.Add(time.Duration(i) * 8 * time.Second))
	}
	steps(false) // five within 32 s
	b.trouble(at.Add(33 * time.Second))
	steps(true) // five within 30 s: 8, 16, 24, 32, 33
	steps(true, true)
	steps(false, true)
	b.trouble(at.Add(34 * time.Second))
	steps(false) // closing forgets the old ones
}

// wire answers without a network, so that time can be a bubble's.
type wire struct {
	document, keys string
	status         atomic.Int64 // 0: nobody answers
	asked          [2]atomic.Int64
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	status := int(w.status.Load())
	body := w.document
	if r.URL.Path == "/jwks" {
		body = w.keys
		w.asked[1].Add(1)
	} else {
		w.asked[0].Add(1)
	}
	if status == 0 {
		return nil, errors.New("connection refused")
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func newWire(t *testing.T) (*wire, Config) {
	const home = "https://auth.campusone.com.ng"
	document, _ := json.Marshal(map[string]any{
		"issuer": home, "authorization_endpoint": home + "/a", "token_endpoint": home + "/t", "jwks_uri": home + "/jwks",
	})
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: edKey(t).Public(), KeyID: "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	return &wire{document: string(document), keys: string(keys)}, Config{DiscoveryURL: home + "/d", Issuers: []string{home}}
}

func TestRunOpensAndClosesTheBreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, cfg := newWire(t)
		w.status.Store(200)
		p := New(cfg, Options{Transport: w})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go p.Run(ctx)
		wantAway := func(after time.Duration, want bool) {
			t.Helper()
			time.Sleep(after)
			synctest.Wait()
			if p.Away() != want {
				t.Errorf("away is %v at %s", !want, time.Now())
			}
		}
		wantAway(time.Second, false)
		w.status.Store(0)
		wantAway(2*probeEvery, false)
		wantAway(probeEvery, true)
		w.status.Store(200)
		wantAway(probeEvery, true)
		wantAway(probeEvery, false)
		w.status.Store(404)
		wantAway(10*probeEvery, false)
		if s := p.Status(); !s.Known || s.LastTrouble.Reason != "discovery_status" {
			t.Errorf("status = %+v", s)
		}
	})
}

func TestRunReadsAgainHourly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, cfg := newWire(t)
		w.status.Store(200)
		p := New(cfg, Options{Transport: w})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go p.Run(ctx)
		time.Sleep(time.Second)
		synctest.Wait()
		first := p.Status()
		if first.DiscoveryAt.IsZero() || first.Keys != 1 {
			t.Fatalf("status = %+v", first)
		}
		time.Sleep(rereadEvery - 2*time.Second)
		synctest.Wait()
		if s := p.Status(); s.DiscoveryAt != first.DiscoveryAt || w.asked[1].Load() != 1 {
			t.Errorf("read again before the hour: %+v", s)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s := p.Status(); s.DiscoveryAt.Sub(first.DiscoveryAt) != rereadEvery || s.KeysAt.Sub(first.KeysAt) != rereadEvery {
			t.Errorf("after an hour: %+v", s)
		}
	})
}

func TestRunTriesFasterWhileNothingIsKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, cfg := newWire(t)
		p := New(cfg, Options{Transport: w})
		ctx, cancel := context.WithCancel(t.Context())
		go p.Run(ctx)
		time.Sleep(16 * time.Second) // tries at 0, 1, 3, 7 and 15 s
		synctest.Wait()
		if n := w.asked[0].Load(); n != 5 {
			t.Errorf("asked %d times in 16 s", n)
		}
		w.status.Store(200)
		time.Sleep(16 * time.Second)
		synctest.Wait()
		if !p.Status().Known {
			t.Error("not known after the provider came up")
		}
		cancel()
		synctest.Wait() // a Run that does not end fails the bubble
	})
}
