package reading

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"portico/auth"
	"portico/db"
)

// Settings are what staff decide about the portal as a whole.
type Settings struct {
	Name        string // of the department, in full
	Short       string // for the wordmark
	Motto       string // one line on the first page
	University  string
	Contact     string   // an e-mail address, a web address or plain words
	Reach       []Reach  // ways to reach a person
	Departments []string // Campus One's ids of the portal's own
	Accent      string   // "#1e499d"; "" is the house's own
	Logo        []byte   // a picture; nil: none
	LogoType    string   // its media type
}

// Reach is one way to reach a person.
type Reach struct {
	Label string `json:"label"`          // "Department office, block C, room 12"
	Text  string `json:"text,omitempty"` // "Monday to Friday, 9:00 to 15:00"
	Link  string `json:"link,omitempty"` // an e-mail or web address
}

// OurStudents is the audience that editors start from: students of the
// portal's own departments.
func (s *Settings) OurStudents() auth.Audience {
	return auth.Audience{To: auth.Groups, Groups: []auth.Group{{
		auth.AboutRole: {auth.RolePair{Name: "student"}.String()}, auth.AboutDepartment: s.Departments,
	}}}
}

// texts are the settings stored as they are, by key.
func (s *Settings) texts() map[string]*string {
	return map[string]*string{
		"name": &s.Name, "short": &s.Short, "motto": &s.Motto, "university": &s.University, "contact": &s.Contact, "accent": &s.Accent, "logo_type": &s.LogoType,
	}
}

// lists are the settings stored as JSON.
func (s *Settings) lists() map[string]any {
	return map[string]any{"reach": &s.Reach, "departments": &s.Departments}
}

// Rows is the stored form, for db.SaveSettings. An empty value removes its row.
func (s Settings) Rows() map[string][]byte {
	rows := map[string][]byte{"logo": s.Logo}
	for key, text := range s.texts() {
		rows[key] = []byte(*text)
	}
	for key, list := range s.lists() {
		rows[key] = nil
		if text, err := json.Marshal(list); err == nil && string(text) != "null" && string(text) != "[]" {
			rows[key] = text
		}
	}
	return rows
}

// decodeSettings reads the stored form. What cannot be read is left out.
func decodeSettings(rows map[string][]byte, log *slog.Logger) Settings {
	s := Settings{Logo: rows["logo"]}
	for key, text := range s.texts() {
		*text = string(rows[key])
	}
	for key, list := range s.lists() {
		if len(rows[key]) == 0 {
			continue
		}
		if err := json.Unmarshal(rows[key], list); err != nil {
			log.Error("a setting cannot be read and is left out; save it again", "setting", key, "error", err)
		}
	}
	return s
}

// SettingWords says in words what a stored setting holds, for the audit: of a
// picture no more than that it is one, and its size. named names a department.
func SettingWords(named func(department string) string) db.SettingWords {
	return func(key string, value []byte) (words []string) {
		var s Settings
		switch {
		case len(value) == 0 || key == "logo_type": // the type goes with the logo
			return nil
		case key == "logo":
			return []string{fmt.Sprintf("a picture of %d bytes", len(value))}
		case s.lists()[key] == nil:
			return []string{string(value)}
		}
		if err := json.Unmarshal(value, s.lists()[key]); err != nil {
			return []string{"what could not be read"}
		}
		for _, r := range s.Reach {
			words = append(words, strings.Join(slices.DeleteFunc([]string{r.Label, r.Text, r.Link}, func(part string) bool { return part == "" }), ", "))
		}
		for _, id := range s.Departments {
			words = append(words, cmp.Or(named(id), id))
		}
		return words
	}
}
