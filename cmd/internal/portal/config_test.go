package portal

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const goodSecret = "0123456789abcdef0123456789abcdef"

// good is the least that works; more comes on top and wins.
func good(more ...string) []string {
	return append([]string{
		"APP_URL=https://portal.example.edu", "SESSION_SECRET=" + goodSecret,
		"CAMPUS_ONE_CLIENT_ID=app", "CAMPUS_ONE_CLIENT_SECRET=s3cr3t",
		"STATE_DIRECTORY=/var/lib/portico", "PATH=/bin",
	}, more...)
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	c, err := Load(good(), "")
	if err != nil {
		t.Fatal(err)
	}
	const day = 24 * time.Hour
	want := Portico{
		ReportsRoles: []Role{{Name: "admin"}, {Name: "staff"}}, PublishRoles: []Role{{Custom: true, Name: "editor"}}, ManageRoles: []Role{{Name: "admin"}},
		Silent: true, SessionIdle: 12 * time.Hour, SessionMax: 7 * day, ConfirmAfter: time.Hour, RoleMaxAge: 7 * day,
		TLS: TLS{Dir: "/var/lib/portico/tls"}, Timezone: c.Portico.Timezone, LogFormat: "text", AutoMigrate: true, BackupDir: "/var/lib/portico/backups",
		RetainSignIns: 180 * day, RetainDeliveries: 90 * day, RetainAudit: 730 * day, RetainReads: 365 * day,
	}
	if diff := cmp.Diff(want, c.Portico, cmp.Comparer(func(a, b *time.Location) bool { return a == b })); diff != "" {
		t.Errorf("PORTICO_ differs (-want +got):\n%s", diff)
	}
	one := CampusOne{
		ClientID: "app", ClientSecret: "s3cr3t", AuthMethod: "post", Rate: 10, APIURL: "https://auth.campusone.com.ng/api/apps",
		DiscoveryURL: "https://auth.campusone.com.ng/api/auth/.well-known/openid-configuration",
		Issuers:      []string{"https://auth.campusone.com.ng", "https://auth.campusone.com.ng/api/auth"},
		Scopes:       []string{"openid", "profile", "email", "academic", "roles", "offline_access"},
		FormOrigins:  []string{"https://campusone.com.ng", "https://*.campusone.com.ng"},
	}
	if diff := cmp.Diff(one, c.CampusOne); diff != "" {
		t.Errorf("CAMPUS_ONE_ differs (-want +got):\n%s", diff)
	}
	if c.Listen != ":4000" || c.DatabaseURL != "sqlite:/var/lib/portico/portico.db" || c.Portico.Timezone.String() != "Africa/Lagos" {
		t.Errorf("got %s, %s, %s", c.Listen, c.DatabaseURL, c.Portico.Timezone)
	}
}

func TestAddresses(t *testing.T) {
	c, _ := Load(good("APP_URL=https://Portal.example.edu/"), "")
	if got := c.RedirectURL() + " " + c.WebhookURL(); got != "https://portal.example.edu/auth/callback https://portal.example.edu/webhooks/campus-one" || !c.Secure() {
		t.Errorf("got %s", got)
	}
}

