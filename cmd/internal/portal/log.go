package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// LogOptions say how the log is written.
type LogOptions struct {
	Format    string // "text" or "json"
	Level     slog.Leveler
	RequestID func(context.Context) string // "" when a record belongs to no request
}

// NewLog makes the log. It redacts by type (secrets, headers, cookies, forms),
// by the name of the attribute (token, cookie, secret, code ...) and, inside
// texts, what follows such a name in a query and the password of an address:
// an error of net/url quotes the whole address it failed at.
func NewLog(w io.Writer, o LogOptions) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.Level, ReplaceAttr: redact}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if o.Format == "json" {
		h = slog.NewJSONHandler(w, options)
	}
	buffer, _ := w.(*LogBuffer)
	return slog.New(logHandler{h, o.RequestID, buffer})
}

// Log makes the log of a configuration.
func (c *Config) Log(w io.Writer, requestID func(context.Context) string) *slog.Logger {
	return NewLog(w, LogOptions{Format: c.Portico.LogFormat, Level: c.Portico.LogLevel, RequestID: requestID})
}

// logHandler adds the request id of the context and cleans the message.
type logHandler struct {
	slog.Handler
	requestID func(context.Context) string
	buffer    *LogBuffer // nil: each line is written at once
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Message = Scrub(r.Message)
	if h.requestID != nil {
		if id := h.requestID(ctx); id != "" {
			r.AddAttrs(slog.String("request", id))
		}
	}
	err := h.Handler.Handle(ctx, r)
	if h.buffer != nil && r.Level >= slog.LevelWarn {
		h.buffer.Flush()
	}
	return err
}

func (h logHandler) WithAttrs(as []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(as), h.requestID, h.buffer}
}

func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.Handler.WithGroup(name), h.requestID, h.buffer}
}

// redact cleans one attribute, whatever group it is in.
func redact(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		if a.Value.String() != "" && private(a.Key) {
			return slog.String(a.Key, redacted)
		}
		return slog.String(a.Key, Scrub(a.Value.String()))
	case slog.KindAny:
		if private(a.Key) {
			return slog.String(a.Key, redacted)
		}
		return slog.Attr{Key: a.Key, Value: redactAny(a.Value)}
	}
	return a
}

// private reports whether a name stands for something that is not logged.
// Counts and times under such a name (tokens=3) are harmless and stay.
func private(key string) bool {
	key = strings.ToLower(key)
	for _, part := range []string{"token", "cookie", "secret", "authorization", "password", "verifier", "nonce"} {
		if strings.Contains(key, part) {
			return true
		}
	}
	return key == "code" || key == "state" || key == "query" || key == "calendar"
}

func redactAny(v slog.Value) slog.Value {
	switch x := v.Any().(type) {
	case error:
		return slog.StringValue(Scrub(x.Error()))
	case *url.URL:
		return slog.StringValue(Scrub(withoutQuery(x)))
	case url.URL:
		return slog.StringValue(Scrub(withoutQuery(&x)))
	case []string:
		return slog.StringValue(Scrub(strings.Join(x, " ")))
	case http.Header, url.Values, *http.Request, *http.Response, *http.Cookie, []*http.Cookie, []byte:
		return slog.StringValue(redacted)
	}
	return v
}

func withoutQuery(u *url.URL) string {
	if u == nil {
		return ""
	}
	bare := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	return bare.String()
}

var (
	inQuery    = regexp.MustCompile(`(?i)\b((?:[a-z_]*token|code|state|nonce|[a-z_]*secret|[a-z_]*password|code_verifier|id_token_hint)=)[^&\s"']+`)
	inHeader   = regexp.MustCompile(`(?i)\b((?:bearer|basic) )[a-z0-9._~+/=-]{8,}`)
	inUserinfo = regexp.MustCompile(`(://[^/\s:@]*:)[^/\s@]+@`)
	inCalendar = regexp.MustCompile(`(/calendar/)[^/\s."']+`)
)

// Scrub takes secrets out of a text that may quote an address or a header.
func Scrub(s string) string {
	if strings.Contains(s, "=") {
		s = inQuery.ReplaceAllString(s, "${1}"+redacted)
	}
	if strings.Contains(s, "://") {
		s = inUserinfo.ReplaceAllString(s, "${1}"+redacted+"@")
	}
	if strings.Contains(s, "/calendar/") {
		s = inCalendar.ReplaceAllString(s, "${1}"+redacted)
	}
	if endsWord(s, 'r') || endsWord(s, 'c') { // "bearer", "basic"; the expression is slow
		s = inHeader.ReplaceAllString(s, "${1}"+redacted)
	}
	return s
}

// endsWord reports whether a space follows the letter, small or capital.
func endsWord(s string, letter byte) bool {
	for i := 1; i < len(s); i++ {
		if s[i] == ' ' && s[i-1]|0x20 == letter {
			return true
		}
	}
	return false
}
