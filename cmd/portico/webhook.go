package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"portico/auth/campusone"
)

// sample is an event to post.
type sample struct {
	id     string // made when it is posted
	event  string
	data   string
	url    string
	secret campusone.Secret
}

// webhookSend signs a sample event as Campus One does, and posts it.
func webhookSend(ctx context.Context, s *shell, args []string) error {
	f := s.flags("webhook send")
	file := envFile(f)
	var one sample
	f.StringVar(&one.event, "event", "portico.test", "the `NAME` of the event; an unknown one is stored and changes nothing")
	f.StringVar(&one.data, "data", "{}", "the event's data, a `JSON` object")
	f.StringVar(&one.url, "url", "", "post to `ADDRESS` in place of this portal's own")
	secretFile := f.String("secret-file", "", "read the webhook secret from `FILE` in place of the configuration")
	if err := s.parse(f, args); err != nil {
		return err
	}
	if err := s.completeSample(&one, *secretFile, *file); err != nil {
		return err
	}
	return s.sendSample(ctx, one)
}

// completeSample takes from the configuration what no flag gave.
func (s *shell) completeSample(one *sample, secretFile, file string) error {
	var data map[string]any
	if json.Unmarshal([]byte(one.data), &data) != nil {
		return misuse{`--data must be a JSON object, such as '{"user_id":"u1"}'`}
	}
	if secretFile != "" {
		body, err := os.ReadFile(secretFile)
		if err != nil {
			return fmt.Errorf("reading the webhook secret: %w", err)
		}
		one.secret = campusone.Secret(strings.TrimSpace(string(body)))
	}
	if one.url == "" || secretFile == "" {
		c, err := s.configFor(file, "APP_URL", "CAMPUS_ONE_WEBHOOK_SECRET", "CAMPUS_ONE_WEBHOOK_SECRET_FILE")
		if err != nil {
			return err
		}
		one.url = cmp.Or(one.url, c.WebhookURL())
		one.secret = cmp.Or(one.secret, c.CampusOne.WebhookSecret)
	}
	if one.secret == "" {
		return misuse{"there is no webhook secret: set CAMPUS_ONE_WEBHOOK_SECRET, or add --secret-file FILE"}
	}
	return nil
}

func (s *shell) sendSample(ctx context.Context, one sample) error {
	status, answer, err := post(ctx, &one)
	if err != nil {
		return fmt.Errorf("posting to %s: %w", one.url, err)
	}
	fmt.Fprintf(s.stdout, "%s answered %d %s; the delivery is %s\n", one.url, status, plainLine(answer), one.id)
	if status/100 != 2 {
		return errSaid
	}
	return nil
}

// post sends the signed event and gives the first line of the answer.
func post(ctx context.Context, one *sample) (status int, answer string, err error) {
	one.id = rand.Text()
	body, err := json.Marshal(map[string]any{
		"id": one.id, "event": one.event, "occurredAt": time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), "data": json.RawMessage(one.data),
	})
	if err != nil {
		return 0, "", fmt.Errorf("writing the event: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, one.url, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Campus-One-Event", one.event)
	req.Header.Set("X-Campus-One-Delivery", one.id)
	req.Header.Set("X-Campus-One-Signature", campusone.Sign(body, one.secret))
	res, err := newClient().Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 200))
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return res.StatusCode, first, err
}

// newClient follows no redirect: where a request is sent on to is an answer
// too, and secrets go to one place alone.
func newClient() *http.Client {
	return &http.Client{
		Timeout:       5 * time.Second,
		Transport:     &http.Transport{TLSHandshakeTimeout: 5 * time.Second, DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
