package campusonetest

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
)

// pageFiles are the templates and the stylesheet; they are never written.
//
//go:embed page
var pageFiles embed.FS

const scopeNotifications = "notifications"

// listed is how many people the pages show.
const listed = 40

// pages draws HTML. A page is drawn whole before a byte is sent.
type pages struct{ templates *template.Template }

func newPages() *pages {
	names := map[string]string{}
	for _, d := range departments() {
		names[d.ID] = d.Name
	}
	t := template.New("").Funcs(template.FuncMap{
		"department": func(id string) string { return names[id] },
		"answer":     Delivery.answer,
	})
	return &pages{templates: template.Must(t.ParseFS(pageFiles, "page/*.html"))}
}

// answer says in a few words what came of a delivery.
func (d Delivery) answer() string {
	if d.Err != nil {
		return "no answer: " + d.Err.Error()
	}
	return fmt.Sprintf("%d %s", d.Status, http.StatusText(d.Status))
}

func (p *pages) draw(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "drawing the page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the person may have left
}

// message is a page of one heading and one sentence.
type message struct{ Title, Text string }

func (p *pages) problem(w http.ResponseWriter, status int, text string) {
	p.draw(w, status, "message", message{"This cannot work", text})
}

func (p *pages) notice(w http.ResponseWriter, title, text string) {
	p.draw(w, http.StatusOK, "message", message{title, text})
}

func (p *pages) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pageFiles, "page/stand-in.css")
}

// loginPage lists the people to choose from. The authorize request it came
// from travels in the query.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	people, all := s.people.first(listed)
	s.pages.draw(w, http.StatusOK, "login", struct {
		Title, Client, Authorize string
		People                   []Person
		More                     int
	}{"Sign in", r.URL.Query().Get("client_id"), r.URL.RawQuery, people, all - len(people)})
}

// login begins a session for the person chosen and goes on where the
// authorize request left off.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	sub := r.PostFormValue("sub")
	if _, _, ok := s.people.change(sub, func(p *Person) { p.NeedsInteraction = false }); !ok {
		s.pages.problem(w, http.StatusBadRequest, "Nobody has this user id.")
		return
	}
	if old, err := r.Cookie(sessionCookie); err == nil {
		s.vault.endSession(old.Value)
	}
	http.SetCookie(w, s.SessionCookie(sub))
	if s.Quirks().SignedInEvents {
		s.tell("session.signed_in", map[string]any{"user_id": sub})
	}
	resume(w, r.PostFormValue("authorize"))
}

// resume goes back to the authorize endpoint, which judges the request anew;
// without a request it goes to the start page.
func resume(w http.ResponseWriter, query string) {
	next := "/"
	if query != "" {
		next = "/api/auth/oauth2/authorize?" + query
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", next)
	w.WriteHeader(http.StatusSeeOther)
}

// consentPage asks whether the application may have the scopes.
func (s *Server) consentPage(w http.ResponseWriter, r *http.Request) {
	a, problem := s.readAuthorization(r.URL.Query())
	_, person, ok := s.visitor(r)
	if problem != "" || !ok {
		s.pages.problem(w, http.StatusBadRequest, "There is nothing to approve. "+problem)
		return
	}
	s.pages.draw(w, http.StatusOK, "consent", struct {
		Title, Client, Name, Authorize string
		Scopes                         []string
		Notify                         bool
	}{"Approve", a.client.ID, person.Name, r.URL.RawQuery, a.scopes, slices.Contains(a.scopes, scopeNotifications)})
}

// decideConsent takes the person's answer.
func (s *Server) decideConsent(w http.ResponseWriter, r *http.Request) {
	query, err := url.ParseQuery(r.PostFormValue("authorize"))
	if err != nil {
		s.pages.problem(w, http.StatusBadRequest, "The request cannot be read.")
		return
	}
	a, problem := s.readAuthorization(query)
	_, person, ok := s.visitor(r)
	if problem != "" || !ok {
		s.pages.problem(w, http.StatusBadRequest, "There is nothing to approve. "+problem)
		return
	}
	switch r.PostFormValue("decision") {
	case "allow":
		s.vault.refuse(person.Sub, a.client.ID, nil)
	case "quiet":
		s.vault.refuse(person.Sub, a.client.ID, []string{scopeNotifications})
	default:
		s.refuse(w, r, a, oauthError{"access_denied", "User denied access"})
		return
	}
	s.vault.consent(person.Sub, a.client.ID, a.scopes)
	resume(w, r.PostFormValue("authorize"))
}
