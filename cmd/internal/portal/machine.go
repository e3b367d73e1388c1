package portal

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/acme/autocert"

	"portico/handlers"
)

// machine is what the pages may ask of the machine.
func machine(c *Config, certs *certificates) handlers.Machine {
	m := handlers.Machine{CertificateEnds: func(ctx context.Context) (time.Time, error) { return certs.ends(ctx, c.AppURL.Hostname()) }}
	if file, ok := strings.CutPrefix(c.DatabaseURL, "sqlite:"); ok {
		m.DiskFree = func() (float64, bool) { return diskFree(filepath.Dir(file)) }
	}
	return m
}

// ends is when the certificate that is shown ends; zero when another program
// speaks https, or none has been issued yet.
func (s *certificates) ends(ctx context.Context, host string) (time.Time, error) {
	if pair := s.pair.Load(); pair != nil {
		return pair.Leaf.NotAfter, nil
	}
	if s.acme == nil {
		return time.Time{}, nil
	}
	kept, err := s.acme.Cache.Get(ctx, host) // the key, then the certificates (autocert's cacheGet)
	if errors.Is(err, autocert.ErrCacheMiss) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the certificate: %w", err)
	}
	cut := bytes.Index(kept, []byte("-----BEGIN CERTIFICATE"))
	pair, err := tls.X509KeyPair(kept[max(cut, 0):], kept)
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the certificate of %s: %w", host, err)
	}
	return pair.Leaf.NotAfter, nil
}
