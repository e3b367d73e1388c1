package handlers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portico/db"
)

// accountData is everything kept on one person, for themselves. People are
// named by id only; secrets are left out.
type accountData struct {
	AsOf       time.Time     `json:"as_of"`
	ID         string        `json:"id"`
	CampusOne  string        `json:"campus_one_id"`
	Provider   string        `json:"campus_one"`
	FirstMet   time.Time     `json:"first_met"`
	Facts      []dataFact    `json:"facts"`
	Roles      []dataRole    `json:"roles"`
	Devices    []dataDevice  `json:"devices"`
	SignIns    []dataSignIn  `json:"sign_ins"`
	Reads      []dataRead    `json:"reads"`
	Calendar   []dataAddress `json:"calendar_addresses"`
	Grants     []dataGrant   `json:"permissions_by_name"`
	Items      []dataItem    `json:"looked_after"`
	Drafts     []dataDraft   `json:"drafts"`
	Imports    []dataImport  `json:"added_from_files"`
	Standing   []dataSecret  `json:"secrets_kept"`
	Consent    dataConsent   `json:"notices_in_campus_one"`
	Notified   []dataNotice  `json:"notified"`
	Deliveries []dataNews    `json:"news_from_campus_one"`
	Audit      []dataDeed    `json:"audit"`
	Done       []dataDeed    `json:"done_by_you"`
	Written    []dataVersion `json:"written_by_you"`
	Settings   []dataSetting `json:"settings_saved_by_you"`
	Given      []dataGiven   `json:"permissions_given_by_you"`
}

type (
	dataFact struct {
		Field  string    `json:"field"`
		Value  string    `json:"value"`
		AsOf   time.Time `json:"as_of"`
		Source string    `json:"source"`
	}
	dataRole struct {
		Role   string    `json:"role"`
		Since  time.Time `json:"since"`
		Source string    `json:"source"`
	}
	dataDevice struct {
		ID       string    `json:"id"`
		Device   string    `json:"device"`
		Network  string    `json:"network"`
		First    time.Time `json:"first_seen"`
		Last     time.Time `json:"last_seen"`
		Until    time.Time `json:"until"`
		Ended    time.Time `json:"ended,omitzero"`
		EndedWhy string    `json:"ended_why,omitempty"`
		Shared   bool      `json:"shared_computer"`
	}
	dataSignIn struct {
		At     time.Time `json:"at"`
		Silent bool      `json:"silent"`
	}
	dataRead struct {
		Item   string    `json:"item"`
		Opened time.Time `json:"opened,omitzero"`
		Marked time.Time `json:"marked,omitzero"`
	}
	dataAddress struct {
		Created time.Time `json:"created"`
		Revoked time.Time `json:"revoked,omitzero"`
	}
	dataGrant struct {
		Permission string    `json:"permission"`
		Email      string    `json:"email"`
		Since      time.Time `json:"since"`
	}
	dataItem struct {
		ID    string `json:"id"`
		Kind  string `json:"kind"`
		Title string `json:"title"`
	}
	dataDraft struct {
		Kind   string              `json:"kind"`
		Item   string              `json:"item,omitempty"`
		Kept   time.Time           `json:"kept"`
		Fields map[string][]string `json:"fields"`
	}
	dataImport struct {
		At     time.Time           `json:"at"`
		Events []string            `json:"events"`
		Undone time.Time           `json:"taken_back,omitzero"`
		Rest   map[string][]string `json:"left_over,omitempty"`
	}
	dataConsent struct {
		Granted  time.Time `json:"granted,omitzero"`
		Declined time.Time `json:"declined,omitzero"`
	}
	dataNotice struct {
		Item  string    `json:"item"`
		Title string    `json:"title"`
		State string    `json:"state"`
		At    time.Time `json:"at,omitzero"`
	}
	dataSecret struct {
		Kind  string    `json:"kind"`
		Since time.Time `json:"since"`
	}
	dataNews struct {
		ID       string    `json:"id"`
		Event    string    `json:"event"`
		Happened time.Time `json:"happened"`
		Came     time.Time `json:"came"`
		Outcome  string    `json:"outcome"`
		Body     any       `json:"body"`
	}
	dataVersion struct {
		Item    string    `json:"item"`
		Version int       `json:"version"`
		Saved   time.Time `json:"saved"`
	}
	dataSetting struct {
		Setting string    `json:"setting"`
		Saved   time.Time `json:"saved"`
	}
	dataGiven struct {
		Permission string    `json:"permission"`
		Given      time.Time `json:"given"`
	}
	dataDeed struct {
		At     time.Time `json:"at"`
		Actor  string    `json:"actor"`
		Action string    `json:"action"`
		Object string    `json:"object"`
	}
)

