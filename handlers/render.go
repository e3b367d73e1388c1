package handlers

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"portico/auth"
	"portico/views"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render draws a page into a buffer and writes it once, so that status,
// headers and body always agree.
func (s *Server) render(w http.ResponseWriter, v *visit, status int, c templ.Component) {
	buf := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(buf)
	buf.Reset()
	if err := c.Render(v.r.Context(), buf); err != nil {
		s.notDrawn(w, v, err)
		return
	}
	h := w.Header()
	h["Content-Type"] = htmlType
	if status == http.StatusOK && h.Get("Cache-Control") != "no-store" && s.unchanged(w, v, buf.Bytes()) {
		return
	}
	h.Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = buf.WriteTo(w) // the reader went away: nothing to mend
	}
}

// htmlType is shared by all answers: a header's value is replaced, never changed.
var htmlType = []string{"text/html; charset=utf-8"}

func (s *Server) notDrawn(w http.ResponseWriter, v *visit, err error) {
	s.Log.Error("drawing a page failed", "request", eventOf(v.r).reference, "error", err)
	http.Error(w, "Something went wrong on our side. Try again in a minute.", http.StatusInternalServerError)
}

// page is what every page shows around its own content.
func (s *Server) page(v *visit, title string) views.Page {
	shelf := s.frame(v)
	p := views.Page{
		Title: title, Path: v.r.URL.Path, Site: s.site(shelf.Settings()), Script: true, Now: s.Now(), Zone: s.Zone, Flash: v.flash,
		Menu: menu(shelf, v.live != nil), Search: true, ConsentPending: v.visitor.Consent, SignInNext: signInNext(v),
		Footer: footer(),
	}
	if s.Provider != nil && s.Provider.Away() {
		p.Banner = "Campus One is not answering. You can read public pages; signing in works again when it does."
	}
	if v.live == nil {
		return p
	}
	u, may := v.live.User, s.held(v)
	v.formTag = s.Flow.SealTag(u.ID)
	p.FormTag = v.formTag
	p.Person = &views.Person{
		Name: u.Name(), Role: roleLabel(u.Role()), AccountHref: accountPath,
		CanReports: may.Reports, CanPublish: may.Publish, CanManage: may.Manage,
	}
	if p.Person.CanPublish {
		p.Tools = append(p.Tools, views.MenuItem{Label: "Publish", Href: publishPath})
	}
	if p.Person.CanReports {
		p.Tools = append(p.Tools, views.MenuItem{Label: "Reports", Href: "/admin/reports"})
	}
	if p.Person.CanManage {
		p.Tools = append(p.Tools, views.MenuItem{Label: "Accounts", Href: managePath}, views.MenuItem{Label: "Webhooks", Href: webhooksPath},
			views.MenuItem{Label: "Health", Href: healthPath}, views.MenuItem{Label: "Audit", Href: auditPath}, views.MenuItem{Label: "Settings", Href: settingsPath})
	}
	return p
}

// signInNext is where the header's sign-in button leads back to: this page
// when it is one, else the dashboard.
func signInNext(v *visit) string {
	if v.r.Method != http.MethodPost && !strings.HasPrefix(v.r.URL.Path, "/auth/") && v.r.URL.Path != "/" {
		return auth.OwnPath(v.r)
	}
	return "/dashboard"
}

// answer gives an outcome of a sign-in: a redirect, or its page.
func (s *Server) answer(w http.ResponseWriter, v *visit, out auth.Outcome) error {
	if out.Location != "" {
		s.redirect(w, v, out)
		return nil
	}
	e := eventOf(v.r)
	e.outcome = out.Reason
	for _, c := range out.Cookies {
		http.SetCookie(w, c)
	}
	if out.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(out.RetryAfter))
	}
	if out.Refresh > 0 {
		w.Header().Set("Refresh", refresh(out.Refresh, out.Next))
	}
	if out.Page == auth.PageNone {
		return problem(http.StatusInternalServerError, errNoAnswer)
	}
	s.render(w, v, out.Status, s.outcomePage(v, out, e.reference))
	return nil
}

// refresh has a page lead on by itself (HTML, shared declarative refresh
// steps), which works without script.
func refresh(seconds int, path string) string { return strconv.Itoa(seconds) + "; url=" + path }

func (s *Server) outcomePage(v *visit, out auth.Outcome, reference string) templ.Component {
	switch out.Page {
	case auth.PageProbe:
		return views.Probe(s.page(v, "Sign-in address"))
	case auth.PageGate:
		return views.SignInGate(s.page(v, "Sign in"), out.Next)
	}
	m := s.signInMessage(out)
	if out.Page != auth.PageCancelled {
		m.Reference = reference
	}
	return views.Message(s.page(v, m.Heading), m)
}
