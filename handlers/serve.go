package handlers

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"

	"portico/auth"
	"portico/auth/reading"
)

// visit is one request on its way through a route: who came and with what.
type visit struct {
	r       *http.Request
	visitor auth.Visitor
	live    *auth.Live // nil: nobody is signed in
	unknown error      // why it could not be found out who came
	flash   string
	formTag string         // what the page's forms carry of the person
	shelf   *reading.Shelf // what they may read; ask Server.shelf
	sparing bool           // the page has pictures, and they save data
	file    *upload        // came with a posted form
	crowded bool           // it came while too many were sending files
	held    *auth.Held     // what they may do; ask Server.may

	keeps    []string // the fields of a posted form whose text must not be lost
	drawnFor string   // the id of the person a posted form was drawn for, or ""
}

// serve finds the route, asks its gate and runs it.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	v := &visit{r: r}
	pattern := routed(s.mux, r)
	rt, ok := s.gates[pattern]
	if !ok || path.Clean(r.URL.Path) != r.URL.Path { // no second spelling of an address
		_ = s.identify(v, publicWaits) // for the page's header; its cookies wait for a page that is there
		s.fail(w, v, s.unrouted(w, r))
		return
	}
	eventOf(r).pattern = pattern
	if strings.Contains(pattern, "/{") {
		s.mux.ServeHTTP(w, r) // answers nothing: it tells r what stands in place of {id}
	}
	if err := s.enter(w, v, rt); err != nil {
		s.fail(w, v, err)
	}
}

// unrouted is 404, or 405 with the methods that the address does answer.
func (s *Server) unrouted(w http.ResponseWriter, r *http.Request) error {
	var allowed []string
	for _, m := range []string{http.MethodGet, http.MethodPost} {
		if m == r.Method || path.Clean(r.URL.Path) != r.URL.Path {
			continue
		}
		other := r.Clone(r.Context())
		other.Method = m
		if s.gates[routed(s.mux, other)].pattern != "" {
			allowed = append(allowed, m)
		}
	}
	if len(allowed) == 0 {
		return problem(http.StatusNotFound, nil)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return problem(http.StatusMethodNotAllowed, nil)
}

// enter asks a route's gate, then runs it.
func (s *Server) enter(w http.ResponseWriter, v *visit, rt route) error {
	if rt.gate == machine {
		return rt.do(s, w, v)
	}
	if err := s.csrf.Check(v.r); err != nil {
		return problem(http.StatusForbidden, err)
	}
	ended := s.recognise(v, rt)
	for _, c := range ended {
		http.SetCookie(w, c)
	}
	if v.live != nil {
		defer s.Standing.Notice(v.live)
	}
	if rt.upload > 0 && v.live != nil {
		end, err := s.letUpload(w, v, rt)
		if err != nil {
			return err
		}
		defer end()
	}
	if err := takeForm(s, v, rt); err != nil {
		return err
	}
	if v.unknown != nil && rt.gate != public {
		return problem(http.StatusServiceUnavailable, v.unknown)
	}
	if err := rightPerson(v, rt); err != nil {
		return err
	}
	if v.live != nil {
		if err := s.unseal(v); err != nil {
			return err
		}
	}
	return s.admit(w, v, rt)
}

// admit runs a route for whom its gate lets in.
func (s *Server) admit(w http.ResponseWriter, v *visit, rt route) error {
	switch rt.gate {
	case nobody:
		return problem(http.StatusNotFound, nil)
	case open:
		return rt.do(s, w, v)
	case public:
		if v.live == nil && v.unknown == nil && s.silently(w, v) {
			return nil
		}
		if v.live != nil && rt.page && s.unmarked(w, v) {
			return nil
		}
	default:
		if v.live == nil {
			return s.requireSignIn(w, v, rt)
		}
		if p := rt.gate.permission(); p != "" && !s.may(v, p) {
			return problem(http.StatusForbidden, nil)
		}
	}
	if rt.page {
		if s.reconfirm(w, v) {
			return nil
		}
		s.pageCookies(w, v)
	}
	if rt.gate == public {
		letKeep(w, v)
	}
	return rt.do(s, w, v)
}

// may reports whether who asks holds a permission now.
func (s *Server) may(v *visit, p auth.Permission) bool { return s.held(v).May(p) }

// held is what who asks may do now. It is found out once for a request.
func (s *Server) held(v *visit) auth.Held {
	if v.held == nil {
		v.held = &auth.Held{}
		if v.live != nil {
			*v.held = s.Policy.Held(v.live.User, s.Now())
		}
	}
	return *v.held
}

// recognise finds out who came. Before a page of staff a role that has grown
// old is confirmed, which may end the session or change what it opens.
func (s *Server) recognise(v *visit, rt route) []*http.Cookie {
	ended := s.identify(v, patience(rt))
	if v.live == nil || rt.gate.permission() == "" || !s.Standing.Confirm(v.r.Context(), v.live) {
		return ended
	}
	return s.identify(v, patience(rt))
}

// patience is how long a stuck database may hold a page: a public one goes
// on without knowing the person, any other would only be refused.
func patience(rt route) time.Duration {
	if rt.gate == public {
		return publicWaits
	}
	return privateWaits
}

const (
	publicWaits  = 2 * time.Second
	privateWaits = 8 * time.Second
)

// identify finds out who came. The cookies it returns keep a browser signed
// out whose session was ended by hand or by Campus One.
func (s *Server) identify(v *visit, within time.Duration) []*http.Cookie {
	v.visitor, v.held = s.Flow.Visitor(v.r), nil
	live, carries := s.Guard.Known(v.r)
	if live != nil {
		s.signedIn(v, live)
		return nil
	}
	if !carries {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), within)
	defer cancel()
	r := v.r.WithContext(ctx)
	live, err := s.Guard.Live(r)
	ending := auth.EndedByTime
	if err == nil && live == nil && !v.visitor.SignedOut {
		ending, err = s.Guard.Ending(r)
	}
	if err != nil {
		s.Log.Error("sessions cannot be read; showing public pages only", "error", err)
		v.unknown = err
		return nil
	}
	s.signedIn(v, live)
	if live != nil {
		return nil
	}
	var cookies []*http.Cookie
	switch ending {
	case auth.EndedByTime:
		return nil
	case auth.EndedByHand:
		cookies = s.Flow.SignOut("")
	case auth.EndedByBlock:
		cookies = s.Flow.ShutOut()
	}
	v.visitor = auth.Visitor{SignedOut: true, Blocked: ending == auth.EndedByBlock, Shared: v.visitor.Shared}
	return cookies
}

