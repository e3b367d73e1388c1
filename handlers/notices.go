package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"portico/auth/campusone"
	"portico/db"
	"portico/views"
)

const (
	noticesAhead  = 24 * time.Hour // how long the desk shows a notice that is over
	noticesOnDesk = 10
)

var noticeTypes = map[string]string{
	"info": "Information", "success": "Good news", "warning": "Warning", "action_required": "Something is to be done",
}

// mayNotify says whether people can be notified of an item now.
func (s *Server) mayNotify(k writing, i *db.Item) bool {
	state := i.State(s.Now())
	return s.Notices.On && (k.kind == db.Announcement || k.kind == db.EventItem) && (state == db.StatePublished || state == db.StateScheduled)
}

// noticeItem is the item that notices are asked about.
func (s *Server) noticeItem(v *visit) (writing, db.Item, error) {
	k, i, err := s.itemOf(v)
	if err == nil && k.kind != db.Announcement && k.kind != db.EventItem {
		err = problem(http.StatusNotFound, nil)
	}
	return k, i, err
}

// noticeForm asks before people are notified.
func (s *Server) noticeForm(w http.ResponseWriter, v *visit) error {
	k, i, err := s.noticeItem(v)
	if err != nil {
		return err
	}
	m := views.SendingFormModel{Title: s.Library.Plain(i.Title, campusone.MostTitle), Body: cmp.Or(s.Library.Plain(i.Body, campusone.MostBody), "Open it to read more.")}
	return s.drawNotice(w, v, http.StatusOK, k, &i, m, "info")
}

// drawNotice draws the question with what was typed, and counts anew whom the
// notice would reach.
func (s *Server) drawNotice(w http.ResponseWriter, v *visit, status int, k writing, i *db.Item, m views.SendingFormModel, kind string) error {
	m.Item, m.ItemHref, m.Action = i.Title, k.address(i.ID), k.address(i.ID)+"/notices"
	m.MostTitle, m.MostBody, m.Target = campusone.MostTitle, campusone.MostBody, ItemAddress(s.AppURL)(i.Kind, i.Slug)
	for _, one := range campusone.NotificationTypes() {
		m.Types = append(m.Types, views.Option{Value: one, Label: noticeTypes[one], On: one == kind})
	}
	earlier, err := s.DB.NoticesOf(v.r.Context(), i.ID)
	if err != nil {
		return err
	}
	if len(earlier) > 0 {
		m.Last = earlier[0].ID
	}
	m.Before, m.Cannot = s.noticeRowsOf(v, earlier, false), s.noNotice(k, i, earlier)
	if m.Cannot == "" {
		if err := s.forecast(v, i, &m); err != nil {
			return err
		}
	}
	s.render(w, v, status, views.SendingForm(s.page(v, "Also notify in Campus One"), m))
	return nil
}

// noNotice says why nobody can be notified of an item now; "" when they can.
func (s *Server) noNotice(k writing, i *db.Item, earlier []db.Notice) string {
	switch {
	case !s.Notices.On:
		return "Notices in Campus One are switched off. Whoever runs the server can switch them on with PORTICO_NOTIFICATIONS."
	case slices.ContainsFunc(earlier, func(n db.Notice) bool { return n.Open() }):
		return "A notice of this is on its way already. See below how far it is."
	case !s.mayNotify(k, i):
		return "Readers do not see this now, so nobody can be notified of it. Publish it first."
	}
	return ""
}

func (s *Server) forecast(v *visit, i *db.Item, m *views.SendingFormModel) error {
	f, err := s.Notices.Forecast(v.r.Context(), i)
	if err != nil {
		return err
	}
	m.Reach = fmt.Sprintf("Reaches %s of %s.", thousands(f.Reached), people(f.Met))
	m.Without = fmt.Sprintf("%s not agreed to it at Campus One, or said no to it here. %s not signed in for 7 days.", have(f.NotGranted), have(f.Expired))
	m.Takes = "Sending takes about " + roughly(f.Takes) + "."
	if i.State(s.Now()) == db.StateScheduled {
		m.Begins = i.Publish
	}
	return nil
}

