package campusone

import "log/slog"

const redacted = "[redacted]"

// Secret is a text that must not be printed: a client secret or a token.
// Every common way to print it yields a fixed word.
type Secret string

// Reveal returns the text itself, for sending or sealing it.
func (s Secret) Reveal() string { return string(s) }

// String hides the text from fmt.
func (s Secret) String() string { return redacted }

// GoString hides the text from %#v.
func (s Secret) GoString() string { return redacted }

// LogValue hides the text from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the text from encoding/json.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
