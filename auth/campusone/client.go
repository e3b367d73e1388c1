package campusone

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	requestLimit = 5 * time.Second // for one request, body included
	answerLimit  = 1 << 20         // bytes of one answer, unpacked
	hopLimit     = 3               // redirects on the same host
)

var (
	errRedirect = errors.New("campusone: redirect not followed")
	errTooLarge = errors.New("campusone: answer too large")
)

// newClient is the one HTTP client for all calls to Campus One. The libraries
// it is lent to have neither a time limit nor a size limit of their own.
func newClient(next http.RoundTripper, c *clock) *http.Client {
	if next == nil {
		next = newTransport()
	}
	return &http.Client{
		Transport:     &wholeAnswers{next: next, clock: c},
		Timeout:       requestLimit,
		CheckRedirect: followOnSameHost,
	}
}

// newTransport is http.DefaultTransport's likeness with enough idle
// connections for a first day of term, and without the environment's proxy:
// what is not in the portal's configuration must not reroute a secret.
func newTransport() *http.Transport {
	return &http.Transport{
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    64,
		MaxConnsPerHost:        256,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    requestLimit,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// followOnSameHost lets a GET follow a redirect on the very scheme, host and
// port it was sent to. A POST carries the secret and follows none.
func followOnSameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet || len(via) > hopLimit {
		return errRedirect
	}
	if req.URL.Scheme != first.URL.Scheme || authority(req.URL) != authority(first.URL) {
		return errRedirect
	}
	return nil
}

// wholeAnswers reads each answer to its end inside RoundTrip, so that slow and
// oversized bodies fail with a typed error whichever library asked.
type wholeAnswers struct {
	next  http.RoundTripper
	clock *clock
}

func (t *wholeAnswers) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // it has been read or is given up
	t.clock.note(res.Header)
	body, err := io.ReadAll(io.LimitReader(res.Body, answerLimit+1))
	if err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	if len(body) > answerLimit {
		return nil, errTooLarge
	}
	whole := *res
	whole.Body = io.NopCloser(bytes.NewReader(body))
	whole.ContentLength = int64(len(body))
	return &whole, nil
}

// answer is a response that arrived in full, whatever its status.
type answer struct {
	status     int
	body       []byte
	retryAfter time.Duration // what it asked for; 0: nothing
}

func (a answer) ok() bool { return a.status >= 200 && a.status < 300 }

// get asks for JSON, with a bearer token unless it is empty.
func (p *Provider) get(ctx context.Context, address string, bearer Secret) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return answer{}, refused("address")
	}
	return p.do(req, bearer)
}

func (p *Provider) do(req *http.Request, bearer Secret) (answer, error) {
	req.Header.Set("Accept", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer.Reveal())
	}
	res, err := p.http.Do(req)
	if err != nil {
		return answer{}, troubled(err)
	}
	defer func() { _ = res.Body.Close() }() // already in memory
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, troubled(err)
	}
	return answer{res.StatusCode, body, retryAfter(res.Header, p.now())}, nil
}

// clock learns from Date headers how far ours is from the provider's.
type clock struct {
	now  func() time.Time
	diff atomic.Pointer[time.Duration]
}

// note takes one answer's Date. A header is whole seconds, so half a second is
// added; an answer from a cache on the way tells nothing.
func (c *clock) note(h http.Header) {
	theirs, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" {
		return
	}
	d := theirs.Add(time.Second / 2).Sub(c.now()).Round(time.Second)
	c.diff.Store(&d)
}
