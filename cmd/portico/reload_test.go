package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/auth/campusone"
	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/testcert"
	"portico/cmd/internal/testlog"
)

// program is the real portal as a process of its own, on https.
type program struct {
	*testing.T
	dir, address, env string
	authority         *testcert.Authority
	client            *http.Client
	process           *exec.Cmd
	log               *testlog.Log
}

func start(t *testing.T) *program {
	t.Helper()
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	provider := campusonetest.New(campusonetest.Options{})
	if err := provider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { provider.Close() })
	p := &program{T: t, dir: t.TempDir(), address: address, authority: testcert.New(t), log: &testlog.Log{}}
	p.env = strings.Join([]string{
		"APP_URL=https://" + address, "LISTEN=" + address, "DATABASE_URL=sqlite:" + p.file("portico.db"), "CAMPUS_ONE_CLIENT_ID=" + clientID,
		"CAMPUS_ONE_CLIENT_SECRET=client-secret", "CAMPUS_ONE_DISCOVERY_URL=" + provider.DiscoveryURL(), "CAMPUS_ONE_ISSUER=" + provider.URL(),
		"SESSION_SECRET_FILE=" + p.file("session"), "CAMPUS_ONE_WEBHOOK_SECRET_FILE=" + p.file("hook"), "PORTICO_TLS=" + p.file("cert.pem") + "," + p.file("key.pem"), "",
	}, "\n")
	p.write("env", p.env)
	p.write("session", "0123456789abcdef0123456789abcdef")
	p.write("hook", "first-hook")
	p.certificate("127.0.0.1", "first")
	pool := p.authority.Pool()
	p.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	p.run()
	return p
}

func (p *program) file(name string) string { return filepath.Join(p.dir, name) }

func (p *program) write(name, text string) {
	p.Helper()
	if err := os.WriteFile(p.file(name), []byte(text), 0o600); err != nil {
		p.Fatal(err)
	}
}

// certificate puts a new certificate where the portal reads it.
func (p *program) certificate(names ...string) {
	p.Helper()
	cert, key := p.authority.Files(p, time.Hour, names...)
	for name, from := range map[string]string{"cert.pem": cert, "key.pem": key} {
		body, err := os.ReadFile(from)
		if err != nil {
			p.Fatal(err)
		}
		p.write(name, string(body))
	}
}

// run starts this very program as `portico serve`.
func (p *program) run() {
	p.Helper()
	self, err := os.Executable()
	if err != nil {
		p.Fatal(err)
	}
	p.process = &exec.Cmd{Path: self, Args: []string{"portico", "serve", "--create", "--env-file", p.file("env")}, Env: []string{"HOME=" + p.dir}, Dir: p.dir, Stderr: p.log}
	if err := p.process.Start(); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		_ = p.process.Process.Signal(syscall.SIGTERM) // it may have ended by itself: Wait tells
		if err := p.process.Wait(); err != nil || p.Failed() {
			p.Errorf("the portal ended with %v; its log:\n%s", err, p.log)
		}
	})
	p.until("the portal answers", func() bool { return p.get("/healthz") == http.StatusOK })
}

func (p *program) get(path string) int {
	res, err := p.client.Get("https://" + p.address + path)
	if err != nil {
		return 0
	}
	_ = res.Body.Close()
	return res.StatusCode
}

func (p *program) until(what string, done func() bool) {
	p.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			p.Fatalf("waited 30 s in vain until %s; the log:\n%s", what, p.log)
		}
	}
}

// hangup sends SIGHUP and waits until the log says once more how it went.
func (p *program) hangup(says string) {
	p.Helper()
	before := strings.Count(p.log.String(), says)
	if err := p.process.Process.Signal(syscall.SIGHUP); err != nil {
		p.Fatal(err)
	}
	p.until("the log says: "+says, func() bool { return strings.Count(p.log.String(), says) > before })
}

