package campusone

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"unicode/utf16"
)

// Notification is what a person is told in Campus One.
type Notification struct {
	Title  string `json:"title"`
	Body   string `json:"body"`
	Type   string `json:"type"`
	Target string `json:"targetUrl,omitempty"` // where a tap leads
}

// What Campus One takes, in letters as it counts them (Letters).
const (
	MostTitle = 128
	MostBody  = 512
)

// NotificationTypes are the kinds of notification that Campus One knows.
func NotificationTypes() []string { return []string{"info", "success", "warning", "action_required"} }

// Letters counts letters as Campus One's own language does: a picture such as
// 🎓 is two.
func Letters(text string) int { return len(utf16.Encode([]rune(text))) }

// Notify sends a notification to the person whose access token it is. The same
// key sends it once, however often it is tried within KeyLife.
//
// ErrUnauthorized: the token is no good. ErrForbidden: the person has not
// granted it. ErrBusy: it may or may not have arrived, except with the reason
// ReasonRateLimit, when it has not; RetryAfter says how long to wait.
// ErrRefused: it would be refused again.
func (p *Provider) Notify(ctx context.Context, access Secret, n Notification, key string) error {
	base := strings.TrimSuffix(p.cfg.APIURL, "/")
	if !safeAddress(base) {
		return refused("address")
	}
	body, err := json.Marshal(n)
	if err != nil {
		return refused("json")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/notifications", bytes.NewReader(body))
	if err != nil {
		return refused("address")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Idempotency-Key", key)
	a, err := p.do(req, access)
	if err != nil {
		return err
	}
	return a.judged()
}

// judged is what an answer of the App API to a write means.
func (a answer) judged() error {
	switch {
	case a.ok():
		return nil
	case a.status == http.StatusUnauthorized:
		return unauthorized("api")
	case a.status == http.StatusForbidden:
		return &failure{kind: ErrForbidden, reason: "api"}
	case a.status == http.StatusTooManyRequests:
		return &failure{kind: ErrBusy, reason: ReasonRateLimit, after: a.retryAfter}
	case a.status == http.StatusRequestTimeout, a.status >= http.StatusInternalServerError:
		return &failure{kind: ErrBusy, reason: "api_status", after: a.retryAfter}
	}
	return refused("api_status")
}