// accountDownload hands a person everything kept on them, as a file.
func (s *Server) accountDownload(w http.ResponseWriter, v *visit) error {
	h, err := s.DB.Holdings(v.r.Context(), v.live.User.ID)
	if err != nil {
		return err
	}
	now := s.Now()
	body, err := json.MarshalIndent(dataOf(&h, now), "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="account_`+now.In(s.Zone).Format(time.DateOnly)+`.json"`)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(append(body, '\n')) // the reader went away: nothing to mend
	return nil
}

func dataOf(h *db.Holdings, now time.Time) accountData {
	return accountData{
		AsOf: now, ID: h.ID, CampusOne: h.Sub, Provider: h.Provider, FirstMet: h.Created,
		Facts: mapped(h.OrderedFacts(), func(f db.Fact) dataFact { return dataFact(f) }),
		Roles: mapped(h.Timeline, func(r db.RoleStep) dataRole { return dataRole(r) }),
		Devices: mapped(h.Sessions, func(o db.Session) dataDevice {
			return dataDevice{o.ID, o.Device, o.Network, o.Created, o.LastSeen, o.Expires, o.Ended, o.EndedWhy, o.Shared}
		}),
		SignIns:  mapped(h.SignIns, func(o db.PastSignIn) dataSignIn { return dataSignIn(o) }),
		Reads:    mapped(h.Reads, func(r db.Read) dataRead { return dataRead{r.ItemID, r.Opened, r.Marked} }),
		Calendar: mapped(h.Calendar, func(a db.CalendarAddress) dataAddress { return dataAddress{a.Created, a.Revoked} }),
		Grants:   mapped(h.Named, func(g db.Grant) dataGrant { return dataGrant{g.Permission, g.Email, g.Bound} }),
		Items:    mapped(h.Items, func(i db.HeldItem) dataItem { return dataItem(i) }),
		Drafts:   mapped(h.Drafts, func(d db.Draft) dataDraft { return dataDraft{string(d.Kind), d.ItemID, d.Saved, d.Fields} }),
		Imports:  mapped(h.Imports, dataImportOf),
		Consent:  dataConsent(h.Consent),
		Notified: mapped(h.Notified, func(n db.Notified) dataNotice { return dataNotice{n.ItemID, n.Title, n.State, n.Settled} }),
		Standing: mapped(h.Standing, func(t db.HeldToken) dataSecret { return dataSecret{t.Kind, t.Updated} }),
		Deliveries: mapped(h.Deliveries, func(d db.Delivery) dataNews {
			return dataNews{d.Key, d.Event, d.Occurred, d.Received, d.State, dataBody(d.Body)}
		}),
		Audit: mapped(h.Audit, dataDeedOf), Done: mapped(h.Done, dataDeedOf),
		Written:  mapped(h.Written, func(o db.HeldVersion) dataVersion { return dataVersion(o) }),
		Settings: mapped(h.Settings, func(o db.HeldSetting) dataSetting { return dataSetting{o.Key, o.Saved} }),
		Given:    mapped(h.Given, func(g db.HeldGrant) dataGiven { return dataGiven(g) }),
	}
}

// dataDeedOf leaves the detail out: it may name somebody else.
func dataDeedOf(e db.AuditEntry) dataDeed { return dataDeed{e.At, e.Actor, e.Action, e.Object} }

func dataImportOf(m db.Import) dataImport {
	rest, err := url.ParseQuery(m.Rest)
	if err != nil {
		rest = url.Values{"text": {m.Rest}}
	}
	return dataImport{m.At, m.Items, m.Undone, rest}
}

// dataBody is a body as the JSON it is, or else as text.
func dataBody(body []byte) any {
	if json.Valid(body) {
		return json.RawMessage(body)
	}
	return strings.ToValidUTF8(string(body), "\uFFFD")
}

// mapped makes a list for JSON, [] when it is empty.
func mapped[T, V any](all []T, view func(T) V) []V {
	out := make([]V, len(all))
	for i, one := range all {
		out[i] = view(one)
	}
	return out
}
