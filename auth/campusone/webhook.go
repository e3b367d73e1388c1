package campusone

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"portico/db"
)

// Names of the events that are documented or met.
const (
	EventRoleChanged  = "user.role_changed"
	EventUserCreated  = "user.created"
	EventUserUpdated  = "user.updated"
	EventUserDeleted  = "user.deleted"
	EventSignedIn     = "session.signed_in"
	EventSignedOut    = "session.signed_out"
	EventDisconnected = "user.disconnected"
)

const signaturePrefix = "sha256="

// ErrUnreadable means that a webhook's body is not a JSON object that everyone
// reads alike.
var ErrUnreadable = errors.New("campusone: unreadable webhook body")

// VerifySignature reports whether header is the signature of body under one of
// the secrets. Every live secret is tried, in the same time whichever fits; an
// empty secret fits nothing.
func VerifySignature(body []byte, header string, secrets ...Secret) bool {
	digits, prefixed := strings.CutPrefix(header, signaturePrefix)
	given, err := hex.DecodeString(digits)
	if !prefixed || err != nil || len(given) != sha256.Size {
		return false
	}
	fits := false
	for _, s := range secrets {
		if s != "" && hmac.Equal(given, mac(body, s)) {
			fits = true
		}
	}
	return fits
}

// Sign is the signature header that Campus One would send with body.
func Sign(body []byte, secret Secret) string {
	return signaturePrefix + hex.EncodeToString(mac(body, secret))
}

func mac(body []byte, secret Secret) []byte {
	h := hmac.New(sha256.New, []byte(secret.Reveal()))
	_, _ = h.Write(body) // a hash never fails
	return h.Sum(nil)
}

// Event is one webhook, from either of the two envelopes.
type Event struct {
	ID         string    // the envelope's, or the SHA-256 of the body in hex
	HasID      bool      // it is the envelope's
	Event      string    // its name; "" when it has none
	OccurredAt time.Time // zero when absent or unreadable
	UserID     string    // equals sub; "" when absent
	Data       map[string]any
}

// ParseEvent reads a body whose signature is good. Only a body that is not a
// JSON object is an error (ErrUnreadable), and even then the event has an ID,
// so that it can be kept; any part that is missing or odd is left empty.
func ParseEvent(body []byte) (Event, error) {
	sum := sha256.Sum256(body)
	e := Event{ID: hex.EncodeToString(sum[:])}
	o, err := parseObject(body)
	if err != nil {
		return e, ErrUnreadable
	}
	if id, ok := text(o["id"]); ok && goodSub(id) {
		e.ID, e.HasID = id, true
	}
	e.Event, _ = text(o["event"])
	e.OccurredAt = firstMoment(o, "occurredAt", "timestamp")
	data, _ := o["data"].(object)
	e.UserID = firstUser(data, "user_id", "userId")
	e.Data = data
	return e, nil
}

// Known reports whether the event is one that this portal understands.
func (e Event) Known() bool {
	switch e.Event {
	case EventRoleChanged, EventUserCreated, EventUserUpdated, EventUserDeleted, EventSignedIn, EventSignedOut, EventDisconnected:
		return true
	}
	return false
}

// Differs reports whether the unsigned headers name another event or another
// delivery than the signed body. An empty header, and a body without an id,
// have nothing to differ from.
func (e Event) Differs(event, delivery string) bool {
	return event != "" && event != e.Event || delivery != "" && e.HasID && delivery != e.ID
}

func firstUser(data object, names ...string) string {
	for _, name := range names {
		if id, ok := data.str(name); ok && goodSub(id) {
			return id
		}
	}
	return ""
}

func firstMoment(o object, names ...string) time.Time {
	for _, name := range names {
		if at, ok := instant(o[name]); ok {
			return at
		}
	}
	return time.Time{}
}

// instant reads ISO 8601 with or without milliseconds, or a Unix time in
// seconds or milliseconds, which may stand in a string.
func instant(v any) (time.Time, bool) {
	switch v := v.(type) {
	case string:
		if onlyDigits(v) {
			return instant(json.Number(v))
		}
		at, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(v))
		return at.UTC(), err == nil && at.Year() >= 1970 && at.Year() <= 9999
	case json.Number:
		n, err := v.Int64()
		if n > lastYear {
			return time.UnixMilli(n).UTC(), err == nil && n <= lastYear*1000
		}
		return time.Unix(n, 0).UTC(), err == nil && n > 0
	}
	return time.Time{}, false
}

// Facts are the fields that the event sets, as of when it occurred. A change
// of role sets the role alone; its other data only say whom it is about.
func (e Event) Facts() []db.Fact { return e.FactsAsOf(e.OccurredAt) }

// FactsAsOf are the facts as of another moment than the event's own, which may
// be missing or impossible.
func (e Event) FactsAsOf(at time.Time) []db.Fact {
	switch e.Event {
	case EventRoleChanged:
		if role, ok := roleName(e.Data["new_role"]); ok {
			return []db.Fact{{Field: db.FieldRole, Value: role, AsOf: at, Source: db.SourceWebhook}}
		}
	case EventUserCreated, EventUserUpdated:
		return readProfile(e.Data, at, db.SourceWebhook).sealed().facts
	}
	return nil
}