func have(n int) string {
	if n == 1 {
		return "1 has"
	}
	return thousands(n) + " have"
}

// roughly is how long something takes, as people say it.
func roughly(d time.Duration) string {
	if d <= 90*time.Minute {
		return many(max(1, int((d+time.Minute-1)/time.Minute)), "minute", "minutes")
	}
	return many(int((d+30*time.Minute)/time.Hour), "hour", "hours")
}

// noticeStart takes the answer, and asks again while something is wrong.
func (s *Server) noticeStart(w http.ResponseWriter, v *visit) error {
	k, i, err := s.noticeItem(v)
	if err != nil {
		return err
	}
	form := v.r.PostForm
	m, kind := typedNotice(form)
	switch {
	case len(m.Problems) > 0:
		return s.drawNotice(w, v, http.StatusUnprocessableEntity, k, &i, m, kind)
	case form.Get("do") == "look" || !s.Notices.On:
		m.Looked = true
		return s.drawNotice(w, v, http.StatusOK, k, &i, m, kind)
	}
	n, err := s.DB.StartNotice(v.r.Context(), db.Notice{ItemID: i.ID, Title: m.Title, Body: m.Body, Type: kind, By: v.live.User.ID}, form.Get("last"), s.Now())
	switch {
	case errors.Is(err, db.ErrNoticeSince):
		m.Problems = []views.Problem{{Field: "title", Text: "Another notice of this was sent while you were here, see below. Press “Send the notice” again if people are to get this one too."}}
		return s.drawNotice(w, v, http.StatusConflict, k, &i, m, kind)
	case errors.Is(err, db.ErrNoticeRunning), errors.Is(err, db.ErrNoticeItem):
		return s.drawNotice(w, v, http.StatusConflict, k, &i, m, kind)
	case errors.Is(err, db.ErrNotFound):
		return problem(http.StatusNotFound, err)
	case err != nil:
		return err
	}
	return s.back(w, v, k.address(i.ID)+"/notices/"+n.ID, "The notice is on its way.")
}

// typedNotice reads the form and says what is wrong with it.
func typedNotice(form url.Values) (m views.SendingFormModel, kind string) {
	m.Title = strings.Join(strings.Fields(form.Get("title")), " ")
	m.Body = strings.TrimSpace(strings.ReplaceAll(form.Get("body"), "\r\n", "\n"))
	kind = form.Get("type")
	wrong := func(when bool, field, text string) {
		if when {
			m.Problems = append(m.Problems, views.Problem{Field: field, Text: text})
		}
	}
	title, body := campusone.Letters(m.Title), campusone.Letters(m.Body)
	wrong(title == 0, "title", "Give the notice a title.")
	wrong(title > campusone.MostTitle, "title", fmt.Sprintf("The title has %d letters. Write at most %d.", title, campusone.MostTitle))
	wrong(body == 0, "body", "Write a sentence or two.")
	wrong(body > campusone.MostBody, "body", fmt.Sprintf("The text has %d letters. Write at most %d.", body, campusone.MostBody))
	wrong(!slices.Contains(campusone.NotificationTypes(), kind), "type", "Choose a kind from the list.")
	return m, kind
}

// noticeOf is the notice that an address names.
func (s *Server) noticeOf(v *visit) (writing, db.Item, db.Notice, error) {
	k, i, err := s.noticeItem(v)
	if err != nil {
		return k, i, db.Notice{}, err
	}
	n, err := s.DB.Notice(v.r.Context(), v.r.PathValue("notice"))
	if errors.Is(err, db.ErrNotFound) || err == nil && n.ItemID != i.ID {
		err = problem(http.StatusNotFound, nil)
	}
	return k, i, n, err
}

