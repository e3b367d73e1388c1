package portal

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"portico/handlers"
)

// certificates is how the server speaks https: not at all (behind a proxy),
// with a certificate from files, or with certificates that are asked for by
// ACME (RFC 8555) and kept in a folder.
type certificates struct {
	mode TLSMode
	pair atomic.Pointer[tls.Certificate] // with TLSFiles
	acme *autocert.Manager               // with TLSAuto
}

func newCertificates(c *Config) (*certificates, error) {
	t := c.Portico.TLS
	s := &certificates{mode: t.Mode}
	switch t.Mode {
	case TLSFiles:
		pair, err := readPair(t)
		s.pair.Store(pair)
		return s, err
	case TLSAuto:
		s.acme = &autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(t.Dir), HostPolicy: autocert.HostWhitelist(c.AppURL.Hostname()), Email: t.Email}
	}
	return s, nil
}

// readPair reads a certificate and its key; with other modes there is none.
func readPair(t TLS) (*tls.Certificate, error) {
	if t.Mode != TLSFiles {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	return &pair, nil
}

// secure wraps a listener. The certificate is looked up at each handshake, so
// that a renewed one is shown without a restart.
func (s *certificates) secure(l net.Listener) net.Listener {
	switch s.mode {
	case TLSFiles:
		shown := func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.pair.Load(), nil }
		return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: shown, NextProtos: []string{"h2", "http/1.1"}})
	case TLSAuto:
		c := s.acme.TLSConfig()
		c.MinVersion = tls.VersionTLS12
		return tls.NewListener(l, c)
	}
	return l
}

// plainDoor answers on port 80 beside a server that speaks https itself on
// 443: it leads whoever comes by http to APP_URL, and answers ACME's questions
// of http-01 (RFC 8555, section 8.3). Where port 80 is not to be had, only
// this convenience is lost. The function it returns closes the door.
func (s *certificates) plainDoor(c *Config, log *slog.Logger) func() {
	address, wanted := plainAddress(c)
	if !wanted {
		return func() {}
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		log.Warn("nobody is led from http to https: the port is not to be had", "listen", address, "error", err)
		return func() {}
	}
	return s.servePlain(l, c.AppURL, log)
}

// plainAddress is where http is answered beside https.
func plainAddress(c *Config) (string, bool) {
	host, port, err := net.SplitHostPort(c.Listen)
	return net.JoinHostPort(host, "80"), err == nil && port == "443" && c.Portico.TLS.Mode != TLSOff
}

func (s *certificates) servePlain(l net.Listener, to *url.URL, log *slog.Logger) func() {
	handler := http.Handler(toHTTPS(to))
	if s.acme != nil {
		handler = s.acme.HTTPHandler(handler)
	}
	server := &http.Server{Handler: handler, MaxHeaderBytes: handlers.MaxServerHead, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("nobody is led from http to https any more", "error", err)
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // what is left is a redirect at most
		<-done
	}
}

// toHTTPS redirects a page to the same path of APP_URL. Whoever sends anything
// else by http has sent it in the open: it is refused, so that this is noticed.
func toHTTPS(to *url.URL) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Only https is answered here: "+to.String(), http.StatusMisdirectedRequest)
			return
		}
		w.Header().Set("Location", to.String()+r.URL.RequestURI())
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}
