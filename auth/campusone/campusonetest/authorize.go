package campusonetest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// sessionCookie is the provider's own; at Campus One every application on a
// subdomain receives it.
const sessionCookie = "better-auth.session_token"

// authorization is one request to sign a person in for a client.
type authorization struct {
	params url.Values
	client Client
	scopes []string
}

func (a authorization) redirect() string { return a.params.Get("redirect_uri") }

func (a authorization) prompts(value string) bool {
	return slices.Contains(strings.Fields(a.params.Get("prompt")), value)
}

// without is the same request after one prompt value was obeyed.
func (a authorization) without(prompt string) url.Values {
	rest := slices.DeleteFunc(strings.Fields(a.params.Get("prompt")), func(p string) bool { return p == prompt })
	next := url.Values{}
	maps.Copy(next, a.params)
	next.Set("prompt", strings.Join(rest, " "))
	if len(rest) == 0 {
		next.Del("prompt")
	}
	return next
}

// oauthError is a refusal the client may be told.
type oauthError struct{ code, description string }

// readAuthorization finds the client and checks where answers may go. Text
// that is not empty is for the person: the client cannot be trusted with it.
func (s *Server) readAuthorization(q url.Values) (authorization, string) {
	client, ok := s.client(q.Get("client_id"))
	if !ok {
		return authorization{}, "No application is registered under this client_id."
	}
	if !slices.Contains(client.RedirectURIs, q.Get("redirect_uri")) {
		return authorization{}, "The redirect_uri is not one that this application has registered."
	}
	return authorization{params: q, client: client, scopes: strings.Fields(q.Get("scope"))}, ""
}

// authorizeRequest is the authorize endpoint.
func (s *Server) authorizeRequest(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.lastAuthorize.Store(&q)
	a, problem := s.readAuthorization(q)
	if problem != "" {
		s.pages.problem(w, http.StatusBadRequest, problem)
		return
	}
	if refusal := s.judge(a); refusal != nil {
		s.refuse(w, r, a, *refusal)
		return
	}
	s.meet(w, r, a)
}

// judge checks what the client asked for.
func (s *Server) judge(a authorization) *oauthError {
	f := s.fault().Authorize
	switch {
	case f.Error != "":
		return &oauthError{f.Error, "a switched fault"}
	case f.SilentError != "" && a.prompts("none"):
		return &oauthError{f.SilentError, "a switched fault"}
	case a.params.Get("response_type") != "code":
		return &oauthError{"unsupported_response_type", "unsupported response type"}
	case a.params.Get("code_challenge") == "" || a.params.Get("code_challenge_method") != "S256":
		return &oauthError{"invalid_request", "pkce is required"}
	case a.prompts("none") && len(strings.Fields(a.params.Get("prompt"))) > 1:
		return &oauthError{"invalid_request", "prompt none must be used alone"}
	}
	for _, scope := range a.scopes {
		if !slices.Contains(a.client.Scopes, scope) {
			return &oauthError{"invalid_scope", "The following scopes are invalid: " + scope}
		}
	}
	return nil
}

// meet looks at who is there, and answers, asks or refuses.
func (s *Server) meet(w http.ResponseWriter, r *http.Request, a authorization) {
	here, person, signedIn := s.visitor(r)
	consented := a.client.Trusted || s.vault.consented(person.Sub, a.client.ID, a.scopes)
	if a.prompts("none") && !s.Quirks().PageAtNone {
		if refusal := silentRefusal(signedIn, consented, person); refusal != nil {
			s.refuse(w, r, a, *refusal)
			return
		}
	}
	switch {
	case !signedIn || person.NeedsInteraction || a.prompts("login"):
		leave(w, r, "/login?"+a.without("login").Encode())
	case !consented || a.prompts("consent"):
		leave(w, r, "/consent?"+a.without("consent").Encode())
	default:
		s.grantCode(w, r, a, here)
	}
}

