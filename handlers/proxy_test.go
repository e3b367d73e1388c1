package handlers

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"testing"
)

func behindProxies(t *testing.T) *Server {
	t.Helper()
	s := &Server{header: headerSet{https: true}}
	for _, p := range []string{"10.0.0.0/8", "::1/128", "2001:db8:1::/48"} {
		s.TrustedProxies = append(s.TrustedProxies, netip.MustParsePrefix(p))
	}
	return s
}

func TestClientAddress(t *testing.T) {
	s := behindProxies(t)
	for name, tt := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"no proxy":               {"203.0.113.7:5000", nil, "203.0.113.7"},
		"forged":                 {"203.0.113.7:5000", []string{"198.51.100.1"}, "203.0.113.7"},
		"one hop":                {"10.0.0.1:5000", []string{"198.51.100.1"}, "198.51.100.1"},
		"forged before the hop":  {"10.0.0.1:5000", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},
		"three hops":             {"10.0.0.1:5000", []string{"192.0.2.66, 198.51.100.1, 10.0.0.3, 10.0.0.2"}, "198.51.100.1"},
		"in two lines":           {"10.0.0.1:5000", []string{"198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"only proxies":           {"10.0.0.1:5000", []string{"10.0.0.2"}, "10.0.0.2"},
		"nothing forwarded":      {"10.0.0.1:5000", nil, "10.0.0.1"},
		"not an address":         {"10.0.0.1:5000", []string{"198.51.100.1, unknown"}, "10.0.0.1"},
		"empty":                  {"10.0.0.1:5000", []string{""}, "10.0.0.1"},
		"IPv6":                   {"[::1]:5000", []string{"2001:db8:2::5"}, "2001:db8:2::5"},
		"IPv6 hops":              {"[::1]:5000", []string{"2001:db8:2::5, 2001:db8:1::9"}, "2001:db8:2::5"},
		"IPv6 with a port":       {"[::1]:5000", []string{"[2001:db8:2::5]:443"}, "2001:db8:2::5"},
		"IPv6 in brackets":       {"[::1]:5000", []string{"[2001:db8:2::5]"}, "2001:db8:2::5"},
		"IPv4 with a port":       {"10.0.0.1:5000", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"mapped, trusted":        {"[::ffff:10.0.0.1]:5000", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"mapped, not trusted":    {"[::ffff:203.0.113.7]:5000", []string{"198.51.100.1"}, "203.0.113.7"},
		"forged IPv6":            {"[2001:db8:2::5]:5000", []string{"2001:db8:1::9"}, "2001:db8:2::5"},
		"a zone is of no matter": {"[fe80::1%eth0]:5000", nil, "fe80::1"},
	} {
		r := &http.Request{RemoteAddr: tt.remote, Header: http.Header{"X-Forwarded-For": tt.forwarded}}
		if got := s.client(r, plainAddress(r.RemoteAddr)); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}

func TestForwardedScheme(t *testing.T) {
	s := behindProxies(t)
	for name, tt := range map[string]struct {
		remote string
		header http.Header
		tls    bool
		want   bool
	}{
		"http":                  {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"http"}}, false, true},
		"HTTP":                  {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"HTTP"}}, false, true},
		"https":                 {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"https"}}, false, false},
		"https, then a hop":     {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"https, http"}}, false, false},
		"http, then a hop":      {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"http", "http"}}, false, true},
		"silent":                {"10.0.0.1:1", http.Header{}, false, false},
		"not trusted":           {"203.0.113.7:1", http.Header{"X-Forwarded-Proto": {"http"}}, false, false},
		"by TLS after all":      {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"http"}}, true, false},
		"the browser knows why": {"10.0.0.1:1", http.Header{"X-Forwarded-Proto": {"http"}, "Sec-Fetch-Mode": {"navigate"}}, false, false},
	} {
		r := &http.Request{RemoteAddr: tt.remote, Header: tt.header}
		if tt.tls {
			r.TLS = &tls.ConnectionState{}
		}
		if got := s.overHTTP(r); got != tt.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
	s.header.https = false
	if s.overHTTP(&http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-Proto": {"http"}}}) {
		t.Error("a portal on http sends people to https")
	}
}