// Each wrong value is refused, and the sentence says what would do.
func TestWrongValues(t *testing.T) {
	for _, tt := range []struct{ name, value, says string }{
		{"APP_URL", "http://portal.example.edu", "must begin with https://"},
		{"APP_URL", "portal.example.edu", "write it like https://"},
		{"APP_URL", "https://portal.example.edu/site", "must end after the host"},
		{"APP_URL", "https://portal.example.edu?x=1", "plain address"},
		{"APP_URL", "http://localhost.example.edu", "must begin with https://"},
		{"LISTEN", "4000", "write it like :4000"},
		{"LISTEN", ":99999", "port from 0 to 65535"},
		{"DATABASE_URL", "mysql://x/y", "must be sqlite:"},
		{"DATABASE_URL", "sqlite:", "needs a file"},
		{"SESSION_SECRET", "short", "has 5 bytes and needs 32"},
		{"SESSION_SECRET", strings.Repeat("a", 40), "repeats itself"},
		{"SESSION_SECRET_PREVIOUS", goodSecret, "is the same as SESSION_SECRET"},
		{"CAMPUS_ONE_CLIENT_ID", "a b", "no spaces"},
		{"CAMPUS_ONE_CLIENT_SECRET", "a b", "no spaces"},
		{"CAMPUS_ONE_AUTH_METHOD", "digest", "must be post or basic"},
		{"CAMPUS_ONE_DISCOVERY_URL", "http://auth.example.edu/x", "must begin with https://"},
		{"CAMPUS_ONE_ISSUER", "https://a.example,ftp://b.example", "must begin with https://"},
		{"CAMPUS_ONE_SCOPES", "profile email", "must contain openid"},
		{"CAMPUS_ONE_RATE", "0", "number from 1 to 600"},
		{"CAMPUS_ONE_DIRECTORY_ORIGINS", "https://*.example.edu", "must be sites"},
		{"CAMPUS_ONE_FORM_ORIGINS", "https://a.example/path", "must be sites"},
		{"CAMPUS_ONE_FORM_ORIGINS", "https://a.example;script-src", "must be sites"},
		{"PORTICO_REPORTS_ROLES", "head of department", "role names"},
		{"PORTICO_MANAGE_ROLES", "other:admin", "role names"},
		{"PORTICO_MANAGE_ROLES", "admin,", "role names"},
		{"PORTICO_SILENT", "maybe", "must be on or off"},
		{"PORTICO_SESSION_IDLE", "12", "such as 90m"},
		{"PORTICO_SESSION_IDLE", "8d", "longer than PORTICO_SESSION_MAX"},
		{"PORTICO_SESSION_MAX", "-1h", "such as 90m"},
		{"PORTICO_SESSION_MAX", "99999999999999d", "such as 90m"},
		{"PORTICO_TRUSTED_PROXIES", "10.0.0.0/99", "networks like"},
		{"PORTICO_METRICS_LISTEN", ":4000", "give it another port"},
		{"PORTICO_TLS", "on", "must be off, auto"},
		{"PORTICO_TLS_EMAIL", "nobody", "e-mail"},
		{"PORTICO_TIMEZONE", "Nigeria/Abuja", "Africa/Lagos"},
		{"PORTICO_LOG", "xml", "must be text or json"},
		{"PORTICO_LOG_LEVEL", "loud", "must be debug"},
		{"PORTICO_RETAIN_DELIVERIES", "1d", "from 31d"},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			_, err := Load(good(tt.name+"="+tt.value), "")
			problems, _ := errors.AsType[Problems](err)
			if len(problems) != 1 || problems[0].Name != tt.name || !strings.Contains(problems[0].Text, tt.says) {
				t.Fatalf("got %v, want one problem of %s saying %q", err, tt.name, tt.says)
			}
			secret := strings.Contains(tt.name, "SECRET")
			if shown := strings.Contains(err.Error(), fmt.Sprintf("%q", tt.value)); secret && shown {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}

func TestGoodValues(t *testing.T) {
	c, err := Load(good("APP_URL=http://localhost:4000", "CAMPUS_ONE_DISCOVERY_URL=http://127.0.0.1:1/d", "PORTICO_PUBLISH_ROLES=none",
		"PORTICO_REPORTS_ROLES=global:staff, custom:dean", "PORTICO_SHARED_NETWORKS=10.1.2.3/24 ::1", "PORTICO_SESSION_MAX=2w",
		"PORTICO_AUTO_MIGRATE=false", "PORTICO_BACKUP_DIR=off", "PORTICO_LOG_LEVEL=WARN", "DATABASE_URL=postgresql://u:p@h/n"), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Role{{Name: "staff"}, {Custom: true, Name: "dean"}}, c.Portico.ReportsRoles); diff != "" {
		t.Error(diff)
	}
	want := []netip.Prefix{netip.MustParsePrefix("10.1.2.0/24"), netip.MustParsePrefix("::1/128")}
	if !slices.Equal(c.Portico.SharedNetworks, want) || c.Portico.PublishRoles != nil || c.Portico.SessionMax != 14*24*time.Hour ||
		c.Portico.AutoMigrate || c.Portico.BackupDir != "" || c.Portico.LogLevel != slog.LevelWarn || c.DatabaseURL != "postgres://u:p@h/n" || c.Secure() {
		t.Errorf("got %+v", c)
	}
}

func TestTLS(t *testing.T) {
	c, err := Load(good("PORTICO_TLS=/c.pem, /k.pem"), "")
	if err != nil || c.Portico.TLS.Mode != TLSFiles || c.Portico.TLS.KeyFile != "/k.pem" || c.Portico.TLS.Dir == "" {
		t.Errorf("got %+v, %v", c.Portico.TLS, err)
	}
	if _, err := Load(good("PORTICO_TLS=auto", "APP_URL=https://localhost"), ""); err == nil {
		t.Error("certificates for localhost were accepted")
	}
	if _, err := Load(good("PORTICO_TLS=auto", "APP_URL=http://localhost"), ""); err == nil {
		t.Error("certificates for plain http were accepted")
	}
}

func TestAllProblemsTogether(t *testing.T) {
	_, err := Load([]string{"PORTICO_SILNET=off", "CAMPUS_ONE_RATE=many"}, "")
	for _, want := range []string{
		"APP_URL is missing", "SESSION_SECRET is missing", "CAMPUS_ONE_CLIENT_ID is missing", "CAMPUS_ONE_CLIENT_SECRET is missing",
		"PORTICO_SILNET is not a name the portal knows: did you mean PORTICO_SILENT?", `(it is "many")`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestProblemsAbout(t *testing.T) {
	ps := Problems{{"A", "is bad"}, {"", "the file is bad"}, {"B", "is bad"}}
	if got := ps.About("B").Error(); got != "the file is bad\nB is bad" {
		t.Errorf("got %q", got)
	}
}

func TestNearestName(t *testing.T) {
	for wrong, right := range map[string]string{
		"PORTICO_SLIENT": "PORTICO_SILENT", "PORTICO_MANAGER_ROLES": "PORTICO_MANAGE_ROLES", "CAMPUS_ONE_CLIENTID": "CAMPUS_ONE_CLIENT_ID",
		"CAMPUS_ONE_CLIENT_SECRET_FIEL": "CAMPUS_ONE_CLIENT_SECRET_FILE", "portico_log": "PORTICO_LOG", "PORTICO_LOG_FILE": "PORTICO_LOG_LEVEL",
	} {
		_, err := Load(good(wrong+"=x"), "")
		if err == nil || !strings.Contains(err.Error(), "did you mean "+right+"?") {
			t.Errorf("%s: got %v, want %s", wrong, err, right)
		}
	}
	if _, err := Load(good("PORTICO_TEST_LONG=1", "SESION_SECRET=x"), ""); err != nil {
		t.Errorf("a name that is not ours was refused: %v", err)
	}
}

func TestSources(t *testing.T) {
	file := write(t, "portico.env", "CAMPUS_ONE_CLIENT_ID=from-env-file\nLISTEN=:5000\n# a comment\nPORTICO_LOG=json\nTZ=UTC\n")
	secret := write(t, "secret", "from-a-file\n")
	environ := append(slices.DeleteFunc(good("LISTEN=:6000"), func(s string) bool { return strings.HasPrefix(s, "CAMPUS_ONE_CLIENT") }),
		"CAMPUS_ONE_CLIENT_SECRET_FILE="+secret)
	c, err := Load(environ, file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != ":6000" || c.CampusOne.ClientID != "from-env-file" || c.CampusOne.ClientSecret.Reveal() != "from-a-file" {
		t.Errorf("got %s, %s", c.Listen, c.CampusOne.ClientID)
	}
	origins := map[string]Origin{}
	for _, v := range c.Values() {
		origins[v.Name] = v.Origin
	}
	for name, want := range map[string]Origin{"LISTEN": FromEnvironment, "CAMPUS_ONE_CLIENT_ID": FromEnvFile, "CAMPUS_ONE_CLIENT_SECRET": FromFile, "PORTICO_SILENT": FromDefault} {
		if origins[name] != want {
			t.Errorf("%s comes from %s, want %s", name, origins[name], want)
		}
	}
}

func TestSourceProblems(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none")
	for name, tt := range map[string]struct{ environ, file, says string }{
		"both":          {"SESSION_SECRET_FILE=" + missing, "", "remove SESSION_SECRET or SESSION_SECRET_FILE"},
		"no such file":  {"CAMPUS_ONE_WEBHOOK_SECRET_FILE=" + missing, "", "CAMPUS_ONE_WEBHOOK_SECRET_FILE names " + missing + ", which cannot be read: there is no such file"},
		"empty file":    {"CAMPUS_ONE_WEBHOOK_SECRET_FILE=" + write(t, "empty", " \n"), "", "which is empty"},
		"no env file":   {"", missing, "the env file " + missing + " cannot be read"},
		"not ours":      {"", write(t, "a.env", "SESION_SECRET=x"), "did you mean SESSION_SECRET?"},
		"bad line":      {"", write(t, "b.env", "\n\nLISTEN\n"), "line 3: write NAME=value"},
		"prefix in env": {"", write(t, "c.env", "PORTICO_X=x"), "PORTICO_X is not a name"},
	} {
		_, err := Load(good(tt.environ), tt.file)
		if problems, _ := errors.AsType[Problems](err); len(problems) != 1 || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want %q alone", name, err, tt.says)
		}
	}
}

func TestValuesHideSecrets(t *testing.T) {
	c, err := Load(good("DATABASE_URL=postgres://me:hunter2@host/name", "CAMPUS_ONE_WEBHOOK_SECRET=whsec"), "")
	all := fmt.Sprint(c.Values(), err) + fmt.Sprintf("%+v %#v", c, c.SessionSecret)
	for _, secret := range []string{goodSecret, "s3cr3t", "whsec"} {
		if strings.Contains(all, secret) {
			t.Errorf("a secret is shown: %s", all)
		}
	}
	if strings.Contains(fmt.Sprint(c.Values()), "hunter2") {
		t.Error("the database's password is shown")
	}
	_, err = Load(good("DATABASE_URL=postgres://me:hunter2@host:bad port/name"), "")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestMarkdown(t *testing.T) {
	table := Markdown()
	for _, r := range rows() {
		if !strings.Contains(table, "| `"+r.name+"` |") || r.help == "" || r.since == "" {
			t.Errorf("%s is not in the table, or says nothing", r.name)
		}
	}
	for line := range strings.Lines(table) {
		if strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 5 {
			t.Errorf("not four columns: %s", line)
		}
	}
}

// README's table is drawn from the same rows.
func TestReadme(t *testing.T) {
	const mark = "<!-- config -->"
	body, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal("there is no README.md")
	}
	parts := strings.Split(string(body), mark)
	if len(parts) != 3 {
		t.Fatalf("README.md has the mark %s %d times, want 2", mark, len(parts)-1)
	}
	if diff := cmp.Diff(strings.TrimSpace(Markdown()), strings.TrimSpace(parts[1])); diff != "" {
		t.Errorf("README.md's table is not `portico config --markdown` (-want +README):\n%s", diff)
	}
}

func TestEnvFile(t *testing.T) {
	for line, want := range map[string]string{
		"A=b": "b", "A = b ": "b", "export A=b": "b", `A="b c"`: "b c", "A='b\\$'": "b\\$", "A=": "", "A=b # c": "b # c", "\ufeffA=b\r": "b", "A=b=c": "b=c",
	} {
		vars, problems := ParseEnvFile(strings.NewReader(line + "\n"))
		if vars["A"] != want || len(problems) > 0 || len(vars) != 1 {
			t.Errorf("%q: got %q, %v, want %q", line, vars, problems, want)
		}
	}
	for line, says := range map[string]string{
		"A": "NAME=value", "=b": "NAME=value", "1A=b": "NAME=value", "A='b": "quotes", `A="b"c"`: "quotes", `A=b\c`: "single quotes",
		`A="$B"`: "single quotes", "A=b\nA=c": "line 2: A stands there twice", `A="`: "quotes",
	} {
		_, problems := ParseEnvFile(strings.NewReader(line))
		if len(problems) != 1 || !strings.Contains(problems[0], says) {
			t.Errorf("%q: got %q, want %q", line, problems, says)
		}
	}
}

func TestEnvLine(t *testing.T) {
	for _, value := range []string{"", "plain", "a b", `back\slash`, `"quoted"`, "$HOME", "# no comment", "a=b", "https://a.example/x?y=z"} {
		line, err := EnvLine("A", value)
		vars, problems := ParseEnvFile(strings.NewReader(line))
		if err != nil || len(problems) > 0 || vars["A"] != value {
			t.Errorf("%q became %q and was read as %q, %v %v", value, line, vars["A"], err, problems)
		}
	}
	for _, value := range []string{"a\nB=c", "it's"} {
		if line, err := EnvLine("A", value); err == nil {
			t.Errorf("%q became %q", value, line)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := Check("APP_URL", "https://portal.example.edu"); err != nil {
		t.Error(err)
	}
	if Check("APP_URL", "portal") == nil || Check("APP_ULR", "https://portal.example.edu") == nil {
		t.Error("a wrong value and a wrong name were accepted")
	}
}
