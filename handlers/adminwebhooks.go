package handlers

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"portico/auth"
	"portico/auth/campusone"
	"portico/db"
	"portico/views"
)

const (
	webhooksPath = "/admin/webhooks"
	webhookRows  = 20
	longReason   = 500 // letters
)

// webhooks is the inbox: what Campus One sent, found by filters that the
// address repeats.
func (s *Server) webhooks(w http.ResponseWriter, v *visit) error {
	q := v.r.URL.Query()
	find := views.WebhooksFind{State: q.Get("result"), Event: q.Get("event"), Search: strings.TrimSpace(q.Get("q")), From: q.Get("from"), To: q.Get("to")}
	f, problems := s.inboxFilter(find)
	m := views.WebhooksModel{Find: find, Problems: problems, Events: eventNames(find.Event)}
	states, err := s.DB.DeliveryStates(v.r.Context())
	if err != nil {
		return err
	}
	m.Tabs, m.Any = outcomeTabs(find, states), len(states) > 0
	if len(problems) == 0 {
		f.After, f.Before = inboxMark(q.Get("after")), inboxMark(q.Get("before"))
		if err := s.inboxPage(v.r.Context(), &m, f); err != nil {
			return err
		}
	}
	s.render(w, v, http.StatusOK, views.Webhooks(s.page(v, "Webhooks"), m))
	return nil
}

// inboxFilter reads the filters; a day is one of the portal's own time zone.
func (s *Server) inboxFilter(find views.WebhooksFind) (f db.InboxFilter, problems []views.Problem) {
	f = db.InboxFilter{State: find.State, Event: find.Event, Search: find.Search}
	f.From, f.To, problems = s.days(find.From, find.To, "Came")
	return f, problems
}

// days reads the first and the last day of a filter, whose labels begin with a
// word; until is the midnight after the last.
func (s *Server) days(first, last, word string) (from, until time.Time, problems []views.Problem) {
	day := func(field, what, text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		t, err := time.ParseInLocation(time.DateOnly, text, s.Zone)
		if err != nil {
			problems = append(problems, views.Problem{Field: field, Text: fmt.Sprintf("%s: %q is not a day. Write it as %s.", what, text, s.Now().In(s.Zone).Format(time.DateOnly))})
		}
		return t
	}
	from = day("from", word+" from", first)
	if until = day("to", word+" until", last); !until.IsZero() {
		until = until.AddDate(0, 0, 1)
		if !from.Before(until) {
			problems = append(problems, views.Problem{Field: "to", Text: fmt.Sprintf("%s until: %s is before the first day, %s.", word, last, first)})
		}
	}
	return from, until, problems
}

// inboxPage reads one page and where its neighbours are.
func (s *Server) inboxPage(ctx context.Context, m *views.WebhooksModel, f db.InboxFilter) error {
	f.Limit = webhookRows + 1
	rows, err := s.DB.Inbox(ctx, f)
	if err != nil {
		return err
	}
	more := len(rows) > webhookRows
	if f.After.Key != "" && len(rows) == 0 { // nothing is after that place: begin anew
		f.After = db.InboxMark{}
		return s.inboxPage(ctx, m, f)
	}
	if f.Before.Key != "" && !more { // the top is reached: show it whole
		f.Before = db.InboxMark{}
		return s.inboxPage(ctx, m, f)
	}
	switch {
	case f.Before.Key != "":
		rows = rows[1:]
	case more:
		rows = rows[:webhookRows]
	}
	if len(rows) > 0 && (f.After.Key != "" || f.Before.Key != "") {
		m.Newer = inboxAddress(m.Find, "before", rows[0].Mark())
	}
	if more {
		m.Older = inboxAddress(m.Find, "after", rows[len(rows)-1].Mark())
	}
	for _, r := range rows {
		m.Rows = append(m.Rows, s.webhookRow(r))
	}
	return nil
}

