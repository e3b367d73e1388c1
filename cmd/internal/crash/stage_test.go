package crash

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/process"
)

const (
	portal  = "localhost:4000" // a name only: dial leads to where the program listens now
	started = time.Minute      // within which a start must be done, however slow the machine
)

var errDown = errors.New("the portal is not up")

// stage is a portal that is killed and started again on one database.
type stage struct {
	program, database string
	env               []string
	provider          *campusonetest.Server
	author            *author
	client            *http.Client // of the webhooks' sender

	mu       sync.Mutex
	up       *life         // nil while nothing listens
	changed  chan struct{} // closed when up changes
	sessions []*session
	failed   []string // what no kill excuses
}

// life is one run of the program, from its start to its kill.
type life struct {
	process *process.Process
	address string
	waits   string // what it is killed after
	left    atomic.Int64
}

func newStage(t testing.TB, program, database string, seed uint64) *stage {
	secret, hook := rand.Text(), rand.Text()
	s := &stage{program: program, database: database, author: newAuthor(hook, seed), changed: make(chan struct{})}
	s.provider = campusonetest.New(campusonetest.Options{
		People:  signers(),
		Clients: []campusonetest.Client{{ID: "crash", Secret: secret, RedirectURIs: []string{"http://" + portal + "/auth/callback"}, Trusted: true}},
	})
	if err := s.provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.provider.Close)
	s.env = []string{
		"APP_URL=http://" + portal, "LISTEN=127.0.0.1:0", "DATABASE_URL=" + database, "SESSION_SECRET=" + rand.Text() + rand.Text(),
		"CAMPUS_ONE_CLIENT_ID=crash", "CAMPUS_ONE_CLIENT_SECRET=" + secret, "CAMPUS_ONE_WEBHOOK_SECRET=" + hook,
		"CAMPUS_ONE_DISCOVERY_URL=" + s.provider.DiscoveryURL(), "CAMPUS_ONE_ISSUER=" + s.provider.URL() + "," + s.provider.URL() + "/api/auth",
		"CAMPUS_ONE_API_URL=" + s.provider.APIURL(), "PORTICO_LOG=json", "PORTICO_BACKUP_DIR=off",
		"PORTICO_NOTIFICATIONS=on", "CAMPUS_ONE_SCOPES=openid profile email academic roles offline_access notifications", "CAMPUS_ONE_RATE=100", "STATE_DIRECTORY=" + filepath.Join(t.TempDir(), "state"),
	}
	s.client = s.newClient()
	return s
}

// newClient is an HTTP client that finds the portal wherever it listens.
func (s *stage) newClient() *http.Client {
	return &http.Client{Timeout: started, Transport: &http.Transport{DialContext: s.dial, MaxIdleConnsPerHost: senders}}
}

func (s *stage) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address == portal {
		l := s.now()
		if l == nil {
			return nil, errDown
		}
		address = l.address
	}
	var d net.Dialer
	return d.DialContext(ctx, network, address)
}

func (s *stage) now() *life {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up
}

func (s *stage) set(l *life) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.up = l
	close(s.changed)
	s.changed = make(chan struct{})
}

// awaitUp waits until the portal listens; false when ctx ended.
func (s *stage) awaitUp(ctx context.Context) bool {
	for {
		s.mu.Lock()
		up, changed := s.up, s.changed
		s.mu.Unlock()
		if up != nil {
			return ctx.Err() == nil
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// start begins a life and waits until it listens.
func (s *stage) start(t testing.TB, l *life) {
	t.Helper()
	s.spawn(t, l)
	ctx, cancel := context.WithTimeout(t.Context(), started)
	defer cancel()
	address, err := l.process.Ready(ctx)
	if err != nil {
		l.process.Kill()
		t.Fatal(err)
	}
	l.address = address
	s.set(l)
}

func (s *stage) spawn(t testing.TB, l *life) {
	t.Helper()
	p, err := process.Start(s.program, s.env, "serve", "--create")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	l.process = p
}

// saw counts what was seen of the portal; at the chosen one it is killed, in
// the very moment.
func (s *stage) saw(what string) {
	if l := s.now(); l != nil && l.waits == what && l.left.Add(-1) == 0 {
		l.process.Kill()
	}
}

// kill runs the program once and kills it at a random point.
func (s *stage) kill(t testing.TB, chance *mathrand.Rand) {
	t.Helper()
	l := &life{}
	switch chance.IntN(8) {
	case 0: // while it starts
		s.spawn(t, l)
		time.Sleep(time.Duration(chance.IntN(200)) * time.Millisecond)
		l.process.Kill()
		return
	case 1: // at any moment
		s.start(t, l)
		time.Sleep(time.Duration(chance.IntN(500)) * time.Millisecond)
		l.process.Kill()
	case 2:
		l.waitFor(signedIn, 1+chance.IntN(3))
		s.start(t, l)
	case 3:
		l.waitFor(signedOut, 1+chance.IntN(2))
		s.start(t, l)
	case 4:
		l.waitFor(toldToEnd, 1+chance.IntN(3))
		s.start(t, l)
	default:
		l.waitFor(answered, 1+chance.IntN(400))
		s.start(t, l)
	}
	select {
	case <-l.process.Exited():
	case <-time.After(2 * started):
		t.Errorf("the moment to kill at did not come: %s, %d more", l.waits, l.left.Load())
		l.process.Kill()
	}
	s.set(nil)
}

func (l *life) waitFor(what string, times int) {
	l.waits = what
	l.left.Store(int64(times))
}

// wrong notes what must not happen, killed or not.
func (s *stage) wrong(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = append(s.failed, fmt.Sprintf(format, args...))
}
