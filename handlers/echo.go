package handlers

import "net/http"

// Echo is what arrived of a request, told to `portico doctor` alone.
type Echo struct {
	Host         string `json:"host"`
	Peer         string `json:"peer"` // who opened the connection
	PeerTrusted  bool   `json:"peer_trusted"`
	Client       string `json:"client"` // where the request counts as coming from
	ForwardedFor string `json:"forwarded_for"`
	Scheme       string `json:"scheme"` // X-Forwarded-Proto
	TLS          bool   `json:"tls"`
	Cookie       bool   `json:"cookie"` // the cookie of the request before came back
}

// echo answers doctor's rehearsal. Whoever does not know the session secret is
// told nothing: how the proxies are set up is nobody's business.
func (s *Server) echo(w http.ResponseWriter, v *visit) error {
	if !s.Flow.Rehearses(v.r) {
		return problem(http.StatusNotFound, nil)
	}
	c, came := s.Flow.RehearsalCookie(v.r)
	http.SetCookie(w, c)
	peer := eventOf(v.r).peer
	writeJSON(w, http.StatusOK, Echo{
		Host: v.r.Host, Peer: peer, PeerTrusted: s.trusted(peer), Client: v.r.RemoteAddr, Cookie: came, TLS: v.r.TLS != nil,
		ForwardedFor: v.r.Header.Get("X-Forwarded-For"), Scheme: v.r.Header.Get("X-Forwarded-Proto"),
	})
	return nil
}