func (s *Server) webhookRow(r db.InboxRow) views.WebhookRow {
	row := views.WebhookRow{
		Href: webhookAddress(r.Key), Event: r.Event, State: r.State, Person: r.Name,
		Happened: r.Occurred, Came: r.Received, Tries: r.Attempts,
	}
	if row.Person == "" {
		row.Person = r.User
	}
	if r.UserID != "" && s.gates["GET /admin/people/{id}"].gate != nobody {
		row.PersonHref = "/admin/people/" + r.UserID
	}
	if r.State == db.StatePending || r.State == db.StateDead || r.State == db.StateUnreadable {
		row.Error = inPlainWords(r.Error)
	}
	return row
}

// inPlainWords says what an error of the worker comes to.
func inPlainWords(text string) string {
	lower := strings.ToLower(text)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(lower, w) {
				return true
			}
		}
		return false
	}
	switch {
	case text == "":
		return ""
	case has("locked", "busy", "connect", "refused", "timeout", "deadline", "eof", "closed", "shutting down", "disk"):
		return "The database did not answer, or had no room."
	case has("unreadable", "json", "does nothing"):
		return "Its body is not what this event should bring."
	}
	return "Something failed here while it was applied."
}

// outcomeTabs counts the inbox by what became of each delivery.
func outcomeTabs(find views.WebhooksFind, states map[string]int) []views.Tab {
	tab := func(label, state string, n int) views.Tab {
		to := find
		to.State = state
		return views.Tab{Label: label, Href: inboxAddress(to, "", db.InboxMark{}), Count: thousands(n), Current: state == find.State}
	}
	all := 0
	for _, n := range states {
		all += n
	}
	tabs := []views.Tab{tab("All", "", all)}
	for _, state := range views.OutcomeOrder() {
		if n := states[state]; n > 0 || state == find.State {
			tabs = append(tabs, tab(views.OutcomeWord(state), state, n))
		}
	}
	return tabs
}

// eventNames are the events to choose from, and one that was asked for by name.
func eventNames(asked string) []string {
	names := []string{
		campusone.EventRoleChanged, campusone.EventUserUpdated, campusone.EventUserCreated, campusone.EventUserDeleted,
		campusone.EventSignedIn, campusone.EventSignedOut, campusone.EventDisconnected,
	}
	for _, n := range names {
		if asked == n || asked == "" {
			return names
		}
	}
	return append(names, asked)
}

// inboxAddress repeats the filters, and a place in the list when there is one.
func inboxAddress(find views.WebhooksFind, side string, m db.InboxMark) string {
	q := url.Values{}
	for name, value := range map[string]string{"result": find.State, "event": find.Event, "q": find.Search, "from": find.From, "to": find.To} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if side != "" {
		q.Set(side, strconv.FormatInt(m.Received.UnixMicro(), 10)+"-"+m.Key)
	}
	if len(q) == 0 {
		return webhooksPath
	}
	return webhooksPath + "?" + q.Encode()
}

// inboxMark reads a place in the list; what is none is the beginning.
func inboxMark(text string) db.InboxMark {
	digits, key, _ := strings.Cut(text, "-")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || key == "" {
		return db.InboxMark{}
	}
	return db.InboxMark{Received: time.UnixMicro(n), Key: key}
}

// webhookAddress is the page of a delivery. An id may be any text, also one
// that a path cannot carry; such a one is written as ~ and base64.
func webhookAddress(key string) string {
	plain := !strings.ContainsFunc(key, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '-' && r != '_'
	})
	if !plain {
		key = "~" + base64.RawURLEncoding.EncodeToString([]byte(key))
	}
	return webhooksPath + "/" + key
}

// webhookOf reads the delivery that an address names.
func (s *Server) webhookOf(v *visit) (db.InboxRow, error) {
	key := v.r.PathValue("id")
	if coded, ok := strings.CutPrefix(key, "~"); ok {
		plain, err := base64.RawURLEncoding.DecodeString(coded)
		if err != nil {
			return db.InboxRow{}, problem(http.StatusNotFound, nil)
		}
		key = string(plain)
	}
	r, err := s.DB.InboxDelivery(v.r.Context(), key)
	if errors.Is(err, db.ErrNotFound) {
		return r, problem(http.StatusNotFound, nil)
	}
	return r, err
}

