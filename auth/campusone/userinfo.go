package campusone

import (
	"context"
	"errors"
	"net/http"

	"portico/db"
)

// userinfo asks once. It fails as ErrRefused only for an answer that two
// readers could read differently; anything else unusable, a missing sub
// included, is ErrBusy or ErrUnauthorized and may be ignored.
func (p *Provider) userinfo(ctx context.Context, access Secret) (object, error) {
	m, err := p.Metadata(ctx)
	if err != nil {
		return nil, busy("discovery")
	}
	if m.Userinfo == "" {
		return nil, busy("userinfo")
	}
	a, err := p.get(ctx, m.Userinfo, access)
	switch {
	case err != nil:
		return nil, busy("userinfo_" + Reason(err))
	case a.status == http.StatusUnauthorized:
		return nil, unauthorized("userinfo")
	case !a.ok():
		return nil, busy("userinfo_status")
	}
	return readUserinfo(a.body)
}

func readUserinfo(body []byte) (object, error) {
	claims, err := parseObject(body)
	if errors.Is(err, errRepeated) {
		return nil, refused("userinfo_repeated")
	}
	if err != nil {
		return nil, busy("userinfo_json")
	}
	if sub, ok := claims.str("sub"); !ok || sub == "" {
		return nil, busy("userinfo_no_sub")
	}
	return claims, nil
}

// Profile is what userinfo says about one person now.
type Profile struct {
	Sub      string
	Facts    []db.Fact
	RoleSeen bool
}

// Userinfo asks with a kept access token. It fails with ErrUnauthorized on a
// 401, which means signed out, disconnected or expired; the caller compares
// Sub with the person it asked for.
func (p *Provider) Userinfo(ctx context.Context, access Secret) (Profile, error) {
	asked := p.now()
	claims, err := p.userinfo(ctx, access)
	if err != nil {
		return Profile{}, err
	}
	sub, _ := claims.str("sub")
	told := readProfile(claims, asked, "userinfo")
	return Profile{Sub: sub, Facts: told.sealed().facts, RoleSeen: told.roleSeen()}, nil
}
