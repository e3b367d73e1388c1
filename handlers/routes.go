package handlers

import (
	"net/http"

	"portico/auth"
)

// gate is who may open a route. The zero gate is nobody.
type gate int

const (
	nobody   gate = iota
	machine       // programs: no cookie is read, no session looked up
	open          // everybody, whether signed in or not
	public        // everybody; a page that recognises people silently
	signedIn      // whoever is signed in
	mayReport
	mayPublish
	mayManage
)

// permission is what a gate asks besides being signed in.
func (g gate) permission() auth.Permission {
	switch g {
	case mayReport:
		return auth.Reports
	case mayPublish:
		return auth.Publish
	case mayManage:
		return auth.Manage
	}
	return ""
}

// route is one address with its gate.
type route struct {
	pattern string // as http.ServeMux reads it
	gate    gate
	page    bool // people read it by GET: it may start a sign-in and be returned to
	do      func(*Server, http.ResponseWriter, *visit) error
}

// routes is every address of the portal. Nothing answers that is not here.
func routes() []route {
	return []route{
		{"GET /{$}", public, true, (*Server).home},
		{"GET /dashboard", signedIn, true, (*Server).dashboard},
		{"POST /dashboard/check-role", signedIn, false, (*Server).checkRole},
		{"GET /admin/reports", mayReport, true, (*Server).reports},

		{"GET /auth/login", open, false, (*Server).login},
		{"POST /auth/login", open, false, (*Server).begin},
		{"GET /auth/callback", open, false, (*Server).callback},
		{"GET /auth/me", open, false, (*Server).me},
		{"POST /auth/logout", open, false, (*Server).logout},
		{"GET /auth/logout/campus-one", open, false, (*Server).leaveProvider},
		{"GET /auth/signed-out", open, false, (*Server).signedOut},
		{"POST /auth/shared", open, false, (*Server).shared},

		{"POST " + webhookPath, machine, false, (*Server).webhook},
		{"GET /healthz", machine, false, (*Server).healthz},
		{"GET /readyz", machine, false, (*Server).readyz},
		{"GET /robots.txt", machine, false, (*Server).robots},
	}
}

const (
	webhookPath  = "/webhooks/campus-one"
	callbackPath = "/auth/callback"
)

// PageRoute is the route table's judgement of return paths: it asks a router
// of the same patterns, so that it reads a path just as the real one does.
func PageRoute() auth.PageRoute {
	mux := http.NewServeMux()
	pages := map[string]bool{}
	for _, rt := range routes() {
		mux.Handle(rt.pattern, http.NotFoundHandler())
		pages[rt.pattern] = rt.page
	}
	return func(r *http.Request) bool {
		_, pattern := mux.Handler(r)
		return pages[pattern]
	}
}

// Patterns lists every route as the router reads it.
func Patterns() []string {
	var all []string
	for _, rt := range routes() {
		all = append(all, rt.pattern)
	}
	return all
}
