package campusone

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/db"
)

const nested = `[{"id":"fac_eng","name":"Engineering","departments":[{"id":"dept_ee","name":"Electrical"},{"id":"dept_cs","name":"Computer Science"}]},
	{"id":"fac_law","name":"Law"},{"id":"","name":"odd"},{"id":"fac_law","name":"again"},5]`

func TestCatalogue(t *testing.T) {
	faculties := []db.Faculty{{ID: "fac_eng", Name: "Engineering"}, {ID: "fac_law", Name: "Law"}}
	departments := []db.Department{{ID: "dept_ee", Name: "Electrical", FacultyID: "fac_eng"}, {ID: "dept_cs", Name: "Computer Science", FacultyID: "fac_eng"}}
	private := db.Department{ID: "dept_private", Name: "Private Law", FacultyID: "fac_law"}
	for name, c := range map[string]struct {
		faculties, departments string
		status                 int
		want                   []db.Department
	}{
		"both":              {nested, `[{"id":"dept_cs","name":"Computer Science","facultyId":"fac_eng"},{"id":"dept_private","name":"Private Law","facultyId":"fac_law","facultyName":"Law"}]`, 200, append(departments[:2:2], private)},
		"departments fail":  {nested, ``, 500, departments},
		"under data":        {`{"data":` + nested + `}`, `{"data":[]}`, 200, departments},
		"under their names": {`{"faculties":` + nested + `}`, `{"departments":[]}`, 200, departments},
	} {
		f := newFake(t)
		f.answer("/api/apps/faculties", 200, c.faculties)
		f.answer("/api/apps/departments", c.status, c.departments)
		gotF, gotD, err := f.provider(nil).Catalogue(t.Context(), testAccess)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(faculties, gotF) + cmp.Diff(c.want, gotD); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCatalogueErrors(t *testing.T) {
	for _, c := range []struct {
		status int
		body   string
		kind   error
		reason string
	}{
		{401, `{"error":"x"}`, ErrUnauthorized, "api"}, {403, `{"code":"x"}`, ErrRefused, "api_status"}, {429, ``, ErrBusy, "rate_limit"},
		{500, ``, ErrBusy, "api_status"}, {200, `<html>`, ErrRefused, "api_json"}, {200, `{"other":[]}`, ErrRefused, "api_json"},
	} {
		f := newFake(t)
		f.answer("/api/apps/faculties", c.status, c.body)
		_, _, err := f.provider(nil).Catalogue(t.Context(), testAccess)
		wantFailure(t, err, c.kind, c.reason)
	}
}

func TestAccessTokenGoesToTheAPIOverASafeAddressOnly(t *testing.T) {
	f := newFake(t)
	f.replace("/api/apps/faculties", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+testAccess {
			t.Errorf("Authorization = %q", r.Header.Get("Authorization"))
		}
		http.Redirect(w, r, "http://localhost:1/", http.StatusFound)
	})
	_, _, err := f.provider(nil).Catalogue(t.Context(), testAccess)
	wantFailure(t, err, ErrRefused, "redirect")
	cfg := f.config()
	cfg.APIURL = "http://api.campusone.com.ng/api/apps"
	_, _, err = New(cfg, Options{}).Catalogue(t.Context(), testAccess)
	wantFailure(t, err, ErrRefused, "address")
}

func TestSecretsDoNotPrint(t *testing.T) {
	const word = "hush-hush"
	s := Secret(word)
	id := Identity{IDToken: s, AccessToken: s, RefreshToken: s}
	cfg := Config{ClientSecret: s}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "identity", id)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", s, "identity", id)
	text, err := json.Marshal([]any{s, id, cfg})
	if err != nil {
		t.Fatal(err)
	}
	out := log.String() + string(text) + fmt.Sprintf("%s %v %q %#v %+v %#v %+v %#v %x", s, s, s, s, id, id, cfg, cfg, s)
	if strings.Contains(out, word) || strings.Contains(out, fmt.Sprintf("%x", word)) || s.Reveal() != word {
		t.Errorf("printed: %s", out)
	}
}
