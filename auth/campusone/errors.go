package campusone

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"
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
	// ErrForbidden: the access token is good, and the person has not granted this.
	ErrForbidden = errors.New("campusone: forbidden")
)

const (
	// KeyLife is how long Campus One remembers an idempotency key.
	KeyLife = 24 * time.Hour
	// ReasonRateLimit is why a call failed that came too soon after others.
	ReasonRateLimit = "rate_limit"

	longestWait = time.Hour // that an answer can ask for
)

// failure is one of the meanings above with a fixed short reason. It wraps
// nothing else: what a provider or a library says may hold a token.
type failure struct {
	kind   error
	reason string
	after  time.Duration // how long to wait, as the answer asked; 0: it did not
}

func (f *failure) Error() string { return f.kind.Error() + " (" + f.reason + ")" }
func (f *failure) Unwrap() error { return f.kind }

func refused(reason string) error      { return &failure{kind: ErrRefused, reason: reason} }
func busy(reason string) error         { return &failure{kind: ErrBusy, reason: reason} }
func unauthorized(reason string) error { return &failure{kind: ErrUnauthorized, reason: reason} }

// Reason is the fixed short word for why a call of this package failed, fit
// for a log line or a counter; "other" for errors from elsewhere.
func Reason(err error) string {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.reason
	}
	return "other"
}

// RetryAfter is how long the answer behind an error asked to wait, an hour at
// most; 0 when it did not ask.
func RetryAfter(err error) time.Duration {
	if f, ok := errors.AsType[*failure](err); ok {
		return f.after
	}
	return 0
}

// retryAfter reads a Retry-After header: seconds, or a moment (RFC 9110,
// section 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	wait := time.Duration(0)
	if seconds, err := strconv.Atoi(text); err == nil {
		wait = min(time.Duration(seconds), longestWait/time.Second) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(0, wait), longestWait)
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
