package portal

import (
	"crypto/tls"
	"fmt"
	"net"

	"golang.org/x/crypto/acme/autocert"
)

// secured wraps a listener in TLS as the configuration says: not at all
// (behind a proxy), with certificates from files, or with certificates that
// are asked for by ACME (RFC 8555) and kept in a folder.
func secured(l net.Listener, c *Config) (net.Listener, error) {
	t := c.Portico.TLS
	switch t.Mode {
	case TLSFiles:
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading the certificate: %w", err)
		}
		return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, NextProtos: []string{"h2", "http/1.1"}}), nil
	case TLSAuto:
		m := autocert.Manager{Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(t.Dir), HostPolicy: autocert.HostWhitelist(c.AppURL.Hostname()), Email: t.Email}
		return tls.NewListener(l, m.TLSConfig()), nil
	}
	return l, nil
}
