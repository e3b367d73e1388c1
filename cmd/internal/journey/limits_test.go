package journey

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/auth/campusone/campusonetest"
)

// Under the university's domain the provider's cookies arrive too: 64 kB of
// headers are taken. A little more gets a page, very much more a plain no.
func TestHeaderSizes(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	for size, status := range map[int]int{60 << 10: http.StatusOK, 66 << 10: http.StatusRequestHeaderFieldsTooLarge, 300 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		many := map[string]string{"Accept": "text/html"}
		for i := range size >> 10 {
			many[fmt.Sprintf("X-Cookie-%03d", i)] = strings.Repeat("x", 1024-17)
		}
		res, text := w.request(t, http.MethodGet, "/healthz", "", many, "")
		if res.StatusCode != status {
			t.Errorf("%d bytes of headers: %d, want %d", size, res.StatusCode, status)
		}
		if size == 66<<10 && !strings.Contains(text, "Your browser sent too much") {
			t.Errorf("%d bytes of headers: no page but %.100q", size, text)
		}
	}
}

// Whoever dawdles is cut off: with the head within seconds, and others are
// answered meanwhile.
func TestSlowHeadIsCutOff(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	var slow []net.Conn
	for range 50 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
		slow = append(slow, conn)
	}
	if res, _ := w.request(t, http.MethodGet, "/healthz", "", nil, ""); res.StatusCode != http.StatusOK {
		t.Errorf("others are answered with %d", res.StatusCode)
	}
	for i, conn := range slow {
		if err := conn.SetReadDeadline(time.Now().Add(45 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err := bufio.NewReader(conn).ReadString('\x00') // until the portal hangs up
		if n, ok := err.(net.Error); ok && n.Timeout() {
			t.Fatalf("connection %d was not cut off", i)
		}
	}
}

// A crowd signs in from one address while somebody behind the same address
// sends made-up codes, before it and all the while: nobody of it fails.
func TestCrowdBesideJunk(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{Provider: func(o *campusonetest.Options, _ *campusonetest.Client) { o.People = crowdOf(crowd) }})
	for range 30 {
		if err := w.junk(); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	var junk, people sync.WaitGroup
	for range 2 {
		junk.Go(func() {
			for done := false; !done; {
				select {
				case <-stop:
					done = true
				default:
					if err := w.junk(); err != nil {
						t.Errorf("junk: %v", err)
						done = true
					}
				}
			}
		})
	}
	for i := range crowd {
		people.Go(func() {
			if err := w.arrive(i); err != nil {
				t.Errorf("person %d: %v", i, err)
			}
		})
	}
	people.Wait()
	close(stop)
	junk.Wait()
}

// junk comes back with a code that Campus One never gave.
func (w *World) junk() error {
	p := w.Person(true)
	dashboard, err := url.Parse(w.URL + "/dashboard")
	if err != nil {
		return err
	}
	away, err := p.step(http.MethodGet, dashboard, nil)
	if err != nil {
		return err
	}
	back, err := url.Parse(w.URL + "/auth/callback?code=made-up&state=" + away.Query().Get("state"))
	if err != nil {
		return err
	}
	_, err = p.step(http.MethodGet, back, nil)
	return err
}
