package portal

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// into makes a row's parse function of a field and a reader of its type. The
// reader never puts the value itself into its error: the caller shows it, or
// hides it, once for all.
func into[T any](field func(*Config) *T, read func(string) (T, error)) func(*Config, string) error {
	return func(c *Config, text string) error {
		v, err := read(text)
		if err != nil {
			return err
		}
		*field(c) = v
		return nil
	}
}

func appURL(s string) (*url.URL, error) {
	u, err := webAddress(s)
	if err != nil {
		return nil, err
	}
	if u.Path != "" && u.Path != "/" {
		return nil, errors.New("must end after the host: the portal has a host of its own, not a path")
	}
	u.Path = ""
	u.Host = strings.ToLower(u.Host)
	if standard := map[string]string{"https": "443", "http": "80"}[u.Scheme]; u.Port() == standard {
		u.Host = strings.TrimSuffix(u.Host, ":"+standard) // browsers leave it out too
	}
	return u, nil
}

func secureURL(s string) (string, error) {
	_, err := webAddress(s)
	return s, err
}

// webAddress reads an absolute address with https, or http on this machine.
func webAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Opaque != "" {
		return nil, errors.New("is not an address; write it like https://portal.example.edu")
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, errors.New("must be a plain address, without user name, ? or #")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errors.New("must begin with https:// (http:// is for this machine alone: localhost or 127.0.0.1)")
	}
	return u, nil
}

// loopback reports whether a host is this machine whatever the network says.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func listenAddress(s string) (string, error) {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", errors.New("is not an address to listen on; write it like :4000 or 127.0.0.1:4000")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > math.MaxUint16 {
		return "", errors.New("needs a port from 0 to 65535 after the colon")
	}
	return s, nil
}

func databaseURL(s string) (string, error) {
	if file, ok := strings.CutPrefix(s, "sqlite:"); ok {
		if file == "" || strings.HasSuffix(file, "/") || strings.ContainsAny(file, "?#") {
			return "", errors.New("needs a file after sqlite:, such as sqlite:/var/lib/portico/portico.db")
		}
		abs, err := path(file)
		return "sqlite:" + abs, err
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") || u.Path == "" {
		return "", errors.New("must be sqlite:/path/portico.db or postgres://user:password@host/name")
	}
	u.Scheme = "postgres"
	return u.String(), nil
}

func path(s string) (string, error) {
	abs, err := filepath.Abs(s)
	if err != nil {
		return "", fmt.Errorf("finding the working directory: %w", err)
	}
	return abs, nil
}

func pathOrOff(s string) (string, error) {
	if s == "off" {
		return "", nil
	}
	return path(s)
}

func word(s string) (string, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", errors.New("must have no spaces or line breaks; copy it once more")
	}
	return s, nil
}

func secretWord(s string) (Secret, error) {
	s, err := word(s)
	return Secret(s), err
}

// sealingSecret wants 32 bytes that do not repeat themselves.
func sealingSecret(s string) (Secret, error) {
	if len(s) < 32 {
		return "", fmt.Errorf("has %d bytes and needs 32 or more; make one with: openssl rand -hex 32", len(s))
	}
	seen := map[byte]bool{}
	for i := range len(s) {
		seen[s[i]] = true
	}
	if len(seen) < 8 {
		return "", errors.New("repeats itself; make one with: openssl rand -hex 32")
	}
	return Secret(s), nil
}

func oneOf(allowed ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !slices.Contains(allowed, s) {
			return "", fmt.Errorf("must be %s", strings.Join(allowed, " or "))
		}
		return s, nil
	}
}

func onOff(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "on", "true", "yes", "1":
		return true, nil
	case "off", "false", "no", "0":
		return false, nil
	}
	return false, errors.New("must be on or off")
}

func numberBetween(low, high int) func(string) (int, error) {
	return func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || n < low || n > high {
			return 0, fmt.Errorf("must be a number from %d to %d", low, high)
		}
		return n, nil
	}
}

// durationBetween names its bounds in the words of the configuration.
func durationBetween(low, high string) func(string) (time.Duration, error) {
	return func(s string) (time.Duration, error) {
		d, ok := duration(s)
		least, _ := duration(low)
		most, _ := duration(high)
		if !ok || d < least || d > most {
			return 0, fmt.Errorf("must be a time from %s to %s, such as 90m, 12h, 7d or 1y", low, high)
		}
		return d, nil
	}
}

