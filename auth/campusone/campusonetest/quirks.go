package campusonetest

// Quirks are the ways in which honest providers of this kind differ. The
// zero value behaves as Campus One is documented and met.
type Quirks struct {
	// IssuerWithPath makes the issuer end in /api/auth, as since July 2026.
	IssuerWithPath bool
	// StateInErrors sends the state back on error redirects too.
	StateInErrors bool
	// RawDescription writes error_description into the Location header with
	// its spaces bare, as Better Auth does. Browsers mend that; Go's own
	// client does not. Otherwise spaces alone are escaped.
	RawDescription bool
	// ResponseIssuer sends iss on every callback and advertises it (RFC 9207).
	ResponseIssuer bool
	// BasicAllowed lets clients authenticate by HTTP Basic as well.
	BasicAllowed bool
	// RoleClaims says where role, roles and custom_roles appear.
	RoleClaims Placement
	// RoleLists says how roles and custom_roles are written.
	RoleLists ListForm
	// SparseIDToken leaves all but the protocol claims out of the id_token.
	SparseIDToken bool
	// AuthTimeMillis writes auth_time in milliseconds.
	AuthTimeMillis bool
	// NoATHash leaves at_hash out of the id_token.
	NoATHash bool
	// RefreshWithIDToken answers a refresh with an id_token too.
	RefreshWithIDToken bool
	// NoRefreshToken never gives a refresh token, asked for or not.
	NoRefreshToken bool
	// NewEndSession spells the end session address as newer versions do.
	NewEndSession bool
	// PageAtNone answers prompt=none with the login page, as older versions do.
	PageAtNone bool
	// SignedInEvents sends session.signed_in after each sign-in by hand.
	SignedInEvents bool
}

// Placement says which of the two answers carry a group of claims.
type Placement int

// Where role claims appear.
const (
	InBoth Placement = iota
	InIDToken
	InUserinfo
	Nowhere
)

func (p Placement) inIDToken() bool  { return p == InBoth || p == InIDToken }
func (p Placement) inUserinfo() bool { return p == InBoth || p == InUserinfo }

// ListForm says how a list of roles is written.
type ListForm int

// The forms integrators have met.
const (
	AsArray ListForm = iota
	AsCommaList
	AsJSONText
	AsEmptyArray
	AsNull
	Absent
)

// SetQuirks changes the quirks for every request from now on.
func (s *Server) SetQuirks(edit func(*Quirks)) {
	s.update(func(c *conduct) { edit(&c.quirks) })
}

// Quirks returns the quirks in force.
func (s *Server) Quirks() Quirks { return s.conduct.Load().quirks }
