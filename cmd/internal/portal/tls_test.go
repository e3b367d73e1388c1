package portal

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/cmd/internal/testcert"
)

func fromFiles(cert, key string) *Config {
	return &Config{Portico: Portico{TLS: TLS{Mode: TLSFiles, CertFile: cert, KeyFile: key}}}
}

func TestCertificateFromFilesIsShown(t *testing.T) {
	authority := testcert.New(t)
	cert, key := authority.Files(t, time.Hour, "portal.example")
	certs, err := newCertificates(fromFiles(cert, key))
	if err != nil {
		t.Fatal(err)
	}
	if got := handshake(t, certs, authority.Pool()); got != "portal.example" {
		t.Errorf("the certificate is of %q", got)
	}
}

// handshake tells whom the shown certificate names.
func handshake(t *testing.T, certs *certificates, pool *x509.CertPool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	safe := certs.secure(l)
	go func() {
		if conn, err := safe.Accept(); err == nil {
			_ = conn.(*tls.Conn).Handshake() // the client judges it
			_ = conn.Close()
		}
	}()
	conn, err := tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: pool, ServerName: "portal.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].Subject.CommonName
}

func TestCertificateThatIsNotThere(t *testing.T) {
	if _, err := newCertificates(fromFiles("/nowhere.pem", "/nowhere.key")); err == nil {
		t.Error("a missing certificate was taken")
	}
}

func TestWhereHTTPIsAnswered(t *testing.T) {
	for _, tt := range []struct {
		listen string
		mode   TLSMode
		want   string
		wanted bool
	}{
		{":443", TLSFiles, ":80", true}, {"192.0.2.1:443", TLSAuto, "192.0.2.1:80", true}, {"[2001:db8::1]:443", TLSAuto, "[2001:db8::1]:80", true},
		{":443", TLSOff, "", false}, {":4000", TLSFiles, "", false},
	} {
		got, wanted := plainAddress(&Config{Listen: tt.listen, Portico: Portico{TLS: TLS{Mode: tt.mode}}})
		if wanted != tt.wanted || wanted && got != tt.want {
			t.Errorf("%s, %d: %q, %t", tt.listen, tt.mode, got, wanted)
		}
	}
}

func TestHTTPLeadsToHTTPS(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closeDoor := (&certificates{mode: TLSFiles}).servePlain(l, &url.URL{Scheme: "https", Host: "portal.example"}, slog.New(slog.DiscardHandler))
	defer closeDoor()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, tt := range []struct {
		method, path, location string
		status                 int
	}{
		{http.MethodGet, "/events?kind=exam", "https://portal.example/events?kind=exam", http.StatusTemporaryRedirect},
		{http.MethodHead, "//evil.example/", "https://portal.example//evil.example/", http.StatusTemporaryRedirect},
		{http.MethodPost, "/auth/logout", "", http.StatusMisdirectedRequest},
	} {
		req, err := http.NewRequest(tt.method, "http://"+l.Addr().String()+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "evil.example"
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != tt.status || res.Header.Get("Location") != tt.location || strings.Contains(string(body), "evil") {
			t.Errorf("%s %s: %d to %q: %s", tt.method, tt.path, res.StatusCode, res.Header.Get("Location"), body)
		}
	}
}
