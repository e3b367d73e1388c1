package journey

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// /metrics on its own listener tells how the portal fares, by routes and
// fixed names, whatever addresses people make up; the portal itself has none.
func TestMetrics(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w := Start(t, Options{Env: []string{"PORTICO_METRICS_LISTEN=" + listen}})
	p := signedIn(t, w, campusonetest.SubAmina)
	w.Provider.SetRole(campusonetest.SubAmina, "staff")
	w.settle(t)
	for _, path := range []string{"/admin/reports", "/made-up-1", "/made-up-2?code=hidden", "/metrics", "/static/nothing.css"} {
		if err := p.Visit(path); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.Get("http://" + listen + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := string(body)
	for _, want := range []string{
		`portico_requests_total{route="GET /dashboard",status="200"} 1`, `portico_requests_total{route="GET /dashboard",status="303"} 1`,
		`portico_requests_total{route="GET /admin/reports",status="200"} 1`, `portico_requests_total{route="none",status="404"} 3`,
		`portico_requests_total{route="GET /static/",status="404"} 1`, `portico_request_seconds_count{route="GET /dashboard"} 2`,
		`portico_attempts_total{kind="interactive",reason="signed_in"} 1`, "portico_sessions_cached 1", "portico_campus_one_away 0",
		`portico_deliveries{state="processed"} 1`, "portico_build_info{version=",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if strings.Contains(text, "made-up") || strings.Contains(text, "hidden") {
		t.Error("the metrics hold an address that somebody made up")
	}
	if t.Failed() {
		t.Log(text[max(0, strings.Index(text, "# HELP portico")):])
	}
}
