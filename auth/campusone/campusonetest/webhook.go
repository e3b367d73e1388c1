package campusonetest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// webhookTimeout is how long Campus One waits for an answer. It asks once.
const webhookTimeout = 5 * time.Second

// occurredFormat is ISO 8601 with milliseconds and Z.
const occurredFormat = "2006-01-02T15:04:05.000Z"

// Delivery is one webhook sent, and what came of it.
type Delivery struct {
	ID     string
	Event  string
	Client string
	At     time.Time
	Status int   // 0 when there was no answer
	Err    error // nil when there was one
}

// Webhook is one event to send. Zero fields are filled in.
type Webhook struct {
	Event    string
	ID       string
	Occurred time.Time
	Data     any
	// Body replaces the envelope when it is not nil; it is signed as it is.
	Body []byte
}

// outbox remembers the newest deliveries.
type outbox struct {
	mu   sync.Mutex
	list []Delivery
}

func (o *outbox) add(d Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, d)
	if len(o.list) > 200 {
		o.list = slices.Delete(o.list, 0, len(o.list)-200)
	}
}

// Deliveries returns the newest webhooks sent, the oldest first.
func (s *Server) Deliveries() []Delivery {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return slices.Clone(s.outbox.list)
}

// SendWebhook sends one event to every client with a webhook address and
// returns the last answer's status.
func (s *Server) SendWebhook(ctx context.Context, event string, data any) (status int, err error) {
	return s.Send(ctx, Webhook{Event: event, Data: data})
}

// Send is SendWebhook with the envelope in the caller's hands.
func (s *Server) Send(ctx context.Context, hook Webhook) (status int, err error) {
	var errs []error
	for _, d := range s.deliver(ctx, hook) {
		status = d.Status
		errs = append(errs, d.Err)
	}
	return status, errors.Join(errs...)
}

func (s *Server) deliver(ctx context.Context, hook Webhook) []Delivery {
	var all []Delivery
	for _, c := range s.allClients() {
		if c.WebhookURL == "" {
			continue
		}
		all = append(all, s.deliverTo(ctx, c, hook)...)
	}
	return all
}

func (s *Server) deliverTo(ctx context.Context, c Client, hook Webhook) []Delivery {
	f := s.fault().Webhook
	if f.Lose {
		return nil
	}
	if hook.ID == "" {
		hook.ID = uuid.NewString()
	}
	if hook.Occurred.IsZero() {
		hook.Occurred = s.now()
	}
	times := 1
	if f.Twice {
		times = 2
	}
	var all []Delivery
	for range times {
		d := Delivery{ID: hook.ID, Event: hook.Event, Client: c.ID, At: s.now()}
		d.Status, d.Err = s.post(ctx, c, hook)
		s.outbox.add(d)
		all = append(all, d)
	}
	return all
}

// post makes one signed request and throws the answer's body away.
func (s *Server) post(ctx context.Context, c Client, hook Webhook) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	req, err := s.hookRequest(ctx, c, hook)
	if err != nil {
		return 0, err
	}
	resp, err := s.caller().Do(req)
	if err != nil {
		return 0, fmt.Errorf("sending %s to %s: %w", hook.Event, c.ID, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // only the status counts
	return resp.StatusCode, nil
}

func (s *Server) hookRequest(ctx context.Context, c Client, hook Webhook) (*http.Request, error) {
	body, err := hook.body()
	if err != nil {
		return nil, err
	}
	signature := Sign(c.WebhookSecret, body)
	f := s.fault().Webhook
	if f.Body != nil {
		body = f.Body(body)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.WebhookURL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("addressing the webhook of %s: %w", c.ID, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Campus-One-Event", hook.Event)
	req.Header.Set("X-Campus-One-Delivery", hook.ID)
	req.Header.Set("X-Campus-One-Signature", signature)
	if f.Request != nil {
		f.Request(req)
	}
	return req, nil
}

// body is the documented envelope; user.disconnected has one of its own.
func (hook Webhook) body() ([]byte, error) {
	if hook.Body != nil {
		return hook.Body, nil
	}
	if hook.Data == nil {
		hook.Data = map[string]any{}
	}
	envelope := map[string]any{
		"id": hook.ID, "event": hook.Event, "data": hook.Data,
		"occurredAt": hook.Occurred.UTC().Format(occurredFormat),
	}
	if hook.Event == "user.disconnected" {
		envelope = map[string]any{
			"event": hook.Event, "data": hook.Data,
			"timestamp": hook.Occurred.UTC().Format("2006-01-02T15:04:05Z"),
		}
	}
	body, err := json.Marshal(envelope)
	if err != nil {
		return nil, fmt.Errorf("writing the envelope of %s: %w", hook.Event, err)
	}
	return body, nil
}

// Sign returns the X-Campus-One-Signature of body under secret.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// caller calls the applications as Campus One does: it follows no redirect.
func (s *Server) caller() *http.Client {
	return &http.Client{Transport: s.opt.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// ProbeResult is the answer of one redirect address to one liveness probe.
type ProbeResult struct {
	URL, Method string
	Status      int
	Err         error
}

// Alive tells whether Campus One would be content with the answer.
func (r ProbeResult) Alive() bool { return r.Err == nil && r.Status/100 == 2 }

// Probe asks every registered redirect address whether it lives: HEAD, then
// GET without parameters, redirects not followed.
func (s *Server) Probe(ctx context.Context) []ProbeResult {
	var all []ProbeResult
	for _, c := range s.allClients() {
		for _, target := range c.RedirectURIs {
			all = append(all, s.probe(ctx, http.MethodHead, target), s.probe(ctx, http.MethodGet, target))
		}
	}
	return all
}

func (s *Server) probe(ctx context.Context, method, target string) ProbeResult {
	ctx, cancel := context.WithTimeout(ctx, webhookTimeout)
	defer cancel()
	result := ProbeResult{URL: target, Method: method}
	req, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		result.Err = fmt.Errorf("addressing the probe: %w", err)
		return result
	}
	resp, err := s.caller().Do(req)
	if err != nil {
		result.Err = fmt.Errorf("probing: %w", err)
		return result
	}
	defer resp.Body.Close()
	result.Status = resp.StatusCode
	return result
}
