package portal

import (
	"log/slog"
	"net/netip"
	"net/url"
	"time"
)

// The addresses of Campus One that its documentation gives.
const (
	defaultDiscovery = "https://auth.campusone.com.ng/api/auth/.well-known/openid-configuration"
	defaultIssuers   = "https://auth.campusone.com.ng,https://auth.campusone.com.ng/api/auth"
	defaultScopes    = "openid profile email academic roles offline_access"
	defaultAPI       = "https://auth.campusone.com.ng/api/apps"
	defaultForms     = "https://campusone.com.ng https://*.campusone.com.ng"
)

// stateDir in a default stands for $STATE_DIRECTORY, else the working
// directory.
const stateDir = "$STATE_DIRECTORY"

// row is one name of the configuration and all that is to be known of it.
type row struct {
	name     string
	def      string // "" is: none
	help     string
	since    string
	required bool
	secret   bool // never shown
	file     bool // may also be given as NAME_FILE
	parse    func(c *Config, text string) error
}

// fromFile reports whether NAME_FILE is allowed as well.
func (r row) fromFile() bool { return r.secret || r.file }

// rows is the table. It is built anew on each call so that nobody can change
// it.
func rows() []row {
	return stamp("0.1", appRows(), campusOneRows(), campusOnePlaces(), permissionRows(),
		sessionRows(), networkRows(), runningRows(), retentionRows())
}

// stamp joins groups of rows that arrived with one version.
func stamp(since string, groups ...[]row) []row {
	var all []row
	for _, group := range groups {
		for _, r := range group {
			r.since = since
			all = append(all, r)
		}
	}
	return all
}

func appRows() []row {
	return []row{
		{name: "APP_URL", required: true, help: "The public address of this portal, without a path. https, or http on this machine alone.",
			parse: into(func(c *Config) **url.URL { return &c.AppURL }, appURL)},
		{name: "LISTEN", def: ":4000", help: "The address and port the server listens on.",
			parse: into(func(c *Config) *string { return &c.Listen }, listenAddress)},
		{name: "DATABASE_URL", def: "sqlite:" + stateDir + "/portico.db", file: true, help: "`sqlite:` and a path, or `postgres://user:password@host/name`.",
			parse: into(func(c *Config) *string { return &c.DatabaseURL }, databaseURL)},
		{name: "SESSION_SECRET", required: true, secret: true, help: "Seals cookies and stored tokens. 32 bytes or more; `portico init` makes one.",
			parse: into(func(c *Config) *Secret { return &c.SessionSecret }, sealingSecret)},
		{name: "SESSION_SECRET_PREVIOUS", secret: true, help: "The secret before the present one, so that what it sealed still opens after a change.",
			parse: into(func(c *Config) *Secret { return &c.SessionSecretPrevious }, sealingSecret)},
	}
}

func campusOneRows() []row {
	return []row{
		{name: "CAMPUS_ONE_CLIENT_ID", required: true, help: "The client id from Campus One's dashboard.",
			parse: into(func(c *Config) *string { return &c.CampusOne.ClientID }, word)},
		{name: "CAMPUS_ONE_CLIENT_SECRET", required: true, secret: true, help: "The client secret from Campus One's dashboard.",
			parse: into(func(c *Config) *Secret { return &c.CampusOne.ClientSecret }, secretWord)},
		{name: "CAMPUS_ONE_AUTH_METHOD", def: "post", help: "How the client secret is sent: `post` (in the form) or `basic` (in the header).",
			parse: into(func(c *Config) *string { return &c.CampusOne.AuthMethod }, oneOf("post", "basic"))},
		{name: "CAMPUS_ONE_WEBHOOK_SECRET", secret: true, help: "The webhook secret from Campus One's dashboard. Without it every delivery is refused.",
			parse: into(func(c *Config) *Secret { return &c.CampusOne.WebhookSecret }, secretWord)},
		{name: "CAMPUS_ONE_WEBHOOK_SECRET_PREVIOUS", secret: true, help: "The webhook secret before the present one, still accepted.",
			parse: into(func(c *Config) *Secret { return &c.CampusOne.WebhookSecretPrevious }, secretWord)},
		{name: "CAMPUS_ONE_SCOPES", def: defaultScopes, help: "What is asked for at sign-in. One scope that Campus One has not granted fails the sign-in.",
			parse: into(func(c *Config) *[]string { return &c.CampusOne.Scopes }, scopes)},
		{name: "CAMPUS_ONE_RATE", def: "10", help: "How many confirmations a minute are made at Campus One at most.",
			parse: into(func(c *Config) *int { return &c.CampusOne.Rate }, numberBetween(1, 600))},
	}
}

