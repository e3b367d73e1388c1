package auth

import "net/netip"

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// shortNetwork is the client's network, /24 for IPv4 and /48 for IPv6: enough
// to recognise a place by, too little to follow a person.
func shortNetwork(remote string) string {
	addr, err := netip.ParseAddr(remote)
	if err != nil {
		ap, err := netip.ParseAddrPort(remote)
		if err != nil {
			return ""
		}
		addr = ap.Addr()
	}
	addr = addr.Unmap()
	bits := 48
	if addr.Is4() {
		bits = 24
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}
