package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"portico/auth"
	"portico/db"
	"portico/views"
)

const reportDays = 30

// reports shows how signing in went in the last 30 days, and the people by
// role. Those who do not manage the portal see rounded counts.
func (s *Server) reports(w http.ResponseWriter, v *visit) error {
	f, err := s.figures(v.r.Context(), s.Policy.May(v.live.User, auth.Manage, s.Now()))
	if err != nil {
		return fmt.Errorf("reading the sign-in report: %w", err)
	}
	s.render(w, v, http.StatusOK, views.Reports(s.page(v, "Sign-ins"), f))
	return nil
}

func (s *Server) figures(ctx context.Context, exact bool) (views.ReportsModel, error) {
	now := s.Now()
	y, mo, d := now.In(s.Zone).Date()
	from := time.Date(y, mo, d-reportDays+1, 0, 0, 0, 0, s.Zone)
	days, err := s.DB.SignInsPerDay(ctx, from, now.Add(time.Second), s.Zone)
	if err != nil {
		return views.ReportsModel{}, err
	}
	roles, err := s.DB.PeopleByRole(ctx)
	if err != nil {
		return views.ReportsModel{}, err
	}
	counts, err := s.DB.CountsBetween(ctx, from, now.Add(time.Hour))
	if err != nil {
		return views.ReportsModel{}, err
	}
	round := rounding(exact)
	return views.ReportsModel{
		AsOf: now, Period: "Last 30 days", Days: dayRows(days, from, round), Roles: roleRows(roles, round), KPIs: headline(days, counts, round),
	}, nil
}

// rounding makes the figures a reader may see: exact, or to the nearest 5
// with "under 5" for 1 to 4, so that no figure points at a person.
func rounding(exact bool) func(int) views.Figure {
	if exact {
		return func(n int) views.Figure { return views.Figure{Text: thousands(n), Value: n} }
	}
	return func(n int) views.Figure {
		if n > 0 && n < 5 {
			return views.Figure{Text: "under 5", Value: 2}
		}
		n = (n + 2) / 5 * 5
		return views.Figure{Text: thousands(n), Value: n}
	}
}

// thousands writes 12480 as 12,480.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// dayRows fills the days without sign-ins, oldest first.
func dayRows(days []db.DaySignIns, from time.Time, round func(int) views.Figure) []views.DayRow {
	byDay := map[string]db.DaySignIns{}
	for _, d := range days {
		byDay[d.Day] = d
	}
	rows := make([]views.DayRow, reportDays)
	for i := range rows {
		day := from.AddDate(0, 0, i)
		d := byDay[day.Format(time.DateOnly)]
		rows[i] = views.DayRow{Day: day, Silent: round(d.Silent), Interactive: round(d.Interactive), People: round(d.People)}
	}
	return rows
}

func roleRows(roles []db.RoleCount, round func(int) views.Figure) []views.RoleRow {
	rows := make([]views.RoleRow, len(roles))
	for i, r := range roles {
		rows[i] = views.RoleRow{Role: roleLabel(r.Role), People: round(r.People)}
	}
	return rows
}

// failures are the reasons that count as a failed sign-in.
var failures = map[string]bool{"iss": true, "exchange": true, "storing": true, "other": true, "server_error": true, "invalid_request": true,
	"unauthorized_client": true, "unsupported_response_type": true, "invalid_scope": true, "temporarily_unavailable": true}

func headline(days []db.DaySignIns, counts []db.Count, round func(int) views.Figure) []views.KPI {
	var silent, all, failed, anonymous int
	for _, d := range days {
		silent += d.Silent
		all += d.Silent + d.Interactive
	}
	for _, c := range counts {
		if failures[c.Reason] {
			failed += c.N
		}
		if c.Kind == "silent" && c.Reason == "login_required" {
			anonymous += c.N
		}
	}
	return []views.KPI{
		{Value: round(all).Text, Label: "sign-ins", Meaning: "Every time a person was recognised and a new session began."},
		{Value: share(round(silent).Value, round(all).Value), Label: "silent share", Note: "no click at all", Meaning: "The part of all sign-ins in which the person did nothing. If it falls, Campus One or the network needs a look."},
		{Value: round(failed).Text, Label: "failed", Meaning: "Attempts that ended in an error. A person may have tried several times."},
		{Value: round(anonymous).Text, Label: "anonymous checks", Note: "public pages", Meaning: "Visitors of public pages whom Campus One did not know."},
	}
}

// share is a part of a whole in per cent, from the figures the reader sees.
func share(part, whole int) string {
	if whole == 0 {
		return "no figure yet"
	}
	return strconv.Itoa((part*100+whole/2)/whole) + " %"
}