func campusOnePlaces() []row {
	return []row{
		{name: "CAMPUS_ONE_DISCOVERY_URL", def: defaultDiscovery, help: "Where Campus One describes itself.",
			parse: into(func(c *Config) *string { return &c.CampusOne.DiscoveryURL }, secureURL)},
		{name: "CAMPUS_ONE_ISSUER", def: defaultIssuers, help: "The issuers that are accepted, letter for letter, separated by commas.",
			parse: into(func(c *Config) *[]string { return &c.CampusOne.Issuers }, issuers)},
		{name: "CAMPUS_ONE_API_URL", def: defaultAPI, help: "Where Campus One's App API is.",
			parse: into(func(c *Config) *string { return &c.CampusOne.APIURL }, secureURL)},
		{name: "CAMPUS_ONE_DIRECTORY_ORIGINS", help: "Further sites that link to this portal for people who are signed in at Campus One.",
			parse: into(func(c *Config) *[]string { return &c.CampusOne.DirectoryOrigins }, origins(false))},
		{name: "CAMPUS_ONE_FORM_ORIGINS", def: defaultForms, help: "Sites that a form's answer may lead to by way of Campus One. `*.` stands for any subdomain.",
			parse: into(func(c *Config) *[]string { return &c.CampusOne.FormOrigins }, origins(true))},
	}
}

