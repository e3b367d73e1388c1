package campusone

import (
	"time"

	"portico/db"
)

// Identity is a person whom Campus One has vouched for in one sign-in.
type Identity struct {
	Provider string // scheme and host of the issuer
	Issuer   string
	Sub      string
	IssuedAt time.Time
	Facts    []db.Fact
	RoleSeen bool // some answer held a usable role claim, maybe an empty one
	NotHeard bool // userinfo did not answer usefully; only the id_token speaks

	IDToken      Secret
	AccessToken  Secret
	RefreshToken Secret
	Expires      time.Time // of the access token; zero when not said
	Scope        string    // as granted; "" when the provider did not say
}

// Tokens are what a refresh brought.
type Tokens struct {
	AccessToken  Secret
	RefreshToken Secret    // the one to use next time
	Scope        string    // as granted; "" when it stays as it was
	Expires      time.Time // of the access token; zero when not said
}
