package handlers

import (
	"fmt"
	"net/http"
	"runtime/debug"
)

const maxWebhook = 64 << 10

// limitBody bounds what a request may send.
func (s *Server) limitBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.URL.Path != webhookPath { // the webhook reads its own limit
			r.Body = http.MaxBytesReader(w, r.Body, s.mostOf(r))
		}
		next.ServeHTTP(w, r)
	})
}

// mostOf is how much a request may send to its route.
func (s *Server) mostOf(r *http.Request) int64 {
	_, pattern := s.mux.Handler(r)
	switch rt := s.gates[pattern]; {
	case rt.upload > 0:
		return rt.upload
	case len(rt.keeps) > 0:
		return maxKeptForm
	}
	return maxForm
}

// oneAddress holds the portal to APP_URL: a page asked for under another host,
// or by http, is redirected before any cookie is set, anything else is
// misdirected.
// Health checks, webhooks and the callback's liveness probe come as they may.
func (s *Server) oneAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == s.AppURL.Host && !eventOf(r).insecure || s.anyHost(r) {
			next.ServeHTTP(w, r)
			return
		}
		if r.Method == http.MethodGet {
			http.Redirect(w, r, s.AppURL.Scheme+"://"+s.AppURL.Host+r.URL.RequestURI(), http.StatusTemporaryRedirect)
			return
		}
		s.fail(w, &visit{r: r}, problem(http.StatusMisdirectedRequest, fmt.Errorf("asked for %q, over http: %t; the address is %s", r.Host, eventOf(r).insecure, s.AppURL)))
	})
}

func (s *Server) anyHost(r *http.Request) bool {
	switch r.URL.Path {
	case "/healthz", "/healthz/echo", "/readyz", webhookPath:
		return true
	case callbackPath:
		return r.Method == http.MethodHead || r.Method == http.MethodGet && r.URL.RawQuery == ""
	}
	return false
}

// recovered turns a panic into the designed 500 page.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.Log.Error("a handler panicked", "request", eventOf(r).reference, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			s.fail(w, &visit{r: r}, problem(http.StatusInternalServerError, fmt.Errorf("panic: %v", p)))
		}()
		next.ServeHTTP(w, r)
	})
}
