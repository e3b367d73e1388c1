package handlers

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// client is the address the request came from: the connection's (peer), or
// what trusted proxies say. X-Forwarded-For is read from the right, one hop for
// each trusted address: what stands further left anybody may have written.
func (s *Server) client(r *http.Request, peer string) string {
	from := peer
	if !s.trusted(from) {
		return from
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(forwarded) - 1; i >= 0 && s.trusted(from); i-- {
		addr := plainAddress(strings.TrimSpace(forwarded[i]))
		if _, err := netip.ParseAddr(addr); err != nil {
			break
		}
		from = addr
	}
	return from
}

// plainAddress takes away a port and brackets, and writes an IPv4 address that
// came in the clothes of IPv6 as itself.
func plainAddress(s string) string {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("").String()
	}
	if host, _, err := net.SplitHostPort(s); err == nil {
		s = host
	}
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return s
	}
	return addr.Unmap().WithZone("").String()
}

func (s *Server) trusted(from string) bool {
	if len(s.TrustedProxies) == 0 {
		return false
	}
	addr, err := netip.ParseAddr(from)
	return err == nil && slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// overHTTP reports that the person came by plain http although the portal is
// on https: a trusted proxy says so. Where several proxies wrote, the first of
// them met the person. Only cookies' names hang on the scheme, and those
// follow APP_URL, so a forged word costs the forger a redirect and no more.
//
// A browser sends fetch metadata over https alone. Where it is there the
// proxy is mistaken (it only sees the stretch behind another one that ends
// https), and believing it would redirect for ever.
func (s *Server) overHTTP(r *http.Request) bool {
	if !s.header.https || r.TLS != nil || !s.trusted(plainAddress(r.RemoteAddr)) || r.Header.Get("Sec-Fetch-Mode") != "" {
		return false
	}
	first, _, _ := strings.Cut(strings.Join(r.Header.Values("X-Forwarded-Proto"), ","), ",")
	return strings.EqualFold(strings.TrimSpace(first), "http")
}
