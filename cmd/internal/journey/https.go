package journey

import (
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"portico/cmd/internal/testcert"
)

// secure puts a world on https and returns the configuration it takes; l is
// where the portal will listen.
func (w *World) secure(t testing.TB, l net.Listener, s Scheme) []string {
	t.Helper()
	authority := testcert.New(t)
	cert, key := authority.Files(t, time.Hour, "localhost", "127.0.0.1")
	network := http.DefaultTransport.(*http.Transport).Clone()
	network.TLSClientConfig = &tls.Config{RootCAs: authority.Pool()}
	t.Cleanup(network.CloseIdleConnections)
	w.network = network
	if s == HTTPS {
		w.URL = "https://localhost:" + portOf(l)
		return []string{"PORTICO_TLS=" + cert + "," + key}
	}
	w.URL = "https://localhost:" + portOf(startProxy(t, l.Addr().String(), cert, key))
	return []string{"PORTICO_TRUSTED_PROXIES=127.0.0.0/8,::1/128"}
}

func portOf(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// startProxy runs a proxy as deploy/nginx.conf sets one up: it ends https,
// keeps the host and says who came, over what.
func startProxy(t testing.TB, to, cert, key string) net.Listener {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	target := &url.URL{Scheme: "http", Host: to}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
			r.Out.Header.Del("X-Forwarded-Host")
			r.Out.Header["X-Forwarded-For"] = append(r.In.Header["X-Forwarded-For"], r.Out.Header["X-Forwarded-For"]...)
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	server := &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute, MaxHeaderBytes: 128 << 10, ErrorLog: proxy.ErrorLog}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }() // closed below
	t.Cleanup(func() { _ = server.Close(); <-done })
	return l
}
