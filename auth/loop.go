package auth

import (
	"net/http"
	"time"
)

// The loop guard. A tab leaves at most twice for a page, cookies on or off,
// whatever Campus One answers. Its own departures travel in state. Only what
// comes without a state of ours is judged by the attempt record, which all
// tabs share: a page asked for anew, or an answer whose state was lost.
//
// A third tab of a page looks to us just like a page that Campus One sends
// back to instead of the callback: the same request with the same cookies. So
// where two departures are still on their way, neither a third one leaves nor
// is the person told of circles. They get a page that is right in both cases:
// it opens again by itself until the other tab has signed in.

const (
	// LookAgainAfter is the seconds after which a page that waits for another
	// tab opens again.
	LookAgainAfter = 3

	lookAgainFor = time.Minute // and not for longer than this
)

// comesBack: it is a callback that sends on to Campus One, and no page.
func (d departure) comesBack() bool { return d.chain != nil || d.before > 0 }

// foreign: the state is another browser's, or a tab has made a new key since.
func (d departure) foreign(v *Visitor) bool {
	return d.chain != nil && d.chain.browser != browserHash(v.key)
}

// tally is how often a tab left for its page and was redirected in a row.
type tally struct{ departures, redirects uint8 }

func (f *Flow) tally(v *Visitor, d departure) tally {
	if d.chain != nil {
		return tally{d.chain.departures, d.chain.redirects}
	}
	n := tally{max(d.before, v.attempts.find(d.path).made(f.now())), v.attempts.redirects}
	if d.comesBack() {
		n.redirects++ // the departure whose state was lost
	}
	return n
}

// bounded returns what is answered instead of one departure too many; nil when
// there may be one.
func (f *Flow) bounded(v *Visitor, d departure, n tally) *Outcome {
	crowded := !d.comesBack() && v.attempts.crowded(f.now())
	if n.departures < maxDepartures && d.room(n) && !crowded {
		return nil
	}
	out := f.circle
	if f.elsewhere(v, d) {
		out = f.underWay
	}
	answer := out(v, d)
	return &answer
}

// room: the departure and the redirect that ends it fit into the row. A silent
// check is never made of a page to which we have only just redirected; besides
// being idle, it would follow answers that are ignored and leave no trace.
func (d departure) room(n tally) bool {
	if d.silent && !d.comesBack() {
		return n.redirects == 0
	}
	return n.redirects+2 < maxRedirects
}

// elsewhere: the bound is reached, but other tabs are still on their way.
func (f *Flow) elsewhere(v *Visitor, d departure) bool {
	p := v.attempts.find(d.path)
	switch {
	case d.chain != nil: // had no other tab left since, the key and the record would be this one's
		return d.foreign(v) || p.onTheWay(f.now()) && p.departures < d.chain.departures
	case d.before > 0:
		return false
	}
	return p.onTheWay(f.now()) || v.attempts.crowded(f.now())
}

// underWay answers a tab that has to wait for another one. A public page is
// shown meanwhile.
func (f *Flow) underWay(v *Visitor, d departure) Outcome {
	f.counts.Add("stop", "under_way")
	if d.silent {
		return Outcome{Status: http.StatusSeeOther, Location: f.withMarker(d.path, markerWaits), Reason: "under_way"}
	}
	out := Outcome{Page: PageUnderWay, Status: http.StatusUnauthorized, Next: d.path, Reason: "under_way"}
	p := v.attempts.find(d.path)
	if p == nil || f.now().Unix()-p.left < int64(lookAgainFor.Seconds()) {
		out.Refresh = LookAgainAfter
	}
	if p != nil && p.departures < maxDepartures { // its own are used up
		p.departures = maxDepartures
		out.Cookies = []*http.Cookie{f.attemptCookie(v.attempts)}
	}
	return out
}

// stillLooks: a page that opened itself again finds its own attempt open, which
// the record of another tab may say though it has come back. It goes on looking
// for a minute from that departure, or until Campus One has known nobody.
func (f *Flow) stillLooks(v *Visitor, next string) bool {
	p := v.attempts.find(ReturnPath(next, f.isPage))
	return v.looks && !v.Anonymous && p != nil && f.now().Unix()-p.left < int64(lookAgainFor.Seconds())
}

// LookAgainAt is the address at which a page looks again.
func (f *Flow) LookAgainAt(path string) string { return f.withMarker(path, markerLooks) }

// circle ends what goes round. The next view of a public page would run into
// the same, so silent checks rest.
func (f *Flow) circle(v *Visitor, d departure) Outcome {
	f.counts.Add("stop", string(ReasonLoop))
	v.attempts.notBefore = max(v.attempts.notBefore, f.now().Add(attemptOpenFor).Unix())
	v.stopped = d.silent
	return stop(PageLoop, d.path, f.forget(v))
}