// noticeShow says how far a notice has come.
func (s *Server) noticeShow(w http.ResponseWriter, v *visit) error {
	k, i, n, err := s.noticeOf(v)
	if err != nil {
		return err
	}
	m := views.SendingModel{
		Item: i.Title, ItemHref: k.address(i.ID), Action: k.address(i.ID) + "/notices/" + n.ID, State: n.State, Title: n.Title, Body: n.Body, Type: noticeTypes[n.Type],
		Started: n.Started, Ended: n.Ended, By: s.nameOf(v.r.Context(), n.By, map[string]string{}), Figures: figuresOf(&n),
		Stop: n.Open(), Go: n.State == db.NoticeStopped && s.mayNotify(k, &i),
	}
	m.Why = stoppedWords[n.Why]
	if n.Open() {
		if m.Left, err = s.left(v, &i, &n); err != nil {
			return err
		}
	}
	s.render(w, v, http.StatusOK, views.Sending(s.page(v, "Notice in Campus One"), m))
	return nil
}

var stoppedWords = map[string]string{
	db.StoppedByHand: "It was stopped by hand.", db.StoppedByItem: "It stopped because readers do not see the item any more.",
	db.StoppedByOff:     "It stopped because notices in Campus One were switched off.",
	db.StoppedByRefusal: "It stopped because Campus One refused it for one person after the other. Look at the words, and tell whoever runs the server; then let it go on.",
}

var troubleWords = map[string]string{
	campusone.ReasonRateLimit: "Campus One asks to send more slowly.", "timeout": "Campus One answers too slowly.", "network": "Campus One cannot be reached.",
}

// left says how long a notice still takes, and what holds it up.
func (s *Server) left(v *visit, i *db.Item, n *db.Notice) (string, error) {
	if i.State(s.Now()) == db.StateScheduled {
		return "It begins when readers see the item: " + s.on(i.Publish) + ".", nil
	}
	takes, paused, err := s.Notices.Remaining(v.r.Context(), n.ID)
	if err != nil || n.State == db.NoticePreparing {
		return "", err
	}
	text := "About " + roughly(takes) + " still."
	if n.Trouble != "" {
		text += " " + cmp.Or(troubleWords[n.Trouble], "Campus One did not take the last one.")
	}
	if !paused.IsZero() {
		text += " It goes on at " + paused.In(s.Zone).Format("15:04:05") + "."
	}
	return text, nil
}

// figuresOf are a notice's counts in words; what is none and unusual is left out.
func figuresOf(n *db.Notice) (all []views.Term) {
	c := n.Counts
	add := func(always bool, count int, what, text string) {
		switch {
		case count > 0:
			all = append(all, views.Term{What: what, Text: thousands(count) + text})
		case always:
			all = append(all, views.Term{What: what, Text: "0"})
		}
	}
	all = append(all, views.Term{What: "Sent", Text: thousands(c.Sent) + " of " + people(c.All())})
	add(n.Open(), c.Waiting, "Waiting", "")
	add(true, c.Failed, "Failed", ": Campus One did not take it")
	add(true, c.NoGrant, "Not granted", ": they have not agreed to it at Campus One, or do not want it here")
	add(true, c.Expired, "Expired", ": they have to sign in again first")
	add(false, c.Left, "Not meant any more", ": the item is not for them by now")
	add(false, c.Stopped, "Stopped", ": their turn had not come")
	return all
}

// noticeTurn stops a notice, or lets it go on.
func (s *Server) noticeTurn(w http.ResponseWriter, v *visit) error {
	k, i, n, err := s.noticeOf(v)
	if err != nil {
		return err
	}
	to, by := k.address(i.ID)+"/notices/"+n.ID, v.live.User.ID
	done := "Stopped. Whoever was notified stays so."
	switch v.r.PostForm.Get("do") {
	case "stop":
		err = s.DB.StopNotice(v.r.Context(), n.ID, db.StoppedByHand, by, s.Now())
	case "go":
		done, err = "It goes on.", s.DB.ResumeNotice(v.r.Context(), n.ID, by, s.Now())
	default:
		return problem(http.StatusBadRequest, nil)
	}
	switch {
	case errors.Is(err, db.ErrNoticeOver), errors.Is(err, db.ErrNoticeItem):
		done = "Nothing was changed: it is not in a state for that any more."
	case errors.Is(err, db.ErrNoticeRunning):
		done = "Nothing was changed: another notice of this is on its way."
	case err != nil:
		return err
	}
	return s.back(w, v, to, done)
}

