package auth

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Reason is the fixed name of why a silent check did or did not start. It is
// what is counted, logged and explained.
type Reason string

// The reasons. ReasonCheck means the check starts; every other one means the
// page is served as it is.
const (
	ReasonCheck        Reason = "check"
	ReasonOff          Reason = "off"           // PORTICO_SILENT=off
	ReasonBot          Reason = "bot"           // crawlers and chat previewers
	ReasonPrefetch     Reason = "prefetch"      // the browser looks ahead
	ReasonNotDocument  Reason = "not_document"  // not a page shown to a person
	ReasonSignedOut    Reason = "signed_out"    // signed out here by hand
	ReasonShared       Reason = "shared"        // a shared computer
	ReasonProviderDown Reason = "provider_down" // Campus One does not answer
	ReasonUnanswered   Reason = "unanswered"    // few come back from Campus One to this network
	ReasonNoCookies    Reason = "no_cookies"    // this browser keeps none
	ReasonAttemptOpen  Reason = "attempt_open"  // this page's attempt has not come back
	ReasonAnonymous    Reason = "anonymous"     // c1_anon
	ReasonBudget       Reason = "budget"        // anonymous three times in a row
	ReasonLoop         Reason = "loop"          // too many departures or redirects
)

// bots are parts of User-Agent values, in lower case, of programs that read a
// page for somebody: they get it at once.
var bots = []string{
	"bot", "crawler", "spider", "whatsapp", "facebookexternalhit", "telegram", "slack", "twitter", "linkedin",
	"discord", "skypeuripreview", "embedly", "pinterest", "preview", "bingpreview", "curl/", "wget/",
	"go-http-client", "python-requests", "lighthouse", "pagespeed", "uptime", "monitor", "archive.org", "ia_archiver",
}

// IsDocument reports whether the request is a document navigation: a GET by
// which a person's browser shows a page (Fetch Metadata: mode navigate,
// destination document; no prefetch or prerender).
func IsDocument(r *http.Request) bool {
	return documentReason(r) == ""
}

func documentReason(r *http.Request) Reason {
	h := r.Header
	if r.Method != http.MethodGet || !strings.Contains(h.Get("Accept"), "text/html") {
		return ReasonNotDocument
	}
	if h.Get("Sec-Purpose") != "" || h.Get("Purpose") != "" || h.Get("X-Moz") != "" {
		return ReasonPrefetch
	}
	if m := h.Get("Sec-Fetch-Mode"); m != "" && m != "navigate" {
		return ReasonNotDocument
	}
	if d := h.Get("Sec-Fetch-Dest"); d != "" && d != "document" {
		return ReasonNotDocument
	}
	return ""
}

func isBot(userAgent string) bool {
	ua := strings.ReplaceAll(strings.ToLower(userAgent), "cubot", "") // a make of phones
	return slices.ContainsFunc(bots, func(b string) bool { return strings.Contains(ua, b) })
}

// ShouldCheck decides whether a public page first asks Campus One, without
// any sign to the person, who this is. The order is fixed: what can never be
// asked comes first, then what the browser remembers. Only the last two
// reasons yield to a person who arrives from Campus One itself.
func (f *Flow) ShouldCheck(r *http.Request, v *Visitor, next string) Reason {
	if reason := f.obstacle(r, v, next); reason != "" {
		return reason
	}
	switch {
	case f.arrivesFromProvider(r, v):
		return ReasonCheck
	case v.Anonymous:
		return ReasonAnonymous
	case v.attempts.notBefore > f.now().Unix():
		return ReasonBudget
	}
	return ReasonCheck
}

// obstacle is a reason for which nobody is sent to Campus One unasked,
// whether or not they are signed in here; "" when there is none.
func (f *Flow) obstacle(r *http.Request, v *Visitor, next string) Reason {
	if reason := documentReason(r); reason != "" {
		return reason
	}
	switch {
	case !f.cfg.Silent:
		return ReasonOff
	case isBot(r.UserAgent()):
		return ReasonBot
	case v.SignedOut:
		return ReasonSignedOut
	case v.Shared:
		return ReasonShared
	case f.provider.Away():
		return ReasonProviderDown
	case f.returns.paused(shortNetwork(r.RemoteAddr)):
		return ReasonUnanswered
	case v.skipCheck, r.Header.Get("Sec-Fetch-Site") == "same-origin" && !v.keeps:
		return ReasonNoCookies
	case f.attemptOpen(v, next):
		return ReasonAttemptOpen
	}
	return ""
}

// attemptOpen: this very page's silent attempt left lately and never came
// back, so the person pressed Back or Reload, or the provider kept them.
func (f *Flow) attemptOpen(v *Visitor, next string) bool {
	if len(v.attempts.pages) == 0 { // most visitors
		return false
	}
	p := v.attempts.find(ReturnPath(next, f.isPage))
	return p != nil && p.silent && p.open && f.now().Unix()-p.left < int64(attemptOpenFor.Seconds())
}

// arrivesFromProvider: the page was opened from Campus One. Redirects keep
// the Referer, hence the least time between two such checks.
func (f *Flow) arrivesFromProvider(r *http.Request, v *Visitor) bool {
	from := r.Referer()
	if from == "" {
		return false
	}
	ref, err := url.Parse(from)
	if err != nil || ref.Host == "" {
		return false
	}
	origin := ref.Scheme + "://" + ref.Host
	if origin == f.cfg.Origin || !slices.Contains(f.cfg.ProviderOrigins, origin) {
		return false
	}
	return f.now().Sub(v.attempts.lastLeft()) >= fromProvider
}
