package journey

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portico/auth/campusone/campusonetest"
)

// TestScripts walks every testdata/*.txtar on a database of each engine. The
// commands are in the language of the journeys:
//
//	world [OPTION...]     start the portal; options: consent, state, absent, ENV=value
//	browser NAME [nocookies]
//	visit PATH            open a page and follow redirects
//	fetch PATH            ask as a script of a page would
//	click TEXT            press the button or link with this text
//	known NAME            NAME is signed in at Campus One in this browser
//	hops WANT             the answers on the way: "303 portal /" joined by ", "
//	status CODE, at PATH, see REGEXP, header NAME REGEXP, [!] cookie NAME
//	forget COOKIE
//	campusone signout|delete|down|up|role|keys [NAME] [ROLE]
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, engine := range engines() {
		t.Run(engine.name, func(t *testing.T) {
			engine.fresh(t) // skips here, not in each script
			testscript.Run(t, testscript.Params{
				Dir:  "testdata",
				Cmds: commands(),
				Setup: func(e *testscript.Env) error {
					e.Values[stageKey{}] = &stage{database: engine.fresh}
					e.Values[testKey{}] = t
					return nil
				},
			})
		})
	}
}

type (
	stageKey struct{}
	testKey  struct{}
)

// stage is what one script plays on.
type stage struct {
	database func(testing.TB) string
	world    *World
	people   map[string]*Person
	now      *Person
}

type command = func(ts *testscript.TestScript, neg bool, args []string)

func commands() map[string]command {
	cmds := map[string]command{}
	for name, do := range map[string]func(*stage, []string) error{
		"visit":  func(s *stage, a []string) error { return s.now.Visit(a[0]) },
		"fetch":  (*stage).fetch,
		"click":  func(s *stage, a []string) error { return s.now.Click(a[0]) },
		"known":  (*stage).known,
		"forget": func(s *stage, a []string) error { s.now.DropCookie(a[0]); return nil },
		"hops":   (*stage).hops, "status": (*stage).status, "at": (*stage).at, "see": (*stage).see, "header": (*stage).header,
		"cookie": (*stage).cookie, "campusone": (*stage).campusone, "browser": (*stage).browser,
	} {
		cmds[name] = func(ts *testscript.TestScript, neg bool, args []string) { run(ts, neg, args, do) }
	}
	cmds["world"] = func(ts *testscript.TestScript, _ bool, args []string) {
		s := ts.Value(stageKey{}).(*stage)
		s.start(ts.Value(testKey{}).(*testing.T), ts, args)
	}
	return cmds
}

func run(ts *testscript.TestScript, neg bool, args []string, do func(*stage, []string) error) {
	s := ts.Value(stageKey{}).(*stage)
	err := do(s, args)
	switch {
	case err != nil && !neg:
		ts.Fatalf("%v", err)
	case err == nil && neg:
		ts.Fatalf("it should not be so, but it is")
	}
}

func (s *stage) start(t *testing.T, ts *testscript.TestScript, args []string) {
	o := Options{Database: s.database(t)}
	consent, state := false, false
	for _, a := range args {
		switch {
		case a == "absent":
			o.Absent = true
		case a == "consent":
			consent = true
		case a == "state":
			state = true
		default:
			o.Env = append(o.Env, a)
		}
	}
	o.Provider = func(_ *campusonetest.Options, c *campusonetest.Client) { c.Trusted = !consent }
	s.world = Start(t, o)
	s.world.Provider.SetQuirks(func(q *campusonetest.Quirks) { q.StateInErrors = state })
	s.people = map[string]*Person{}
	_ = s.browser([]string{"first"})
}

func (s *stage) browser(args []string) error {
	name := args[0]
	if s.people[name] == nil {
		s.people[name] = s.world.Person(len(args) < 2 || args[1] != "nocookies")
	}
	s.now = s.people[name]
	return nil
}

func (s *stage) fetch(args []string) error {
	was := s.now.Header
	defer func() { s.now.Header = was }()
	s.now.Header = http.Header{"Accept": {"application/json"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"}}
	return s.now.Visit(args[0])
}

func (s *stage) known(args []string) error {
	sub, err := s.sub(args[0])
	if err != nil {
		return err
	}
	s.now.Meet(s.world.Provider.SessionCookie(sub))
	return nil
}

// sub finds a seeded person by part of the name.
func (s *stage) sub(name string) (string, error) {
	for _, p := range campusonetest.Seeded() {
		if strings.Contains(p.Name, name) || p.Sub == name {
			return p.Sub, nil
		}
	}
	return "", fmt.Errorf("nobody at Campus One is called %q", name)
}

func (s *stage) hops(args []string) error {
	var got []string
	for _, h := range s.now.Hops {
		got = append(got, fmt.Sprintf("%d %s %s", h.Status, h.Where, h.Path))
	}
	if g := strings.Join(got, ", "); g != args[0] {
		return fmt.Errorf("hops\n got %s\nwant %s", g, args[0])
	}
	return nil
}

func (s *stage) status(args []string) error {
	if got := fmt.Sprint(s.now.Status); got != args[0] {
		return fmt.Errorf("status %s at %s, want %s: %s", got, s.now.URL, args[0], s.now.Text())
	}
	return nil
}

func (s *stage) at(args []string) error {
	if got := s.now.URL.RequestURI(); got != args[0] {
		return fmt.Errorf("at %s, want %s (status %d)", got, args[0], s.now.Status)
	}
	return nil
}

func (s *stage) see(args []string) error {
	re, err := regexp.Compile(args[0])
	if err != nil {
		return err
	}
	if !re.MatchString(s.now.Text()) {
		return fmt.Errorf("%q is not on %s: %s", args[0], s.now.URL, s.now.Text())
	}
	return nil
}

func (s *stage) header(args []string) error {
	re, err := regexp.Compile(args[1])
	if err != nil {
		return err
	}
	if got := strings.Join(s.now.Answer.Values(args[0]), "; "); !re.MatchString(got) {
		return fmt.Errorf("%s is %q, want %s", args[0], got, args[1])
	}
	return nil
}

func (s *stage) cookie(args []string) error {
	if s.now.Cookie(args[0]) == "" {
		return fmt.Errorf("no cookie %s", args[0])
	}
	return nil
}

func (s *stage) campusone(args []string) error {
	p := s.world.Provider
	sub := ""
	if len(args) > 1 {
		var err error
		if sub, err = s.sub(args[1]); err != nil {
			return err
		}
	}
	switch args[0] {
	case "down":
		p.TakeDown(time.Hour)
	case "up":
		p.BringUp()
	case "signout":
		p.SignOutCentrally(sub)
	case "delete":
		p.Delete(sub)
	case "role":
		p.SetRole(sub, args[2])
	case "keys":
		return p.RotateKeys()
	default:
		return fmt.Errorf("campusone cannot %q", args[0])
	}
	if sub != "" {
		return s.world.settled()
	}
	return nil
}

// settled waits until the portal has applied every webhook it took.
func (w *World) settled() error {
	for range 100 {
		time.Sleep(20 * time.Millisecond)
		due, err := w.App.DB.Due(context.Background(), time.Now().Add(time.Hour), 1)
		if err != nil {
			return err
		}
		if len(due) == 0 {
			return nil
		}
	}
	return fmt.Errorf("a webhook was not applied within 2 s")
}