// noticeRows are the notices of an item.
func (s *Server) noticeRows(v *visit, i *db.Item) ([]views.SendingRow, error) {
	all, err := s.DB.NoticesOf(v.r.Context(), i.ID)
	return s.noticeRowsOf(v, all, false), err
}

// latestNotices are those that those who write should have in view.
func (s *Server) latestNotices(v *visit) ([]views.SendingRow, error) {
	all, err := s.DB.LatestNotices(v.r.Context(), s.Now().Add(-noticesAhead), noticesOnDesk)
	return s.noticeRowsOf(v, all, true), err
}

func (s *Server) noticeRowsOf(v *visit, all []db.Notice, named bool) (rows []views.SendingRow) {
	names := map[string]string{}
	for _, n := range all {
		i, err := s.DB.Item(v.r.Context(), n.ItemID)
		if err != nil {
			continue // erased this moment
		}
		row := views.SendingRow{
			Href: writingOfKind(i.Kind).address(i.ID) + "/notices/" + n.ID, Title: n.Title, State: n.State, Started: n.Started, By: s.nameOf(v.r.Context(), n.By, names),
		}
		if n.State != db.NoticePreparing {
			row.Counts = fmt.Sprintf("%s of %s sent.", thousands(n.Counts.Sent), thousands(n.Counts.All()))
		}
		if named {
			row.Item = i.Title
		}
		rows = append(rows, row)
	}
	return rows
}

// accountNotices says whether the person may be notified in Campus One.
func (s *Server) accountNotices(v *visit, m *views.AccountModel) error {
	if !s.Notices.On {
		return nil
	}
	c, err := s.DB.Consent(v.r.Context(), v.live.User.ID)
	m.Notify = &views.ConsentModel{Granted: c.Granted, Declined: c.Declined, To: accountPath + "/notices"}
	return err
}

// chooseNotices takes a person's choice whether to be notified.
func (s *Server) chooseNotices(w http.ResponseWriter, v *visit) error {
	u, ctx := v.live.User, v.r.Context()
	switch v.r.PostForm.Get("notices") {
	case "off":
		if err := s.Standing.Decline(ctx, u); err != nil {
			return err
		}
		return s.done(w, v, accountPath+"#notify", "You get no more notices in Campus One from this portal.")
	case "on":
		if err := s.DB.AllowNotices(ctx, u.ID, s.Now()); err != nil {
			return err
		}
		return s.done(w, v, accountPath+"#notify", "You are notified again, from your next sign-in on.")
	}
	return problem(http.StatusBadRequest, nil)
}

// findNotices finds notices that do not come further.
func (s *Server) findNotices(ctx context.Context, f *findings, _ time.Time) (err error) {
	f.stuck, err = s.Notices.Stuck(ctx)
	return err
}

// stuckNotice is the concern about one.
func (s *Server) stuckNotice(n *db.Notice) views.Concern {
	c := views.Concern{
		Text: "The notice “" + n.Title + "” in Campus One stands still.",
		Next: "See how far it is and why. It goes on by itself when Campus One takes it; you can also stop it.",
		Link: views.MenuItem{Label: "Publish", Href: publishPath},
	}
	if !n.Open() {
		c.Next = stoppedWords[n.Why]
	}
	return c
}

// noticesHealth says whether notices in Campus One come further.
func (s *Server) noticesHealth(ctx context.Context) (views.HealthCheck, error) {
	c := views.HealthCheck{Part: "Notices in Campus One", Seen: []string{"None stands still."}}
	stuck, err := s.Notices.Stuck(ctx)
	if len(stuck) > 0 {
		c.Level, c.Do, c.Href, c.Seen = views.HealthLook, s.stuckNotice(&stuck[0]).Next, publishPath, nil
	} else if !s.Notices.On {
		c.Seen = []string{"They are switched off, or Campus One is not asked for the scope “notifications”."}
	}
	for i := range stuck {
		c.Seen = append(c.Seen, fmt.Sprintf("“%s” has not come further since %s.", stuck[i].Title, s.on(stuck[i].Moved)))
	}
	return c, err
}