func permissionRows() []row {
	return []row{
		{name: "PORTICO_REPORTS_ROLES", def: "admin,staff", help: "Roles that see reports. `custom:editor` is a custom role; `none` is nobody.",
			parse: into(func(c *Config) *[]Role { return &c.Portico.ReportsRoles }, roles)},
		{name: "PORTICO_PUBLISH_ROLES", def: "custom:editor", help: "Roles that publish. Named grants come on top.",
			parse: into(func(c *Config) *[]Role { return &c.Portico.PublishRoles }, roles)},
		{name: "PORTICO_MANAGE_ROLES", def: "admin", help: "Roles that manage the portal. Named grants come on top.",
			parse: into(func(c *Config) *[]Role { return &c.Portico.ManageRoles }, roles)},
		{name: "PORTICO_ROLE_MAX_AGE", def: "7d", help: "A role that Campus One has not confirmed for so long opens nothing.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.RoleMaxAge }, durationBetween("1h", "90d"))},
		{name: "PORTICO_CONFIRM_AFTER", def: "1h", help: "How old the role of somebody with a permission may be before it is confirmed.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.ConfirmAfter }, durationBetween("1m", "7d"))},
	}
}

func sessionRows() []row {
	return []row{
		{name: "PORTICO_SILENT", def: "on", help: "Recognise people who are signed in at Campus One without a click: `on` or `off`.",
			parse: into(func(c *Config) *bool { return &c.Portico.Silent }, onOff)},
		{name: "PORTICO_PROVIDER_LOGOUT", def: "off", help: "Offer to sign out of Campus One too: `on` or `off`.",
			parse: into(func(c *Config) *bool { return &c.Portico.ProviderLogout }, onOff)},
		{name: "PORTICO_NOTIFICATIONS", def: "off", help: "Offer to notify readers in Campus One: `on` or `off`. Needs the scope `notifications`.",
			parse: into(func(c *Config) *bool { return &c.Portico.Notifications }, onOff)},
		{name: "PORTICO_SESSION_IDLE", def: "12h", help: "A session ends after so long without a request.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.SessionIdle }, durationBetween("5m", "90d"))},
		{name: "PORTICO_SESSION_MAX", def: "7d", help: "A session ends after so long in any case.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.SessionMax }, durationBetween("5m", "90d"))},
		{name: "PORTICO_SHARED_NETWORKS", help: "Networks of shared computers, such as a lab: `10.1.2.0/24`, separated by commas.",
			parse: into(func(c *Config) *[]netip.Prefix { return &c.Portico.SharedNetworks }, networks)},
	}
}

func networkRows() []row {
	return []row{
		{name: "PORTICO_TRUSTED_PROXIES", help: "Networks of your own proxies. Forwarded address and scheme count only from these.",
			parse: into(func(c *Config) *[]netip.Prefix { return &c.Portico.TrustedProxies }, networks)},
		{name: "PORTICO_METRICS_LISTEN", help: "An address for `/metrics`, such as `127.0.0.1:9400`. Without it there are none.",
			parse: into(func(c *Config) *string { return &c.Portico.MetricsListen }, listenAddress)},
		{name: "PORTICO_TLS", def: "off", help: "`off` (a proxy speaks https), `auto` (certificates by ACME), or `certificate.pem,key.pem`.",
			parse: into(func(c *Config) *TLS { return &c.Portico.TLS }, tlsMode)},
		{name: "PORTICO_TLS_DIR", def: stateDir + "/tls", help: "Where certificates made by `auto` are kept.",
			parse: into(func(c *Config) *string { return &c.Portico.TLS.Dir }, path)},
		{name: "PORTICO_TLS_EMAIL", help: "An e-mail address for the certificate authority.",
			parse: into(func(c *Config) *string { return &c.Portico.TLS.Email }, email)},
	}
}

func runningRows() []row {
	return []row{
		{name: "PORTICO_TIMEZONE", def: "Africa/Lagos", help: "The time zone of dates on pages.",
			parse: into(func(c *Config) **time.Location { return &c.Portico.Timezone }, timezone)},
		{name: "PORTICO_LOG", def: "text", help: "The form of the log: `text` or `json`.",
			parse: into(func(c *Config) *string { return &c.Portico.LogFormat }, oneOf("text", "json"))},
		{name: "PORTICO_LOG_LEVEL", def: "info", help: "The least level that is logged: `debug`, `info`, `warn` or `error`.",
			parse: into(func(c *Config) *slog.Level { return &c.Portico.LogLevel }, logLevel)},
		{name: "PORTICO_AUTO_MIGRATE", def: "on", help: "Bring the database up to date at start: `on` or `off`.",
			parse: into(func(c *Config) *bool { return &c.Portico.AutoMigrate }, onOff)},
		{name: "PORTICO_BACKUP_DIR", def: stateDir + "/backups", help: "Where the daily backup is written; `off` is none.",
			parse: into(func(c *Config) *string { return &c.Portico.BackupDir }, pathOrOff)},
	}
}

func retentionRows() []row {
	return []row{
		{name: "PORTICO_RETAIN_SIGNINS", def: "180d", help: "How long sign-ins are kept.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.RetainSignIns }, durationBetween("1d", "20y"))},
		{name: "PORTICO_RETAIN_DELIVERIES", def: "90d", help: "How long webhook deliveries are kept.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.RetainDeliveries }, durationBetween("31d", "20y"))},
		{name: "PORTICO_RETAIN_AUDIT", def: "2y", help: "How long the audit is kept.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.RetainAudit }, durationBetween("30d", "20y"))},
		{name: "PORTICO_RETAIN_READS", def: "1y", help: "How long it is kept who opened what.",
			parse: into(func(c *Config) *time.Duration { return &c.Portico.RetainReads }, durationBetween("1d", "20y"))},
	}
}
