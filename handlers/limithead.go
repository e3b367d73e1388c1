package handlers

import (
	"fmt"
	"net/http"
)

// What a request may carry before its body. Under the university's domain the
// provider's cookies arrive too, hence so much. The server itself reads twice
// as much, so that who sends too much gets a page with words; beyond that it
// hangs up.
const (
	maxHead    = 64 << 10
	maxAddress = 8 << 10
	// MaxServerHead is the limit to give to http.Server.
	MaxServerHead = 2 * maxHead
)

// limitHead refuses a head or an address that is too large.
func (s *Server) limitHead(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.RequestURI); n > maxAddress {
			s.refuse(w, r, http.StatusRequestURITooLong, fmt.Errorf("the address has %d bytes, at most %d are read", n, maxAddress))
			return
		}
		if n := headSize(r); n > maxHead {
			s.refuse(w, r, http.StatusRequestHeaderFieldsTooLarge, fmt.Errorf("the headers have %d bytes, at most %d are read", n, maxHead))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) refuse(w http.ResponseWriter, r *http.Request, status int, cause error) {
	s.fail(w, &visit{r: r}, problem(status, cause))
}

// headSize counts names, values and what stands around them in HTTP/1.1.
func headSize(r *http.Request) int {
	n := len("Host: \r\n") + len(r.Host)
	for name, values := range r.Header {
		for _, v := range values {
			n += len(name) + len(v) + len(": \r\n")
		}
	}
	return n
}
