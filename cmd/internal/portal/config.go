package portal

import (
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"portico/auth"
)

// Config is everything the portal can be told. The names of its fields follow
// the names of the variables.
type Config struct {
	AppURL                *url.URL // scheme and host alone, no path
	Listen                string
	DatabaseURL           string // "sqlite:/absolute/path.db" or "postgres://..."
	SessionSecret         Secret
	SessionSecretPrevious Secret

	CampusOne CampusOne
	Portico   Portico

	values []Value
}

// CampusOne is what the portal knows of its identity provider.
type CampusOne struct {
	ClientID              string
	ClientSecret          Secret
	AuthMethod            string // "post" or "basic"
	WebhookSecret         Secret
	WebhookSecretPrevious Secret
	DiscoveryURL          string
	Issuers               []string
	Scopes                []string
	APIURL                string
	Rate                  int      // confirmations a minute
	DirectoryOrigins      []string // pages that list this portal
	FormOrigins           []string // for the form-action directive
}

// Portico is how this portal itself behaves.
type Portico struct {
	ReportsRoles []Role
	PublishRoles []Role
	ManageRoles  []Role

	Silent         bool
	ProviderLogout bool
	Notifications  bool

	SessionIdle  time.Duration
	SessionMax   time.Duration
	ConfirmAfter time.Duration
	RoleMaxAge   time.Duration

	SharedNetworks []netip.Prefix
	TrustedProxies []netip.Prefix

	MetricsListen string // "" is off
	TLS           TLS
	Timezone      *time.Location

	LogFormat string // "text" or "json"
	LogLevel  slog.Level

	AutoMigrate bool
	BackupDir   string // "" is off

	RetainSignIns    time.Duration
	RetainDeliveries time.Duration
	RetainAudit      time.Duration
	RetainReads      time.Duration
}

// Role is one typed pair: a global or a custom role, and its exact name.
type Role struct {
	Custom bool
	Name   string
}

// String writes a role as it is written in the configuration.
func (r Role) String() string {
	if r.Custom {
		return "custom:" + r.Name
	}
	return r.Name
}

// TLS says how the server speaks https itself, if it does.
type TLS struct {
	Mode     TLSMode
	CertFile string // with TLSFiles
	KeyFile  string
	Dir      string // where certificates of TLSAuto are kept
	Email    string // given to the certificate authority
}

// TLSMode is one of the ways to serve https.
type TLSMode int

// The modes of TLS.
const (
	TLSOff   TLSMode = iota // plain http, behind a proxy that speaks https
	TLSAuto                 // certificates by ACME
	TLSFiles                // a certificate and a key from files
)

// Secure reports whether people reach the portal over https.
func (c *Config) Secure() bool { return c.AppURL != nil && c.AppURL.Scheme == "https" }

// Notifies reports whether people may be notified in Campus One: it is wanted,
// and Campus One is asked for the scope.
func (c *Config) Notifies() bool {
	return c.Portico.Notifications && slices.Contains(c.CampusOne.Scopes, auth.ScopeNotifications)
}

// RedirectURL is the address Campus One sends people back to. It must be
// registered there letter for letter.
func (c *Config) RedirectURL() string { return c.address("auth", "callback") }

// WebhookURL is the address Campus One sends its events to.
func (c *Config) WebhookURL() string { return c.address("webhooks", "campus-one") }

func (c *Config) address(parts ...string) string {
	if c.AppURL == nil {
		return ""
	}
	return c.AppURL.JoinPath(parts...).String()
}
