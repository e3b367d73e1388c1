package portal

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const hidden = "hidden-text-9f3a"

func TestLogHides(t *testing.T) {
	address := &url.URL{Scheme: "https", Host: "example.edu", Path: "/x", RawQuery: "code=" + hidden}
	for name, arg := range map[string]slog.Attr{
		"by type":           slog.Any("thing", Secret(hidden)),
		"by key":            slog.String("access_token", hidden),
		"by key, any":       slog.Any("Set-Cookie", []string{hidden}),
		"code":              slog.String("code", hidden),
		"in a group":        slog.Group("request", slog.String("authorization", hidden)),
		"header":            slog.Any("headers", http.Header{"Cookie": {hidden}}),
		"form":              slog.Any("form", url.Values{"code": {hidden}}),
		"cookie":            slog.Any("c", &http.Cookie{Name: "session", Value: hidden}),
		"address":           slog.Any("url", address),
		"address by value":  slog.Any("url", *address),
		"error of net/url":  slog.Any("err", &url.Error{Op: "Get", URL: address.String(), Err: errors.New("refused")}),
		"password":          slog.String("database", "postgres://me:"+hidden+"@host/name"),
		"callback's query":  slog.String("path", "/auth/callback?state="+hidden+"&code="+hidden),
		"bearer":            slog.String("note", "sent Bearer "+hidden),
		"calendar address":  slog.String("path", "/calendar/"+hidden+".ics"),
		"wrapped in a text": slog.Any("err", errors.New("client_secret="+hidden)),
	} {
		for _, format := range []string{"text", "json"} {
			t.Run(name+" "+format, func(t *testing.T) {
				var out bytes.Buffer
				log := NewLog(&out, LogOptions{Format: format})
				log.LogAttrs(t.Context(), slog.LevelInfo, "something happened", arg)
				log.With(arg).Info("something happened")
				log.WithGroup("g").Info("something happened", arg)
				if strings.Contains(out.String(), hidden) || strings.Count(out.String(), "something happened") != 3 {
					t.Errorf("the log says %s", out.String())
				}
			})
		}
	}
}

func TestLogHidesInMessage(t *testing.T) {
	var out bytes.Buffer
	NewLog(&out, LogOptions{}).Info("called https://me:" + hidden + "@host/?id_token=" + hidden)
	if strings.Contains(out.String(), hidden) {
		t.Errorf("the log says %s", out.String())
	}
}

func TestLogKeepsWhatIsHarmless(t *testing.T) {
	var out bytes.Buffer
	NewLog(&out, LogOptions{}).Info("done", "tokens", 3, "status_code", 200, "path", "/events?kind=exam", "reason", "off")
	for _, want := range []string{"tokens=3", "status_code=200", "/events?kind=exam", "reason=off"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log %q lacks %s", out.String(), want)
		}
	}
}

func TestLogNamesTheRequest(t *testing.T) {
	type key struct{}
	id := func(ctx context.Context) string { s, _ := ctx.Value(key{}).(string); return s }
	var out bytes.Buffer
	log := NewLog(&out, LogOptions{Format: "json", Level: slog.LevelInfo, RequestID: id})
	log.With("a", 1).InfoContext(context.WithValue(t.Context(), key{}, "r42"), "one")
	if !strings.Contains(out.String(), `"request":"r42"`) {
		t.Errorf("no request id in %s", out.String())
	}
	out.Reset()
	log.Info("two")
	log.Debug("three")
	if strings.Contains(out.String(), "request") || strings.Contains(out.String(), "three") {
		t.Errorf("the log says %s", out.String())
	}
}
