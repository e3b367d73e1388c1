package journey

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Hop is one answer on the way to a page.
type Hop struct {
	Status int
	Where  string // "portal" or "campusone"
	Path   string // without the query
}

// Person is somebody with a browser that runs no script.
type Person struct {
	world  *World
	client *http.Client
	Header http.Header // sent with every request
	waits  bool        // opens a page again when it asks for that
	until  time.Time   // and loses patience then

	Hops   []Hop
	Status int
	URL    *url.URL
	Body   string
	Answer http.Header
	doc    *html.Node
}

// Person opens a new browser; one without cookies keeps none.
func (w *World) Person(keepsCookies bool) *Person {
	p := &Person{world: w, Header: http.Header{"Accept": {"text/html,application/xhtml+xml"}, "User-Agent": {"Mozilla/5.0 (Linux; Android 13) Chrome/130 Mobile"}}}
	p.client = &http.Client{Transport: w.network, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if keepsCookies {
		p.client.Jar, _ = cookiejar.New(nil) // fails never
	}
	return p
}

const mostHops = 12

// Visit opens an address of the portal as a navigation and follows redirects.
func (p *Person) Visit(address string) error {
	base, err := url.Parse(p.world.URL)
	if err != nil {
		return err
	}
	u, err := base.Parse(address)
	if err != nil {
		return err
	}
	return p.send(http.MethodGet, u, nil)
}

// Post sends a form to the portal, as a page of its own would.
func (p *Person) Post(path string, form url.Values) error {
	u, err := url.Parse(p.world.URL + path)
	if err != nil {
		return err
	}
	return p.send(http.MethodPost, u, form)
}

// send sends a request and follows redirects.
func (p *Person) send(method string, u *url.URL, form url.Values) error {
	p.Hops, p.until = nil, time.Now().Add(time.Minute)
	return p.follow(method, u, form)
}

func (p *Person) follow(method string, u *url.URL, form url.Values) error {
	for range mostHops {
		next, err := p.step(method, u, form)
		if err != nil {
			return err
		}
		if next == nil {
			return p.wait(u)
		}
		method, u, form = http.MethodGet, next, nil
	}
	return fmt.Errorf("more than %d redirects: %v", mostHops, p.Hops)
}

// wait obeys a page that asks to be opened again, a little faster than asked.
func (p *Person) wait(u *url.URL) error {
	_, target, asked := strings.Cut(p.Answer.Get("Refresh"), "; url=")
	if !p.waits || !asked {
		return nil
	}
	if time.Now().After(p.until) {
		return fmt.Errorf("%s still asks to be opened again after a minute: %s", u, p.Text())
	}
	time.Sleep(50 * time.Millisecond)
	next, err := u.Parse(target)
	if err != nil {
		return err
	}
	p.Hops = nil // a new beginning, of the page's own
	return p.follow(http.MethodGet, next, nil)
}

func (p *Person) step(method string, u *url.URL, form url.Values) (*url.URL, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header = p.Header.Clone()
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", u.Scheme+"://"+u.Host)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	p.Status, p.URL, p.Body, p.Answer = res.StatusCode, u, string(text), res.Header
	p.Hops = append(p.Hops, Hop{res.StatusCode, p.where(u), u.Path})
	p.doc, err = html.Parse(strings.NewReader(p.Body))
	if err != nil || res.StatusCode < 300 || res.StatusCode > 399 || res.Header.Get("Location") == "" {
		return nil, err
	}
	return u.Parse(res.Header.Get("Location"))
}

func (p *Person) where(u *url.URL) string {
	if u.Scheme+"://"+u.Host == p.world.URL {
		return "portal"
	}
	return "campusone"
}

// Click presses the button, or follows the link, with this text.
func (p *Person) Click(text string) error {
	for _, n := range cascadia.QueryAll(p.doc, cascadia.MustCompile("button, a[href]")) {
		if !strings.Contains(textOf(n), text) {
			continue
		}
		if n.Data == "a" {
			u, err := p.URL.Parse(attr(n, "href"))
			if err != nil {
				return err
			}
			return p.send(http.MethodGet, u, nil)
		}
		return p.submit(n)
	}
	return fmt.Errorf("nothing to press says %q on %s:\n%s", text, p.URL, p.Text())
}

func (p *Person) submit(button *html.Node) error {
	form := button.Parent
	for form != nil && form.Data != "form" {
		form = form.Parent
	}
	if form == nil {
		return fmt.Errorf("a button outside a form on %s", p.URL)
	}
	values := url.Values{}
	for _, in := range cascadia.QueryAll(form, cascadia.MustCompile("input[name]")) {
		values.Set(attr(in, "name"), attr(in, "value"))
	}
	for _, in := range cascadia.QueryAll(form, cascadia.MustCompile("select[name]")) {
		if o := cascadia.Query(in, cascadia.MustCompile("option[selected]")); o != nil {
			values.Set(attr(in, "name"), attr(o, "value"))
		}
	}
	if attr(button, "name") != "" {
		values.Set(attr(button, "name"), attr(button, "value"))
	}
	u, err := p.URL.Parse(attr(form, "action")) // an empty action is the page itself
	if err != nil {
		return err
	}
	if strings.EqualFold(attr(form, "method"), "post") {
		return p.send(http.MethodPost, u, values)
	}
	u.RawQuery = values.Encode()
	return p.send(http.MethodGet, u, nil)
}

// all finds what fits a selector on the page.
func (p *Person) all(selector string) []*html.Node {
	return cascadia.QueryAll(p.doc, cascadia.MustCompile(selector))
}

func (p *Person) reads(text string) bool { return strings.Contains(p.Text(), text) }

// Text is the page as it is read, white space folded.
func (p *Person) Text() string {
	if p.doc == nil {
		return ""
	}
	return textOf(p.doc)
}

// Cookie is the value of a cookie the browser holds for the portal.
func (p *Person) Cookie(name string) string {
	if p.client.Jar == nil {
		return ""
	}
	u, _ := url.Parse(p.world.URL)
	for _, c := range p.client.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// Meet gives the browser a cookie of Campus One.
func (p *Person) Meet(c *http.Cookie) {
	u, _ := url.Parse(p.world.Provider.URL())
	p.client.Jar.SetCookies(u, []*http.Cookie{c})
}

// DropCookie forgets one cookie of the portal, as its end of life would.
func (p *Person) DropCookie(name string) {
	u, _ := url.Parse(p.world.URL)
	p.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Path: "/", MaxAge: -1}})
}

func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data + " ")
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style"):
			return
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