// webhookShow is one delivery.
func (s *Server) webhookShow(w http.ResponseWriter, v *visit) error {
	r, err := s.webhookOf(v)
	if err != nil {
		return err
	}
	return s.drawWebhook(w, v, http.StatusOK, r, "", nil)
}

func (s *Server) drawWebhook(w http.ResponseWriter, v *visit, status int, r db.InboxRow, reason string, problems []views.Problem) error {
	hands, err := s.DB.Hands(v.r.Context(), r.Key)
	if err != nil {
		return err
	}
	m := views.WebhookModel{
		WebhookRow: s.webhookRow(r), ID: r.Key, Body: readable(r.Body), Exact: r.Error, Notes: r.Notes, NextTry: r.NextTry, Applied: r.Applied,
		Problems: problems, Reason: reason,
	}
	if r.HeldBy != "" {
		m.HeldBy = webhookAddress(r.HeldBy)
	}
	if r.CanRetry() {
		m.RetryTo = m.Href + "/retry"
	}
	if r.CanDrop() {
		m.DropTo = m.Href + "/drop"
	}
	for _, h := range hands {
		m.Hands = append(m.Hands, handRow(h))
	}
	s.render(w, v, status, views.Webhook(s.page(v, "Webhook"), m))
	return nil
}

func handRow(h db.Hand) views.HandRow {
	row := views.HandRow{At: h.At, By: h.Name, Did: "Tried again", Reason: h.Reason}
	if row.By == "" {
		row.By = h.By
	}
	if h.Action == db.ActionDrop {
		row.Did = "Dropped"
	}
	return row
}

// readable sets JSON out in lines, each field as it came; anything else stays
// as it is, as far as it is text.
func readable(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return strings.ToValidUTF8(string(body), "\uFFFD")
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// webhookRetry makes a delivery due at once.
func (s *Server) webhookRetry(w http.ResponseWriter, v *visit) error {
	r, err := s.webhookOf(v)
	if err != nil {
		return err
	}
	err = s.DB.RetryByHand(v.r.Context(), r.Key, v.live.User.ID, s.Now())
	return s.webhookDone(w, v, r, err, "It is tried again now.")
}

// webhookDrop gives a delivery up, for a reason.
func (s *Server) webhookDrop(w http.ResponseWriter, v *visit) error {
	r, err := s.webhookOf(v)
	if err != nil {
		return err
	}
	typed := v.r.PostForm.Get("reason")
	reason := strings.Join(strings.Fields(typed), " ")
	if why := poorReason(reason, "you drop it"); why != "" && r.CanDrop() {
		return s.drawWebhook(w, v, http.StatusUnprocessableEntity, r, typed, []views.Problem{{Field: "reason", Text: why}})
	}
	err = s.DB.DropByHand(v.r.Context(), r.Key, v.live.User.ID, reason, s.Now())
	return s.webhookDone(w, v, r, err, "Dropped. Your reason is in the audit.")
}

// poorReason says what is wrong with a reason for a deed, or nothing.
func poorReason(reason, deed string) string {
	switch n := utf8.RuneCountInString(reason); {
	case n == 0:
		return "Write why " + deed + "."
	case n > longReason:
		return fmt.Sprintf("The reason has %d letters. Write at most %d.", n, longReason)
	}
	return ""
}

// webhookDone shows the delivery again, with a word on what was done.
func (s *Server) webhookDone(w http.ResponseWriter, v *visit, r db.InboxRow, err error, done string) error {
	if other, settled := errors.AsType[db.ErrHand](err); settled {
		done = fmt.Sprintf("Nothing was done: it stands as “%s” by now.", views.OutcomeWord(other.State))
	} else if err != nil {
		return err
	}
	http.SetCookie(w, s.Flow.Flash(done))
	s.redirect(w, v, auth.Outcome{Location: webhookAddress(r.Key), Reason: "by_hand"})
	return nil
}
