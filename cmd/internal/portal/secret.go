package portal

import "portico/auth/campusone"

// Secret is a text that no log line, dump or error shows.
type Secret = campusone.Secret

// redacted stands where a secret is.
const redacted = "[redacted]"
