package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/process"
	"portico/db"
)

const announcements = 20

// bench is a portal that is measured, and what it is measured beside.
type bench struct {
	folder   string
	rounds   int
	each     time.Duration
	report   *report
	self     string // this program
	portico  string // the portal, built for release
	env      []string
	secret   string // of webhooks
	database string
	provider *campusonetest.Server
	portal   *process.Process
	host     string // of APP_URL, where the portal also listens
	session  string
}

// newBench builds and starts everything and signs somebody in.
func newBench(ctx context.Context, rounds int, each time.Duration) (*bench, error) {
	b := &bench{rounds: rounds, each: each, report: newReport(), secret: rand.Text()}
	if err := b.prepare(ctx); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) prepare(ctx context.Context) (err error) {
	if b.folder, err = os.MkdirTemp("", "portico-bench."); err != nil {
		return err
	}
	if b.self, err = os.Executable(); err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "building portico")
	if err := os.Setenv("CGO_ENABLED", "0"); err != nil {
		return err
	}
	if b.portico, err = process.Build(ctx, b.folder, "portico/cmd/portico", "-trimpath", "-ldflags=-s -w"); err != nil {
		return err
	}
	if err := b.settle(); err != nil {
		return err
	}
	if err := b.start(ctx); err != nil {
		return err
	}
	if err := b.seed(ctx); err != nil {
		return err
	}
	if b.session, err = b.signIn(); err != nil {
		return err
	}
	return b.seen(ctx)
}

// seen waits until the portal shows what was written beside it.
func (b *bench) seen(ctx context.Context) error {
	for ctx.Err() == nil {
		s, err := b.sample("/", map[string]string{"Cookie": "c1_anon=1"})
		if err != nil || bytes.Contains(s.Body, []byte("of the department<")) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return ctx.Err()
}

// settle chooses the addresses and secrets.
func (b *bench) settle() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		return err
	}
	b.host = "localhost:" + port
	client := rand.Text()
	b.provider = campusonetest.New(campusonetest.Options{People: append(campusonetest.Seeded(), everybody()...), Clients: []campusonetest.Client{
		{ID: "bench", Secret: client, RedirectURIs: []string{"http://" + b.host + "/auth/callback"}, Trusted: true},
	}})
	if err := b.provider.Start(); err != nil {
		return err
	}
	b.database = "sqlite:" + filepath.Join(b.folder, "portico.db")
	b.env = []string{
		"APP_URL=http://" + b.host, "LISTEN=127.0.0.1:" + port, "DATABASE_URL=" + b.database, "SESSION_SECRET=" + rand.Text() + rand.Text(),
		"CAMPUS_ONE_CLIENT_ID=bench", "CAMPUS_ONE_CLIENT_SECRET=" + client, "CAMPUS_ONE_WEBHOOK_SECRET=" + b.secret,
		"CAMPUS_ONE_DISCOVERY_URL=" + b.provider.DiscoveryURL(), "CAMPUS_ONE_ISSUER=" + b.provider.URL() + "," + b.provider.URL() + "/api/auth",
		"CAMPUS_ONE_API_URL=" + b.provider.APIURL(), "PORTICO_LOG=json", "STATE_DIRECTORY=" + b.folder, "PORTICO_BACKUP_DIR=off",
	}
	return nil
}

// start runs the portal, with its usual log in a file, until it answers.
func (b *bench) start(ctx context.Context) error {
	log, err := os.Create(filepath.Join(b.folder, "portico.log"))
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	if b.portal, err = process.StartInto(log, b.portico, b.env, "serve", "--create"); err != nil {
		return err
	}
	for ctx.Err() == nil {
		select {
		case <-b.portal.Exited():
			said, _ := os.ReadFile(log.Name())
			return fmt.Errorf("the portal ended: %s", said)
		case <-time.After(10 * time.Millisecond):
		}
		if c, err := net.Dial("tcp", b.host); err == nil {
			return c.Close()
		}
	}
	return ctx.Err()
}

// open opens the database beside the portal.
func (b *bench) open(ctx context.Context) (*db.DB, error) {
	return db.Open(ctx, b.database, db.Options{NoMigrate: true})
}

