package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"portico/auth"
	"portico/auth/campusone"
	"portico/cmd/internal/portal"
	"portico/handlers"
)

// explain tells what the silent check would do with one request, and why.
func explain(_ context.Context, s *shell, args []string) error {
	f := s.flags("explain")
	file := envFile(f)
	asJSON := f.Bool("json", false, "print JSON")
	away := f.Bool("campus-one-away", false, "judge as if Campus One did not answer")
	pasted := f.String("curl", "", "a curl line, as a browser's developer tools copy it")
	var header headers
	f.Var(&header, "header", "a header of the request, \"Name: value\"; may come several times")
	if err := s.parseWords(f, args); err != nil {
		return err
	}
	c, err := portal.Load(s.environ, *file)
	if err != nil {
		return s.hintEnvFile(err, *file)
	}
	r, err := asked(c, f.Args(), header, *pasted)
	if err != nil {
		return err
	}
	seal, err := auth.NewSealer(time.Now, revealed(c.SessionSecret, c.SessionSecretPrevious)...)
	if err != nil {
		return err
	}
	e := auth.Explain(portal.FlowConfig(c), seal, handlers.PageRoute(), r, *away, time.Now)
	if *asJSON {
		return s.json(e)
	}
	_, err = fmt.Fprint(s.stdout, told(r, e))
	return err
}

func revealed(all ...campusone.Secret) []string {
	var out []string
	for _, secret := range all {
		if secret != "" {
			out = append(out, secret.Reveal())
		}
	}
	return out
}

func told(r *http.Request, e auth.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n%s: %s\n", r.Method, r.URL.RequestURI(), e.Reason, e.Words)
	if !e.Page {
		b.WriteString("note: this address is no page of the portal, so no check ever starts there\n")
	}
	if e.Session {
		b.WriteString("note: a session cookie came with it; while that session lives, no check starts\n")
	}
	if e.Waits != "" {
		fmt.Fprintf(&b, "note: the pause ends at %s\n", e.Waits)
	}
	return b.String()
}

// headers is a flag that may come several times.
type headers []string

// String implements flag.Value.
func (h *headers) String() string { return strings.Join(*h, ", ") }

// Set implements flag.Value.
func (h *headers) Set(value string) error {
	if !strings.Contains(value, ":") {
		return fmt.Errorf("%q has no colon; write it as \"Name: value\"", value)
	}
	*h = append(*h, value)
	return nil
}

// asked builds the request to judge: a browser's navigation by default.
func asked(c *portal.Config, args []string, header headers, pasted string) (*http.Request, error) {
	path, method := "/", http.MethodGet
	given := headers{"Accept: text/html", "User-Agent: Mozilla/5.0"}
	switch {
	case pasted != "" && len(args) > 0:
		return nil, misuse{"give a path or --curl, not both"}
	case pasted != "":
		line, err := parseCurl(pasted)
		if err != nil {
			return nil, err
		}
		path, method, given = line.address, line.method, line.header
	case len(args) == 1:
		path = args[0]
	case len(args) > 1:
		return nil, misuse{fmt.Sprintf("one path is enough, got %s", strings.Join(args, " "))}
	}
	u, err := url.Parse(path)
	if err != nil {
		return nil, misuse{fmt.Sprintf("%q is no address", path)}
	}
	r, err := http.NewRequest(method, c.AppURL.Scheme+"://"+c.AppURL.Host+u.RequestURI(), nil)
	if err != nil {
		return nil, misuse{fmt.Sprintf("%q is no address", path)}
	}
	for _, h := range append(given, header...) {
		name, value, _ := strings.Cut(h, ":")
		r.Header.Set(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	return r, nil
}

// curlLine is what matters here of a curl command.
type curlLine struct {
	address, method string
	header          headers
}

// withValue are curl's options that take a value which says nothing here.
var withValue = []string{"-d", "--data", "--data-raw", "--data-binary", "-o", "--output", "--max-time", "-m", "--connect-timeout", "-x", "--proxy"}

func parseCurl(text string) (curlLine, error) {
	words, err := shellWords(text)
	if err != nil {
		return curlLine{}, err
	}
	line := curlLine{method: http.MethodGet}
	next := func() string {
		if len(words) == 0 {
			return ""
		}
		w := words[0]
		words = words[1:]
		return w
	}
	for len(words) > 0 {
		switch w := next(); {
		case w == "curl", w == "":
		case w == "-H" || w == "--header":
			line.header = append(line.header, next())
		case w == "-b" || w == "--cookie":
			line.header = append(line.header, "Cookie: "+next())
		case w == "-A" || w == "--user-agent":
			line.header = append(line.header, "User-Agent: "+next())
		case w == "-e" || w == "--referer":
			line.header = append(line.header, "Referer: "+next())
		case w == "-X" || w == "--request":
			line.method = next()
		case slices.Contains(withValue, w):
			_ = next() // of no weight for the silent check
		case !strings.HasPrefix(w, "-"):
			line.address = w
		}
	}
	if line.address == "" {
		return line, misuse{"the curl line names no address"}
	}
	return line, nil
}

// shellWords splits a line as a shell does: quotes, backslashes and line ends
// that a backslash hides.
func shellWords(text string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	inWord, escaped := false, false
	for _, c := range text {
		switch {
		case escaped:
			if c != '\n' {
				word.WriteRune(c)
			}
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, inWord = true, true
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '\'' || c == '"':
			quote, inWord = c, true
		case c == ' ' || c == '\t' || c == '\n':
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(c)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, misuse{fmt.Sprintf("the curl line has a quote %c without an end", quote)}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
