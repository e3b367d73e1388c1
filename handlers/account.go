package handlers

import (
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"portico/auth"
	"portico/auth/reading"
	"portico/db"
	"portico/views"
)

const (
	accountPath   = "/account"
	signInsShown  = 10
	devicesShown  = 50
	endedSessions = "30 days after you sign out" // db keeps them so long, that none is revived
)

// account shows a person all that the portal knows of them, and why they see
// what they see.
func (s *Server) account(w http.ResponseWriter, v *visit) error {
	u := v.live.User
	m := views.AccountModel{
		Facts: s.factRows(u), Kept: s.Kept.rows(), May: s.mayRows(u, auth.NotHeld), Groups: auth.AudienceWords(u, s.Catalogue),
		Shared: v.visitor.Shared, Download: accountPath + "/download", Forget: accountPath + "/forget",
	}
	for _, fill := range []func(*visit, *views.AccountModel) error{s.accountDevices, s.accountSignIns, s.accountReasons, s.accountNotices} {
		if err := fill(v, &m); err != nil {
			return err
		}
	}
	s.render(w, v, http.StatusOK, views.Account(s.page(v, "Your account"), m))
	return nil
}

func (s *Server) accountDevices(v *visit, m *views.AccountModel) error {
	all, _, err := s.DB.LiveSessions(v.r.Context(), db.SessionQuery{UserID: v.live.User.ID, Limit: devicesShown})
	if err != nil {
		return err
	}
	for _, l := range all {
		d := deviceRow(&l.Session)
		d.This = l.Session.ID == v.live.Session.ID
		if d.This {
			d.Last = s.Now()
		} else {
			d.End = accountPath + "/devices/" + l.Session.ID + "/end"
			m.EndOthers = accountPath + "/devices/end"
		}
		m.Devices = append(m.Devices, d)
	}
	return nil
}

func deviceRow(one *db.Session) views.DeviceRow {
	d := views.DeviceRow{
		ID: one.ID, Name: auth.DeviceName(one.Device), Network: networkLabel(one.Network), First: one.Created, Last: one.LastSeen, Shared: one.Shared,
	}
	if one.Device == "" && one.Network == "" {
		d.Name = "Device not known"
	}
	return d
}

// networkLabel writes a network as people know addresses: 10.1.2.x.
func networkLabel(network string) string {
	p, err := netip.ParsePrefix(network)
	if err != nil {
		return network
	}
	text := p.Addr().String()
	if p.Addr().Is4() {
		return strings.TrimSuffix(text, ".0") + ".x"
	}
	return text
}

// accountSignIns is one page of a person's sign-ins; "before" in the address
// says where it begins.
func (s *Server) accountSignIns(v *visit, m *views.AccountModel) error {
	var before time.Time
	if n, err := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64); err == nil {
		before, m.Later = time.UnixMicro(n), accountPath+"#sign-ins"
	}
	all, err := s.DB.SignInsOf(v.r.Context(), v.live.User.ID, before, signInsShown+1)
	if err != nil {
		return err
	}
	if len(all) > signInsShown {
		all = all[:signInsShown]
		m.Earlier = accountPath + "?before=" + strconv.FormatInt(all[signInsShown-1].At.UnixMicro(), 10) + "#sign-ins"
	}
	m.SignIns = signInRows(all)
	return nil
}

func signInRows(all []db.PastSignIn) (rows []views.SignInRow) {
	for _, one := range all {
		rows = append(rows, views.SignInRow{At: one.At, Silent: one.Silent})
	}
	return rows
}

// accountReasons counts what is shown to a person now by why it is.
func (s *Server) accountReasons(v *visit, m *views.AccountModel) error {
	shelf, err := s.Library.For(v.r.Context(), reading.Person(v.live.User))
	if err != nil {
		return err
	}
	at := map[string]int{}
	for _, list := range [][]reading.Shown{shelf.Announcements(""), shelf.Events(), shelf.Pages(), shelf.People(), shelf.Links()} {
		for _, one := range list {
			if one.Why == "" {
				m.Public++
				continue
			}
			i, met := at[one.Why]
			if !met {
				i = len(m.Reasons)
				at[one.Why] = i
				m.Reasons = append(m.Reasons, views.ReasonRow{Why: one.Why})
			}
			m.Reasons[i].Items++
		}
	}
	return nil
}

// mayRows say what somebody may do besides reading, and by what: but for what
// is left out.
func (s *Server) mayRows(u *db.User, leftOut auth.Ground) (rows []views.MayRow) {
	for _, p := range []auth.Permission{auth.Manage, auth.Publish, auth.Reports} {
		if why := s.Policy.Why(u, p, s.Now()); why != auth.NotHeld && why != leftOut {
			rows = append(rows, views.MayRow{What: mayWords[p], Why: groundWords[why]})
		}
	}
	return rows
}

var (
	mayWords    = map[auth.Permission]string{auth.Manage: "Manage the portal", auth.Publish: "Publish", auth.Reports: "See reports"}
	groundWords = map[auth.Ground]string{
		auth.ByGrant: "given by name", auth.ByRole: "by role at Campus One, confirmed lately", auth.ByManage: "comes with managing the portal",
	}
)

// endDevice signs a person out on another device of theirs.
func (s *Server) endDevice(w http.ResponseWriter, v *visit) error {
	u := v.live.User
	err := s.DB.EndSessionByID(v.r.Context(), u.ID, v.r.PathValue("id"), db.Ending{By: u.ID, At: s.Now()})
	if errors.Is(err, db.ErrNotFound) {
		return problem(http.StatusNotFound, err)
	} else if err != nil {
		return err
	}
	return s.done(w, v, accountPath+"#devices", "Signed out there. It counts at that device’s next click.")
}

// endOthers signs a person out everywhere but here.
func (s *Server) endOthers(w http.ResponseWriter, v *visit) error {
	u := v.live.User
	if err := s.DB.EndOthers(v.r.Context(), u.ID, v.live.Session.TokenHash, db.Ending{By: u.ID, At: s.Now()}); err != nil {
		return err
	}
	return s.done(w, v, accountPath+"#devices", "Signed out everywhere else.")
}

// done leads on with a word on what was done.
func (s *Server) done(w http.ResponseWriter, v *visit, location, word string) error {
	http.SetCookie(w, s.Flow.Flash(word))
	s.redirect(w, v, auth.Outcome{Location: location, Reason: "done"})
	return nil
}

// forgetPage says what goes and what stays before anything is erased.
func (s *Server) forgetPage(w http.ResponseWriter, v *visit) error {
	m := views.ForgetModel{To: accountPath + "/forget", Back: accountPath, Download: accountPath + "/download", Audit: keptFor(s.Kept.Audit), Deliveries: keptFor(s.Kept.Deliveries)}
	s.render(w, v, http.StatusOK, views.Forget(s.page(v, "Forget me"), m))
	return nil
}

// forgetMe erases what the portal has noted of a person, who is signed out
// everywhere by it.
func (s *Server) forgetMe(w http.ResponseWriter, v *visit) error {
	if err := s.DB.Forget(v.r.Context(), v.live.User.ID, s.Now()); err != nil {
		return err
	}
	for _, c := range s.Flow.SignOut("") {
		http.SetCookie(w, c)
	}
	return s.done(w, v, "/auth/signed-out", "Done. Your reads, sign-ins, devices, calendar address and drafts are erased, and you are signed out everywhere.")
}
