package campusonetest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// controlRoutes adds the pages that work while the provider is down.
func (s *Server) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.startPage)
	mux.HandleFunc("GET /stand-in.css", s.pages.style)
	mux.HandleFunc("GET /control", s.controlPage)
	for name, act := range map[string]func(*http.Request) string{
		"signout": s.controlSignOut,
		"role":    s.controlRole,
		"delete":  s.controlDelete,
		"down":    s.controlDown,
		"up":      s.controlUp,
		"rotate":  s.controlRotate,
		"state":   s.controlState,
		"issuer":  s.controlIssuer,
		"iss":     s.controlResponseIssuer,
		"probe":   s.controlProbe,
	} {
		mux.HandleFunc("POST /control/"+name, s.control(act))
	}
}

// control runs one act and shows the control page with what came of it.
func (s *Server) control(act func(*http.Request) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "/control?"+url.Values{"said": {act(r)}}.Encode())
		w.WriteHeader(http.StatusSeeOther)
	}
}

func (s *Server) startPage(w http.ResponseWriter, r *http.Request) {
	_, person, signedIn := s.visitor(r)
	var mine []shownNotice
	if signedIn {
		mine = s.shownNotices(person.Sub)
	}
	s.pages.draw(w, http.StatusOK, "start", struct {
		Title, Name string
		Notices     []shownNotice
	}{"Start", person.Name, mine})
}

// controlPerson is a person with what they hold here.
type controlPerson struct {
	Person
	State string
}

// controlView is what the control page shows.
type controlView struct {
	Title, Said, Issuer, Key string
	Alg                      Alg
	Down                     bool
	Quirks                   Quirks
	People                   []controlPerson
	More                     int
	Roles                    []string
	Deliveries               []Delivery
	Notices                  []shownNotice
}

// shownNotice is a notification with the name of whom it is for.
type shownNotice struct {
	Notification
	Name string
}

// shownNotices are the latest notifications, the newest first: one person's,
// or everybody's for an empty sub.
func (s *Server) shownNotices(sub string) (shown []shownNotice) {
	all := s.Notifications(sub)
	slices.Reverse(all)
	for _, n := range all[:min(len(all), listed)] {
		shown = append(shown, shownNotice{n, s.nameOf(n.UserID)})
	}
	return shown
}

func (s *Server) controlPage(w http.ResponseWriter, r *http.Request) {
	people, all := s.people.first(listed)
	view := controlView{
		Title: "Control page", Said: r.URL.Query().Get("said"), Issuer: s.Issuer(), Key: s.KeyID(), Alg: s.opt.Alg,
		Down: s.IsDown(), Quirks: s.Quirks(), More: all - len(people), Roles: roleNames(), Deliveries: s.Deliveries(), Notices: s.shownNotices(""),
	}
	slices.Reverse(view.Deliveries)
	for _, p := range people {
		sessions, tokens := s.vault.counts(p.Sub)
		view.People = append(view.People, controlPerson{p, fmt.Sprintf("Sessions %d, access tokens %d.", sessions, tokens)})
	}
	s.pages.draw(w, http.StatusOK, "control", view)
}

func roleNames() []string {
	return []string{
		"student", "staff", "admin", "external", "alumni", "auditor", "consultant",
		"developer", "employer", "founder", "mentor", "therapist",
	}
}

// said puts a deed and the answers to its webhooks into one sentence.
func said(deed string, deliveries []Delivery) string {
	if len(deliveries) == 0 {
		return deed + " No webhook was sent."
	}
	var answers []string
	for _, d := range deliveries {
		answers = append(answers, fmt.Sprintf("%s to %s: %s.", d.Event, d.Client, d.answer()))
	}
	return deed + " Webhook " + strings.Join(answers, " ")
}

func (s *Server) nameOf(sub string) string {
	if p, ok := s.people.find(sub); ok {
		return p.Name
	}
	return "Nobody"
}

func (s *Server) controlSignOut(r *http.Request) string {
	sub := r.PostFormValue("sub")
	return said(s.nameOf(sub)+" is signed out everywhere.", s.SignOutCentrally(sub))
}

func (s *Server) controlRole(r *http.Request) string {
	sub, role := r.PostFormValue("sub"), r.PostFormValue("role")
	return said(fmt.Sprintf("%s has the role %q now.", s.nameOf(sub), role), s.SetRole(sub, role))
}

func (s *Server) controlDelete(r *http.Request) string {
	sub := r.PostFormValue("sub")
	return said(s.nameOf(sub)+" is deleted.", s.Delete(sub))
}

func (s *Server) controlDown(*http.Request) string {
	s.TakeDown(time.Minute)
	return "The provider is down for a minute."
}

func (s *Server) controlUp(*http.Request) string {
	s.BringUp()
	return "The provider is up."
}

func (s *Server) controlRotate(*http.Request) string {
	if err := s.RotateKeys(); err != nil {
		return err.Error()
	}
	return "The keys are rotated."
}

func (s *Server) controlState(*http.Request) string {
	s.SetQuirks(func(q *Quirks) { q.StateInErrors = !q.StateInErrors })
	return "Changed what error redirects carry."
}

func (s *Server) controlIssuer(*http.Request) string {
	s.SetQuirks(func(q *Quirks) { q.IssuerWithPath = !q.IssuerWithPath })
	return "The issuer is " + s.Issuer() + " now."
}

func (s *Server) controlResponseIssuer(*http.Request) string {
	s.SetQuirks(func(q *Quirks) { q.ResponseIssuer = !q.ResponseIssuer })
	return "Changed whether callbacks carry iss."
}

func (s *Server) controlProbe(r *http.Request) string {
	var words []string
	for _, p := range s.Probe(r.Context()) {
		words = append(words, p.sentence())
	}
	return strings.Join(words, " ")
}

func (p ProbeResult) sentence() string {
	if p.Err != nil {
		return fmt.Sprintf("%s %s: no answer.", p.Method, p.URL)
	}
	return fmt.Sprintf("%s %s: %d.", p.Method, p.URL, p.Status)
}
