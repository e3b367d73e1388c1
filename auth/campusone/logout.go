package campusone

import (
	"context"
	"net/url"
)

// EndSessionURL is where a browser goes to sign out of Campus One too, if the
// provider has such a page. postLogout must be one of the registered redirect
// addresses. It never asks the network: signing out must not wait.
func (p *Provider) EndSessionURL(ctx context.Context, idTokenHint Secret, postLogout, state string) (string, bool) {
	m, ok := p.known(ctx)
	if !ok || m.EndSession == "" {
		return "", false
	}
	u, err := url.Parse(m.EndSession)
	if err != nil {
		return "", false
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	for name, value := range map[string]string{
		"id_token_hint": idTokenHint.Reveal(), "post_logout_redirect_uri": postLogout, "state": state,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String(), true
}