func (s *Server) signedIn(v *visit, live *auth.Live) {
	v.live = live
	if live != nil {
		eventOf(v.r).user = live.User.ID
	}
}

// silently sends a public page's visitor to Campus One unless there is a
// reason not to; it reports whether the request is answered.
func (s *Server) silently(w http.ResponseWriter, v *visit) bool {
	out, gone := s.Flow.CheckSilently(v.r, &v.visitor)
	if gone {
		s.redirect(w, v, out)
	}
	return gone
}

// unmarked sends who is signed in on to their own address when it still carries
// our marker, which has done its work; it reports whether the request is answered.
func (s *Server) unmarked(w http.ResponseWriter, v *visit) bool {
	if !strings.Contains(v.r.URL.RawQuery, auth.MarkerParam) { // as nearly always
		return false
	}
	own := auth.OwnPath(v.r)
	if own == v.r.URL.RequestURI() {
		return false
	}
	s.redirect(w, v, auth.Outcome{Location: own, Reason: "marker"})
	return true
}

// reconfirm sends a signed-in person by Campus One when their session has to
// be confirmed there; it reports whether the request is answered.
func (s *Server) reconfirm(w http.ResponseWriter, v *visit) bool {
	if v.live == nil || s.Standing.Confirms(v.live.User) {
		return false
	}
	out, gone := s.Flow.Reconfirm(v.r, &v.visitor, v.live)
	if gone {
		s.redirect(w, v, out)
	}
	return gone
}

// requireSignIn sends a person to sign in and come back; anything that is
// not a page shown to a person is told in a word.
func (s *Server) requireSignIn(w http.ResponseWriter, v *visit, rt route) error {
	if !rt.page || !auth.IsDocument(v.r) {
		return s.hold(w, v)
	}
	return s.answer(w, v, s.Flow.Require(v.r, &v.visitor))
}

func (s *Server) pageCookies(w http.ResponseWriter, v *visit) {
	for _, c := range s.Flow.Served(v.r, &v.visitor, v.live != nil) {
		http.SetCookie(w, c)
	}
	if v.visitor.LookAgain && v.live == nil {
		w.Header().Set("Refresh", refresh(auth.LookAgainAfter, s.Flow.LookAgainAt(auth.OwnPath(v.r))))
	}
	var taken *http.Cookie
	if v.flash, taken = s.Flow.TakeFlash(v.r); taken != nil {
		http.SetCookie(w, taken)
	}
}

// redirect answers with an outcome's location.
func (s *Server) redirect(w http.ResponseWriter, v *visit, out auth.Outcome) {
	eventOf(v.r).outcome = out.Reason
	for _, c := range out.Cookies {
		http.SetCookie(w, c)
	}
	w.Header().Set("Location", out.Location)
	w.WriteHeader(http.StatusSeeOther)
}

var errNoAnswer = errors.New("handlers: an outcome without a page")
