// Package handlers answers every request of the portal.
//
// routes.go lists each address with its gate; the zero gate is nobody. A
// request passes the chain of server.go (one log record, recovery, headers,
// one address, size limits), finds its route, meets its gate in serve.go and
// only then its handler. Handlers return errors; problem.go answers them, with
// a page for people and a short body for programs. Pages are drawn into a
// buffer and written once (render.go).
//
// Cross-site requests are refused for every form (http.CrossOriginProtection)
// but the webhook, which is proven by its signature.
package handlers