// seed publishes what a dashboard shows.
func (b *bench) seed(ctx context.Context) error {
	d, err := b.open(ctx)
	if err != nil {
		return err
	}
	now := time.Now()
	for i := range announcements {
		_, err = d.CreateItem(ctx, db.Announcement, db.Content{
			Slug: fmt.Sprintf("notice-%d", i), Title: fmt.Sprintf("Notice %d of the department", i), Category: "exams", Audience: `{"to":"everybody"}`, Owner: "bench",
			Body: strings.Repeat("The examination office tells *all* students something that matters. ", 6), Publish: now.Add(-time.Hour), Until: now.Add(240 * time.Hour),
		}, "bench", now)
		if err != nil {
			break
		}
	}
	return errors.Join(err, d.Close())
}

// signIn walks a browser to the dashboard and returns its session cookie.
func (b *bench) signIn() (string, error) {
	return walk(http.DefaultTransport, b.request("/dashboard", nil), b.provider.URL(), b.provider.SessionCookie(campusonetest.SubAmina))
}

// walk asks for a page as somebody who is signed in at Campus One, follows
// all redirects and returns the session that the portal gave.
func walk(over http.RoundTripper, req *http.Request, provider string, there *http.Cookie) (session string, err error) {
	jar, _ := cookiejar.New(nil) // never fails
	at, err := url.Parse(provider)
	if err != nil {
		return "", err
	}
	jar.SetCookies(at, []*http.Cookie{there})
	res, err := (&http.Client{Transport: over, Jar: jar}).Do(req)
	if err != nil {
		return "", err
	}
	if err := drain(res.Body); err != nil {
		return "", err
	}
	for _, c := range jar.Cookies(req.URL) {
		if c.Name == "session" && res.StatusCode == http.StatusOK {
			return c.Value, nil
		}
	}
	return "", fmt.Errorf("signing in ended with %s at %s", res.Status, res.Request.URL)
}

// drain reads a body to its end, so that its connection serves again.
func drain(body io.ReadCloser) error {
	_, err := io.Copy(io.Discard, body)
	return errors.Join(err, body.Close())
}

func (b *bench) request(path string, header map[string]string) *http.Request {
	return request(b.host, path, header)
}

// request is one as a browser sends it.
func request(host, path string, header map[string]string) *http.Request {
	req, err := http.NewRequest(http.MethodGet, "http://"+host+path, http.NoBody)
	if err != nil {
		panic(err) // the paths are our own
	}
	req.Header.Set("Accept", "text/html,application/xhtml+xml")
	req.Header.Set("Accept-Language", "en")
	req.Header.Set("User-Agent", "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36")
	for name, value := range header {
		req.Header.Set(name, value)
	}
	return req
}

// sample is the portal's present answer, for the bare server to repeat.
func (b *bench) sample(path string, header map[string]string) (sample, error) {
	res, err := (&http.Transport{DisableCompression: true}).RoundTrip(b.request(path, header))
	if err != nil {
		return sample{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return sample{}, fmt.Errorf("%s: %s: %w", path, res.Status, err)
	}
	h := maps.Clone(res.Header)
	h.Del("Date") // net/http writes its own
	h.Del("Set-Cookie")
	return sample{h, body}, nil
}

// bare starts the bare server and returns its address.
func (b *bench) bare(ctx context.Context, args ...string) (*process.Process, string, error) {
	p, err := process.Start(b.self, os.Environ(), append([]string{"bare"}, args...)...)
	if err != nil {
		return nil, "", err
	}
	address, err := p.Ready(ctx)
	if err != nil {
		p.Kill()
	}
	return p, address, err
}

// client runs a part of this program in a process of its own.
func client[Order, Result any](ctx context.Context, b *bench, part string, o Order) (r Result, err error) {
	order, err := json.Marshal(o)
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, b.self, part)
	var said bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(order), &said
	text, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("the client failed: %w: %s", err, said.Bytes())
	}
	return r, json.Unmarshal(text, &r)
}

func (b *bench) close() {
	if b.portal != nil {
		b.portal.Kill()
	}
	if b.provider != nil {
		b.provider.Close()
	}
	_ = os.RemoveAll(b.folder) // in the system's folder for such things
}
