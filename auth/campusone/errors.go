package campusone

import (
	"context"
	"errors"
	"net"
)

// What a failure means for the caller. Test with errors.Is.
var (
	// ErrInvalidGrant: the code or refresh token is spent, expired or unknown.
	ErrInvalidGrant = errors.New("campusone: invalid grant")
	// ErrBusy: no usable answer now; the same may work in a minute.
	ErrBusy = errors.New("campusone: busy")
	// ErrRefused: an answer came and must not be believed, or it was a no.
	ErrRefused = errors.New("campusone: refused")
	// ErrUnauthorized: the access token is no good (any more).
	ErrUnauthorized = errors.New("campusone: unauthorized")
)

// failure is one of the meanings above with a fixed short reason. It wraps
// nothing else: what a provider or a library says may hold a token.
type failure struct {
	kind   error
	reason string
}

func (f *failure) Error() string { return f.kind.Error() + " (" + f.reason + ")" }
func (f *failure) Unwrap() error { return f.kind }

func refused(reason string) error      { return &failure{ErrRefused, reason} }
func busy(reason string) error         { return &failure{ErrBusy, reason} }
func unauthorized(reason string) error { return &failure{ErrUnauthorized, reason} }

// Reason is the fixed short word for why a call of this package failed, fit
// for a log line or a counter; "other" for errors from elsewhere.
func Reason(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.reason
	}
	return "other"
}

// troubled turns a failed HTTP request into one of our errors.
func troubled(err error) error {
	switch {
	case errors.Is(err, errRedirect):
		return refused("redirect")
	case errors.Is(err, errTooLarge):
		return refused("size")
	case errors.Is(err, context.Canceled):
		return busy("cancelled")
	case timedOut(err):
		return busy("timeout")
	}
	return busy("network")
}

func timedOut(err error) bool {
	n, ok := errors.AsType[net.Error](err)
	return ok && n.Timeout() || errors.Is(err, context.DeadlineExceeded)
}