// webhook posts an event signed with a secret and tells the answer.
func (p *program) webhook(secret string) int {
	p.Helper()
	body := fmt.Sprintf(`{"id":"%d","event":"portico.test","data":{}}`, time.Now().UnixNano())
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://"+p.address+"/webhooks/campus-one", strings.NewReader(body))
	if err != nil {
		p.Fatal(err)
	}
	req.Header.Set("X-Campus-One-Signature", campusone.Sign([]byte(body), campusone.Secret(secret)))
	res, err := p.client.Do(req)
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, res.Body) // only the status counts
	return res.StatusCode
}

// shown is the serial number of the certificate that a new connection gets.
func (p *program) shown() string {
	p.Helper()
	conn, err := tls.Dial("tcp", p.address, &tls.Config{RootCAs: p.authority.Pool()})
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) {
		return "expired"
	}
	if err != nil {
		p.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.String()
}

func (p *program) wantWebhooks(want map[string]int) {
	p.Helper()
	for secret, status := range want {
		if got := p.webhook(secret); got != status {
			p.Errorf("signed with %s: %d, want %d", secret, got, status)
		}
	}
}

const (
	taken   = "were read again"
	refused = "was refused"
)

// SIGHUP has secrets and certificates read again, without a restart.
func TestHangupReadsAgain(t *testing.T) {
	p := start(t)
	p.wantWebhooks(map[string]int{"first-hook": 200, "second-hook": 401})
	first := p.shown()
	p.write("hook", "second-hook")
	p.certificate("127.0.0.1", "second")
	p.wantWebhooks(map[string]int{"first-hook": 200, "second-hook": 401})
	p.hangup(taken)
	p.wantWebhooks(map[string]int{"first-hook": 401, "second-hook": 200})
	if got := p.shown(); got == first {
		t.Error("the old certificate is still shown")
	}
	p.write("env", p.env+"CAMPUS_ONE_WEBHOOK_SECRET_PREVIOUS=first-hook\nPORTICO_SESSION_MAX=5d\n")
	p.hangup(taken)
	p.wantWebhooks(map[string]int{"first-hook": 200, "second-hook": 200})
	if log := p.log.String(); !strings.Contains(log, "waits for a restart") || !strings.Contains(log, "names=PORTICO_SESSION_MAX") {
		t.Errorf("what waits for a restart is not named:\n%s", log)
	}
	for _, secret := range []string{"first-hook", "second-hook", "0123456789abcdef"} {
		if strings.Contains(p.log.String(), secret) {
			t.Errorf("the log holds %s", secret)
		}
	}
}

// A new configuration with anything wrong in it changes nothing, and the log
// says what is wrong.
func TestHangupRefusesWhatIsWrong(t *testing.T) {
	p := start(t)
	first := p.shown()
	for name, tt := range map[string]struct {
		spoil func()
		says  string
	}{
		"short secret":   {func() { p.write("session", "short") }, "SESSION_SECRET has 5 bytes"},
		"unknown name":   {func() { p.write("env", p.env+"PORTICO_SILNT=off\n") }, "did you mean PORTICO_SILENT"},
		"no certificate": {func() { p.write("cert.pem", "nonsense") }, "reading the certificate"},
		"other key":      {func() { _, key := p.authority.Files(t, time.Hour, "x"); copyFile(t, key, p.file("key.pem")) }, "private key does not match"},
		"no file":        {func() { _ = os.Remove(p.file("session")) }, "there is no such file"},
	} {
		p.write("hook", "second-hook")
		p.certificate("127.0.0.1", "next")
		tt.spoil()
		p.hangup(refused)
		p.until(name+" is said", func() bool { return strings.Contains(p.log.String(), tt.says) })
		p.wantWebhooks(map[string]int{"first-hook": 200, "second-hook": 401})
		if got := p.shown(); got != first {
			t.Errorf("%s: another certificate is shown", name)
		}
		p.write("env", p.env)
		p.write("session", "0123456789abcdef0123456789abcdef")
		p.write("hook", "first-hook")
	}
	p.write("hook", "second-hook")
	p.certificate("127.0.0.1", "last")
	p.hangup(taken)
	p.wantWebhooks(map[string]int{"first-hook": 401, "second-hook": 200})
	if p.shown() == first {
		t.Error("once it was right again, the old certificate stayed")
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	body, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