// duration reads Go's durations and whole days (d), weeks (w) and years of
// 365 days (y).
func duration(s string) (time.Duration, bool) {
	const day = 24 * time.Hour
	units := map[byte]time.Duration{'d': day, 'w': 7 * day, 'y': 365 * day}
	if s == "" {
		return 0, false
	}
	unit, long := units[s[len(s)-1]]
	if !long {
		d, err := time.ParseDuration(s)
		return d, err == nil
	}
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil || n < 0 || n > int(math.MaxInt64/int64(unit)) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// list splits at commas and spaces.
func list(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

func scopes(s string) ([]string, error) {
	all := list(s)
	if !slices.Contains(all, "openid") {
		return nil, errors.New("must contain openid")
	}
	return all, nil
}

func issuers(s string) ([]string, error) {
	all := list(s)
	for _, one := range all {
		if _, err := webAddress(one); err != nil {
			return nil, fmt.Errorf("has an entry that %w", err)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("must name at least one issuer")
	}
	return all, nil
}

// origins reads scheme and host, with wildcards where a policy allows them.
func origins(wildcard bool) func(string) ([]string, error) {
	return func(s string) ([]string, error) {
		all := list(s)
		for _, one := range all {
			plain := one
			if wildcard {
				plain = strings.Replace(one, "://*.", "://", 1)
			}
			u, err := webAddress(plain)
			if err != nil || u.Path != "" || strings.ContainsAny(u.Host, "*;'\"") {
				return nil, errors.New("must be sites like https://campusone.com.ng, without a path")
			}
		}
		return all, nil
	}
}

// roles reads typed pairs. A name with a colon or a space can match nothing,
// so writing one is a mistake.
func roles(s string) ([]Role, error) {
	if s == "none" {
		return nil, nil
	}
	var all []Role
	for part := range strings.SplitSeq(s, ",") {
		name := strings.TrimSpace(part)
		name, custom := strings.CutPrefix(name, "custom:")
		if !custom {
			name = strings.TrimPrefix(name, "global:")
		}
		if name == "" || strings.ContainsAny(name, ": \t") {
			return nil, errors.New("must be role names separated by commas, such as admin,custom:editor, or none")
		}
		all = append(all, Role{Custom: custom, Name: name})
	}
	return all, nil
}

func networks(s string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, one := range list(s) {
		p, err := network(one)
		if err != nil {
			return nil, errors.New("must be networks like 10.1.2.0/24 or single addresses, separated by commas")
		}
		all = append(all, p)
	}
	return all, nil
}

func network(s string) (netip.Prefix, error) {
	if ip, err := netip.ParseAddr(s); err == nil {
		ip = ip.Unmap()
		return ip.Prefix(ip.BitLen())
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

func tlsMode(s string) (TLS, error) {
	switch s {
	case "off":
		return TLS{Mode: TLSOff}, nil
	case "auto":
		return TLS{Mode: TLSAuto}, nil
	}
	cert, key, ok := strings.Cut(s, ",")
	cert, key = strings.TrimSpace(cert), strings.TrimSpace(key)
	if !ok || cert == "" || key == "" {
		return TLS{}, errors.New("must be off, auto, or two files: certificate.pem,key.pem")
	}
	return TLS{Mode: TLSFiles, CertFile: cert, KeyFile: key}, nil
}

func email(s string) (string, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return "", errors.New("must be an e-mail address")
	}
	return s, nil
}

func timezone(s string) (*time.Location, error) {
	if s == "Local" {
		return nil, errors.New("must be a place, such as Africa/Lagos")
	}
	zone, err := time.LoadLocation(s)
	if err != nil {
		return nil, errors.New("is not a time zone; write it like Africa/Lagos")
	}
	return zone, nil
}

func logLevel(s string) (slog.Level, error) {
	switch strings.ToLower(s) {
	case "debug":
		return slog.LevelDebug, nil
	case "info":
		return slog.LevelInfo, nil
	case "warn":
		return slog.LevelWarn, nil
	case "error":
		return slog.LevelError, nil
	}
	return 0, errors.New("must be debug, info, warn or error")
}
