package handlers

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"portico/auth"
	"portico/auth/reading"
	"portico/static"
	"portico/views"
)

const settingsPath = "/admin/settings"

// settings shows all that can be set.
func (s *Server) settings(w http.ResponseWriter, v *visit) error {
	d, err := s.settingsDesk(v)
	if err != nil {
		return err
	}
	return d.draw(w, http.StatusOK)
}

// settingsDesk is the settings page of one request: what is stored, and over
// it what was typed into one of its forms.
type settingsDesk struct {
	s   *Server
	v   *visit
	set reading.Settings
	m   views.SettingsModel
}

func (s *Server) settingsDesk(v *visit) (*settingsDesk, error) {
	shelf, err := s.shelf(v)
	if err != nil {
		return nil, err
	}
	d := &settingsDesk{s: s, v: v, set: *shelf.Settings()}
	site := s.site(shelf.Settings())
	d.m = views.SettingsModel{
		Name: d.set.Name, Short: d.set.Short, Motto: d.set.Motto, University: cmp.Or(d.set.University, site.University), Contact: d.set.Contact,
		Reach: roomToWrite(d.set.Reach), Zone: s.Zone.String(), Logo: site.Logo,
		Accent: views.AccentModel{Chosen: cmp.Or(d.set.Accent, static.House().String()), Own: d.set.Accent != ""},
	}
	for _, fill := range []func() error{d.fillDepartments, func() error { return d.fillCategories(shelf) }, d.fillLinks, d.fillMenu} {
		if err := fill(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func roomToWrite(all []reading.Reach) []views.Reach {
	var rows []views.Reach
	for _, r := range all {
		rows = append(rows, views.Reach(r))
	}
	return append(rows, views.Reach{})
}

func (d *settingsDesk) draw(w http.ResponseWriter, status int) error {
	d.s.render(w, d.v, status, views.Settings(d.s.page(d.v, "Settings"), d.m))
	return nil
}

// typed is what was typed into a field.
func (d *settingsDesk) typed(id string) string { return d.v.r.PostForm.Get(id) }

func (d *settingsDesk) wrong(id, format string, args ...any) {
	d.m.Problems = append(d.m.Problems, views.Problem{Field: id, Text: fmt.Sprintf(format, args...)})
}

// line reads a line of text of at most so many letters.
func (d *settingsDesk) line(id, label string, most int) string {
	text := strings.Join(strings.Fields(d.typed(id)), " ")
	if n := utf8.RuneCountInString(text); n > most {
		d.wrong(id, "%s: this has %d letters. Write at most %d.", label, n, most)
	}
	return text
}

// done ends the posting of a form: with the page and what is wrong, or with
// the settings of these keys stored.
func (d *settingsDesk) done(w http.ResponseWriter, word string, keys ...string) error {
	if len(d.m.Problems) > 0 {
		return d.draw(w, http.StatusUnprocessableEntity)
	}
	rows := d.set.Rows()
	maps.DeleteFunc(rows, func(key string, _ []byte) bool { return !slices.Contains(keys, key) })
	if err := d.s.DB.SaveSettings(d.v.r.Context(), rows, reading.SettingWords(d.s.Catalogue.Department), d.v.live.User.ID, d.s.Now()); err != nil {
		return err
	}
	return d.saved(w, word)
}

func (d *settingsDesk) saved(w http.ResponseWriter, word string) error {
	http.SetCookie(w, d.s.Flow.Flash(word))
	d.s.redirect(w, d.v, auth.Outcome{Location: settingsPath, Reason: "saved"})
	return nil
}

// posted is the desk with what every form needs of it.
func posted(do func(d *settingsDesk, w http.ResponseWriter) error) func(*Server, http.ResponseWriter, *visit) error {
	return func(s *Server, w http.ResponseWriter, v *visit) error {
		d, err := s.settingsDesk(v)
		if err != nil {
			return err
		}
		return do(d, w)
	}
}

// setName takes what the department is called.
func (d *settingsDesk) setName(w http.ResponseWriter) error {
	shown, stored := d.m.University, d.set.University
	d.m.Name, d.m.Short = d.typed("name-full"), d.typed("name-short")
	d.m.Motto, d.m.University = d.typed("name-motto"), d.typed("name-university")
	d.set.Name, d.set.Short = d.line("name-full", "Department", 100), d.line("name-short", "Short name", 40)
	d.set.Motto, d.set.University = d.line("name-motto", "Motto", 160), d.line("name-university", "University", 100)
	if d.set.University == shown {
		d.set.University = stored // what the portal was started with is no choice of theirs
	}
	if d.set.Name == "" {
		d.wrong("name-full", "Write the name of the department.")
	}
	return d.done(w, "The name is saved.", "name", "short", "motto", "university")
}

// mostReach bounds the ways to reach a person.
const mostReach = 12

// setContact takes where people ask and whom they reach.
func (d *settingsDesk) setContact(w http.ResponseWriter) error {
	d.m.Contact, d.m.Reach, d.set.Reach = d.typed("contact-main"), nil, nil
	d.set.Contact = d.address("contact-main", "Where people ask", 200, false)
	for i := range mostReach + 1 {
		id := func(field string) string { return fmt.Sprintf("reach-%d-%s", i, field) }
		if _, sent := d.v.r.PostForm[id("label")]; !sent {
			break
		}
		d.m.Reach = append(d.m.Reach, views.Reach{Label: d.typed(id("label")), Text: d.typed(id("text")), Link: d.typed(id("link"))})
		r := reading.Reach{Label: d.line(id("label"), "Who or where", 100), Text: d.line(id("text"), "When", 160), Link: d.address(id("link"), "E-mail or web address", 200, true)}
		if r == (reading.Reach{}) {
			continue
		}
		if r.Label == "" {
			d.wrong(id("label"), "Way to reach a person %d: write who or where it is.", i+1)
		}
		d.set.Reach = append(d.set.Reach, r)
	}
	if len(d.set.Reach) > mostReach {
		d.wrong("contact-main", "There are %d ways to reach a person. Keep at most %d.", len(d.set.Reach), mostReach)
	}
	return d.done(w, "The contact is saved.", "contact", "reach")
}

// address reads an e-mail or web address; plain words too where they will do.
func (d *settingsDesk) address(id, label string, most int, only bool) string {
	text := d.line(id, label, most)
	spaced := strings.Contains(text, " ")
	switch {
	case text == "":
	case strings.Contains(text, "@") && !spaced && !strings.Contains(text, "/"):
		if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
			d.wrong(id, "%s: “%s” is not a whole e-mail address.", label, text)
		}
	case !spaced && looksLikeWeb(text):
		whole, ok := webAddress(text)
		if !ok {
			d.wrong(id, "%s: “%s” is not a web address. It begins with https:// and has no spaces.", label, text)
		}
		return whole
	case only:
		d.wrong(id, "%s: “%s” is neither. Write it like office@example.edu.ng or https://example.edu.ng.", label, text)
	}
	return text
}

func looksLikeWeb(text string) bool {
	return strings.Contains(text, "://") || strings.HasPrefix(text, "www.") || strings.Contains(text, ".") && strings.Contains(text, "/")
}

// webAddress is an address that a link can lead to; what lacks its https://
// gets it.
func webAddress(text string) (string, bool) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	good := err == nil && (u.Scheme == "https" || u.Scheme == "http") && strings.Contains(u.Host, ".") && u.User == nil && !strings.ContainsAny(text, " \t")
	return text, good
}

// setAccent takes the colour, or says which one near it can be read.
func (d *settingsDesk) setAccent(w http.ResponseWriter) error {
	text := cmp.Or(d.typed("take"), d.typed("accent-colour"))
	if text == "house" {
		d.set.Accent = ""
		return d.done(w, "The pages have the blue of Campus One again.", "accent")
	}
	c, ok := static.ParseColour(strings.ToLower(strings.TrimSpace(text)))
	if !ok {
		d.wrong("accent-colour", "“%s” is not a colour. Write one like %s.", text, static.House())
		return d.done(w, "")
	}
	d.m.Accent.Chosen, d.set.Accent = c.String(), c.String()
	if near := c.Nearest(); near != c {
		d.m.Accent.Nearest = near.String()
		d.wrong("accent-colour", "%s is too light: links and buttons in it would be hard to read. The nearest that can be read is %s.", c, near)
	}
	if c == static.House() {
		d.set.Accent = ""
	}
	return d.done(w, "The colour is saved.", "accent")
}

// setLogo takes an uploaded picture.
func (d *settingsDesk) setLogo(w http.ResponseWriter) error {
	file, err := uploaded(d.v.r, "logo-file")
	if err != nil {
		return err
	}
	small, err := d.s.logos.logo(file)
	if poor, is := errors.AsType[poorPicture](err); is {
		d.wrong("logo-file", "%s", poor)
	} else if err != nil {
		return err
	}
	d.set.Logo, d.set.LogoType = small, "image/png"
	return d.done(w, "The logo is saved.", "logo", "logo_type")
}

func (d *settingsDesk) removeLogo(w http.ResponseWriter) error {
	d.set.Logo, d.set.LogoType = nil, ""
	return d.done(w, "The logo is removed.", "logo", "logo_type")
}

// uploaded is the content of a posted file; nothing when none was chosen.
func uploaded(r *http.Request, field string) ([]byte, error) {
	f, _, err := r.FormFile(field)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, nil
	}
	if err != nil {
		return nil, problem(http.StatusBadRequest, fmt.Errorf("reading an uploaded file: %w", err))
	}
	defer func() { _ = f.Close() }() // only read
	return io.ReadAll(f)
}
