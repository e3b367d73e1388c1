package handlers

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portico/auth"
	"portico/db"
	"portico/handlers/words"
	"portico/views"
)

const (
	auditPath = "/admin/audit"
	auditRows = 20
)

// auditLog shows who did what to whom, found by filters that the address repeats.
func (s *Server) auditLog(w http.ResponseWriter, v *visit) error {
	q := v.r.URL.Query()
	m := views.AuditModel{Find: views.AuditFind{Search: strings.TrimSpace(q.Get("q")), Action: q.Get("action"), From: q.Get("from"), To: q.Get("to")}}
	f := db.AuditFilter{Search: m.Find.Search, Action: m.Find.Action, After: auditMark(q.Get("after")), Limit: auditRows + 1}
	f.From, f.To, m.Problems = s.days(m.Find.From, m.Find.To, "Done")
	actions, err := s.DB.AuditActions(v.r.Context())
	if err != nil {
		return err
	}
	for _, a := range actions {
		m.Actions = append(m.Actions, views.Entry{Label: words.Deed(a), Href: a})
	}
	if len(m.Problems) == 0 {
		if err := s.auditPage(v, &m, f); err != nil {
			return err
		}
	}
	s.render(w, v, http.StatusOK, views.AuditLog(s.page(v, "Audit"), m))
	return nil
}

func (s *Server) auditPage(v *visit, m *views.AuditModel, f db.AuditFilter) error {
	lines, err := s.DB.AuditLog(v.r.Context(), f)
	if err != nil {
		return err
	}
	if len(lines) == 0 && f.After.ID != 0 { // nothing is after that place: begin anew
		f.After = db.AuditMark{}
		return s.auditPage(v, m, f)
	}
	if len(lines) > auditRows {
		lines = lines[:auditRows]
		m.Older = auditAddress(m.Find, lines[auditRows-1].Mark())
	}
	if f.After.ID != 0 {
		m.Latest = auditAddress(m.Find, db.AuditMark{})
	}
	for _, l := range lines {
		m.Rows = append(m.Rows, auditRow(l))
	}
	return nil
}

// auditAddress repeats the filters, and a place in the audit when there is one.
func auditAddress(find views.AuditFind, after db.AuditMark) string {
	q := url.Values{}
	for name, value := range map[string]string{"q": find.Search, "action": find.Action, "from": find.From, "to": find.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if after.ID != 0 {
		q.Set("after", strconv.FormatInt(after.At.UnixMicro(), 10)+"-"+strconv.FormatInt(after.ID, 10))
	}
	if len(q) == 0 {
		return auditPath
	}
	return auditPath + "?" + q.Encode()
}

// auditMark reads a place in the audit; what is none is the beginning.
func auditMark(text string) db.AuditMark {
	at, id, _ := strings.Cut(text, "-")
	micros, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil {
		return db.AuditMark{}
	}
	return db.AuditMark{At: time.UnixMicro(micros), ID: n}
}

// auditRow is an entry in plain words.
func auditRow(l db.AuditLine) views.AuditRow {
	row := views.AuditRow{At: l.At, Who: l.ActorName, Did: words.Deed(l.Action), Whom: words.About(&l), Detail: l.Detail}
	if row.Who == "" {
		row.Who = l.Actor
	}
	if doer := words.Doer(l.Actor); doer != "" {
		row.Who = doer
	}
	if l.ActorID != "" {
		row.WhoHref = managePath + "/" + l.ActorID
	}
	row.WhomHref = aboutAddress(&l)
	beforeAndAfter(&row, &l)
	return row
}

// aboutAddress leads to what an entry is about. Of what was erased the entries
// are all there is.
func aboutAddress(l *db.AuditLine) string {
	switch {
	case l.SubjectID != "":
		return managePath + "/" + l.SubjectID
	case l.ItemKind != "":
		return writingOfKind(l.ItemKind).address(l.Object)
	case l.Action == "settings.save" || l.Action == "categories.save":
		return settingsPath
	case words.Erased(l) != "":
		return auditAddress(views.AuditFind{Search: l.Object}, db.AuditMark{})
	}
	return ""
}

// beforeAndAfter tells what a deed changed.
func beforeAndAfter(row *views.AuditRow, l *db.AuditLine) {
	switch l.Action {
	case "grant", "revoke":
		without, with := "Without it", mayWords[auth.Permission(l.Object)]
		row.Whom, row.Detail = l.Detail, ""
		row.Before, row.After = without, with
		if l.Action == "revoke" {
			row.Before, row.After = with, without
		}
	case "grant.bound":
		row.Before, row.After, row.Detail = "Waiting", mayWords[auth.Permission(l.Object)], ""
	case "block":
		row.Before, row.After = "May sign in", "Kept out"
	case "unblock":
		row.Before, row.After = "Kept out", "May sign in"
	case "session.end", "sessions.end":
		row.Before, row.After = "Signed in", "Signed out"
	case "events.import", "events.import.undo":
		row.WhomHref = importDone + "/" + l.Object
	case db.ActionRetry, db.ActionDrop:
		row.Whom, row.WhomHref = "A delivery", webhookAddress(l.Object)
		if before, after, ok := strings.Cut(l.Detail, ", then "); ok {
			row.Before, row.After, row.Detail = before, strings.TrimSuffix(after, "."), ""
		}
	case db.ActionDrift:
		row.Detail = words.Noted(l)
	default:
		if c, ok := l.Change(); ok {
			row.Before, row.After, row.Detail = cmp.Or(c.Before, "Nothing"), cmp.Or(c.After, "Nothing"), ""
			return
		}
		if strings.HasSuffix(l.Action, "_file") || strings.HasSuffix(l.Action, "_picture") {
			_, row.Detail, _ = strings.Cut(l.Detail, ", ") // the rest is an id, which says nothing to anybody
		}
		versions(row, l.Detail)
	}
}

// versions tells of an item which version came after which.
func versions(row *views.AuditRow, detail string) {
	digits, ok := strings.CutPrefix(detail, "version ")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil {
		return
	}
	row.After, row.Detail = detail, ""
	if n > 1 {
		row.Before = "version " + strconv.Itoa(n-1)
	}
}