func silentRefusal(signedIn, consented bool, p Person) *oauthError {
	switch {
	case !signedIn:
		return &oauthError{"login_required", "Authentication required but prompt is none"}
	case p.NeedsInteraction:
		return &oauthError{"interaction_required", "The person has to do something first, and prompt is none"}
	case !consented:
		return &oauthError{"consent_required", "Consent required but prompt is none"}
	}
	return nil
}

// visitor is the person whose session the request carries.
func (s *Server) visitor(r *http.Request) (session, Person, bool) {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return session{}, Person{}, false
	}
	here, ok := s.vault.session(c.Value)
	if !ok {
		return session{}, Person{}, false
	}
	p, ok := s.people.find(here.sub)
	return here, p, ok
}

func (s *Server) grantCode(w http.ResponseWriter, r *http.Request, a authorization, here session) {
	code := s.vault.issueCode(grant{
		sub: here.sub, client: a.client.ID, redirect: a.redirect(), scopes: s.vault.granted(here.sub, a.client.ID, a.scopes),
		challenge: a.params.Get("code_challenge"), nonce: a.params.Get("nonce"), authTime: here.began,
	})
	s.callback(w, r, a, []Param{{"code", code}}, true)
}

// refuse sends the person back with an error; by default without the state.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, a authorization, e oauthError) {
	if d := s.fault().Authorize.Description; d != "" {
		e.description = d
	}
	withState := s.Quirks().StateInErrors || s.fault().Authorize.State == StateForced
	s.callback(w, r, a, []Param{{"error", e.code}, {"error_description", e.description}}, withState)
}

// callback finishes the parameters and redirects to the client.
func (s *Server) callback(w http.ResponseWriter, r *http.Request, a authorization, params []Param, withState bool) {
	f := s.fault().Authorize
	if withState && a.params.Has("state") {
		params = append(params, spoil(f.State, a.params.Get("state"))...)
	}
	if s.Quirks().ResponseIssuer {
		params = append(params, Param{"iss", s.Issuer()})
	}
	if f.Callback != nil {
		params = f.Callback(params)
	}
	sep := "?"
	if strings.Contains(a.redirect(), "?") {
		sep = "&"
	}
	leave(w, r, a.redirect()+sep+s.encode(params))
}

// spoil is the state as the fault lets it through.
func spoil(f StateFault, state string) []Param {
	switch f {
	case StateDropped:
		return nil
	case StateAltered:
		return []Param{{"state", altered(state)}}
	case StateDoubled:
		return []Param{{"state", state}, {"state", state}}
	case StateEmpty:
		return []Param{{"state", ""}}
	case StateUndefined:
		return []Param{{"state", "undefined"}}
	}
	return []Param{{"state", state}}
}

// altered changes one letter in the middle.
func altered(text string) string {
	if text == "" {
		return "x"
	}
	b := []byte(text)
	i := len(b) / 2
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// encode writes the query. Descriptions are hardly escaped, as Better Auth
// leaves them; what would break the query itself is escaped all the same.
func (s *Server) encode(params []Param) string {
	var b strings.Builder
	for i, p := range params {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(p.Name + "=")
		switch {
		case p.Name != "error_description":
			b.WriteString(url.QueryEscape(p.Value))
		case s.Quirks().RawDescription:
			b.WriteString(p.Value)
		default:
			b.WriteString(strings.NewReplacer(" ", "%20", "%", "%25", "&", "%26", "#", "%23", "+", "%2B").Replace(p.Value))
		}
	}
	return b.String()
}

// leave redirects. To a script's request it answers JSON, as Better Auth does.
func leave(w http.ResponseWriter, r *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Header.Get("Sec-Fetch-Mode") == "cors" {
		writeJSON(w, http.StatusOK, map[string]any{"redirect": true, "url": to})
		return
	}
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusFound)
}

// SessionCookie begins a session at the provider and returns its cookie, so
// that a test is signed in without clicking.
func (s *Server) SessionCookie(sub string) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie, Value: s.vault.beginSession(sub), Path: "/",
		MaxAge: int(sessionLife.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}
