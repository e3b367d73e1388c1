package portal

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"portico/auth"
)

// Reload puts a new configuration in force as far as a running portal can:
// secrets, role lists and the certificate from files. All of it or nothing: an
// error leaves everything as it was. What else differs is named in the log and
// waits for a restart.
func (a *App) Reload(c *Config) error {
	pair, err := readPair(c.Portico.TLS)
	if err != nil {
		return err
	}
	if err := a.seal.Use(secrets(c.SessionSecret, c.SessionSecretPrevious)...); err != nil {
		return fmt.Errorf("taking the session secret: %w", err)
	}
	if err := a.DB.RememberSecret(context.Background(), auth.Fingerprint(c.SessionSecret.Reveal())); err != nil {
		a.log.Warn("the next backup names the old session secret", "error", err)
	}
	if pair != nil && a.certs.mode == TLSFiles {
		a.certs.pair.Store(pair)
	}
	a.Provider.UseSecret(c.CampusOne.ClientSecret)
	a.Inbox.Accept(nonEmpty(c.CampusOne.WebhookSecret, c.CampusOne.WebhookSecretPrevious))
	a.rules.Replace(Policy(c))
	changed, waits := a.config.changes(c)
	a.log.Info("the configuration and the certificate were read again", "changed", strings.Join(changed, ", "))
	if len(waits) > 0 {
		a.log.Warn("some of the new configuration waits for a restart", "names", strings.Join(waits, ", "))
	}
	a.config = c
	return nil
}

// reloaded are the names that a running portal takes up.
func reloaded(name string) bool {
	return slices.Contains([]string{
		"SESSION_SECRET", "SESSION_SECRET_PREVIOUS", "CAMPUS_ONE_CLIENT_SECRET", "CAMPUS_ONE_WEBHOOK_SECRET", "CAMPUS_ONE_WEBHOOK_SECRET_PREVIOUS",
		"PORTICO_REPORTS_ROLES", "PORTICO_PUBLISH_ROLES", "PORTICO_MANAGE_ROLES", "PORTICO_ROLE_MAX_AGE",
	}, name)
}

// changes names what differs between two configurations: what a running portal
// takes up, and what waits.
func (c *Config) changes(next *Config) (now, waits []string) {
	for i, v := range c.values {
		switch {
		case v.sum == next.values[i].sum:
		case reloaded(v.Name), v.Name == "PORTICO_TLS" && c.Portico.TLS.Mode == TLSFiles && next.Portico.TLS.Mode == TLSFiles:
			now = append(now, v.Name)
		default:
			waits = append(waits, v.Name)
		}
	}
	return now, waits
}

// reloadOn reads the configuration again at each signal until ctx ends. What is
// wrong with it is said in the log, a problem a line, and nothing changes.
func (a *App) reloadOn(ctx context.Context, signals <-chan os.Signal, load func() (*Config, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
		}
		c, err := load()
		if err == nil {
			err = a.Reload(c)
		}
		if err == nil {
			continue
		}
		for line := range strings.SplitSeq(err.Error(), "\n") {
			a.log.Error("the new configuration was refused, the old one stays in force", "problem", line)
		}
	}
}
