package handlers

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"portico/auth"
	"portico/auth/campusone"
	"portico/auth/reading"
	"portico/db"
	"portico/handlers/intake"
	"portico/static"
	"portico/views"
)

// Config is what the operator decides about the pages.
type Config struct {
	AppURL         *url.URL
	Site           views.Site
	Zone           *time.Location
	ProviderOrigin string   // for the policy's form-action
	FormOrigins    []string // CAMPUS_ONE_FORM_ORIGINS
	ProviderLogout bool
	Silent         bool     // visitors are recognised without a click
	Scopes         []string // what Campus One is asked for at sign-in
	TrustedProxies []netip.Prefix
	Kept           Kept // how long what is known of people stays
	Version        string
	TestForms      []TestForm // for tests only
}

// Kept is how long the portal keeps what it notes of people, PORTICO_RETAIN_*
// and PORTICO_SESSION_*.
type Kept struct {
	SignIns, Deliveries, Audit, Reads time.Duration
	SessionIdle, SessionMax           time.Duration
	Backups                           bool // there is a copy of everything every day
}

// Deps is what the pages need of the rest of the program.
type Deps struct {
	DB        *db.DB
	Guard     *auth.Guard
	Flow      *auth.Flow
	Standing  *auth.Standing
	Policy    *auth.Rules
	Provider  *campusone.Provider
	Catalogue *auth.Catalogue
	Inbox     *auth.Inbox
	Library   *reading.Library
	Notices   *auth.Notices
	Upkeep    func() Upkeep // how the data are looked after
	Calendars *auth.Calendars
	Log       *slog.Logger
	Now       func() time.Time
	Machine   Machine
	Observe   func(route string, status int, took time.Duration) // told of each answer; nil tells nobody
}

// Server answers every request of the portal.
type Server struct {
	Config
	Deps
	mux      *http.ServeMux
	gates    map[string]route
	isPage   auth.PageRoute
	csrf     *http.CrossOriginProtection
	header   headerSet
	drawn    drawings
	made     made
	dressed  atomic.Pointer[dress]
	pictures pictures
	smalls   smallPictures
	turn     intake.Turn // to open a picture
	looking  intake.Turn // to read a timetable and compare it
	uploads  uploads
	logos    logoMaker
	boards   boards
	desks    desks
	counting chan struct{} // holds one while an audience is counted

	attention  attention
	publishers publishers
}

// New builds the handler of the whole portal: the chain, then the routes.
func New(c Config, d Deps) http.Handler {
	s := &Server{Config: c, Deps: d, gates: map[string]route{}, isPage: PageRoute(), csrf: http.NewCrossOriginProtection(), counting: make(chan struct{}, 1), turn: intake.NewTurn(), looking: intake.NewTurn()}
	s.header = newHeaderSet(c)
	d.DB.OnChange(s.publishers.hear)
	all := routes()
	for _, f := range c.TestForms {
		all = append(all, f.routes()...)
	}
	for _, rt := range all {
		s.gates[rt.pattern] = rt
	}
	s.mux = newMux(all) // a route is found by its pattern and answered by serve
	files, pages := static.HandlerWith(s.worn), gzhttp.GzipHandler(s.chain())
	return s.withEvent(s.withHeaders(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, static.Prefix) {
			eventOf(r).pattern = "GET " + static.Prefix
			files.ServeHTTP(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})))
}

// chain is what every request but those for static files passes besides the
// log record and the headers, outermost first.
func (s *Server) chain() http.Handler {
	var h http.Handler = http.HandlerFunc(s.serve)
	h = s.limitBody(h)
	h = s.oneAddress(h)
	h = s.limitHead(h)
	return s.recovered(h)
}
