package auth

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

const (
	maxAttempts    = 8               // pages remembered
	attemptOpenFor = 5 * time.Minute // a silent attempt that never came back holds its page this long
	maxDepartures  = 2               // per page asked for
	maxRedirects   = 5               // of ours in a row
	maxUnanswered  = 12              // departures of one browser in a row from which nothing came back
	budgetAnswers  = 3               // anonymous answers in a row before a pause
	budgetPause    = 15 * time.Minute
	budgetSaveData = time.Hour
	fromProvider   = 30 * time.Second // least time between checks of people who arrive from Campus One
)

// attempts is the attempt record: what this browser tried lately, kept in one
// small sealed cookie so that nothing is written to the database before a
// sign-in succeeds.
//
// All tabs share it, so it cannot tell a page that leaves for the third time
// from the third tab of that page. A tab's own way is told by state, which
// counts its departures; the record counts for what comes without a state.
type attempts struct {
	pages      []attempt // oldest first
	path       string    // the newest attempt's return path in full
	anonymous  uint8     // anonymous answers in a row
	unanswered uint8     // departures since anything came back or was shown
	redirects  uint8     // of ours in a row, by the tab that came back last
	consent    bool      // the last answer was consent_required
	notBefore  int64     // Unix seconds; no silent check before
}

// attempt is one page's last departure to Campus One.
type attempt struct {
	page       uint32
	left       int64 // Unix seconds
	departures uint8
	silent     bool
	confirm    bool // silent, and to confirm a session that lives
	open       bool // left and not come back
}

// onTheWay: it may still come back; later than that nobody takes it.
func (p *attempt) onTheWay(now time.Time) bool {
	return p != nil && p.open && now.Unix()-p.left <= int64(transactionLife.Seconds())
}

// made is how often the page left; what left and can no longer come back is
// no part of any circle.
func (p *attempt) made(now time.Time) uint8 {
	if p == nil || p.open && !p.onTheWay(now) {
		return 0
	}
	return p.departures
}

// pageKey shortens a path with its query to the key under which the record
// keeps it. A collision only makes two pages share their bounds.
func pageKey(path string) uint32 {
	sum := sha256.Sum256([]byte(path))
	return binary.BigEndian.Uint32(sum[:4])
}

func (a *attempts) find(path string) *attempt { return a.at(pageKey(path)) }

func (a *attempts) at(page uint32) *attempt {
	for i := range a.pages {
		if a.pages[i].page == page {
			return &a.pages[i]
		}
	}
	return nil
}

// newest returns the latest open attempt that fits, or nil.
func (a *attempts) newest(fits func(attempt) bool) *attempt {
	for i := len(a.pages) - 1; i >= 0; i-- {
		if a.pages[i].open && fits(a.pages[i]) {
			return &a.pages[i]
		}
	}
	return nil
}

// depart records that a page's attempt leaves now, before it leaves.
func (a *attempts) depart(path string, p attempt) {
	p.page, p.open = pageKey(path), true
	a.put(p)
	a.path = path
	a.unanswered = min(a.unanswered+1, 250)
}

// returned records that an attempt of the page came back, of a tab that had
// left so many times and is redirected for the so manieth time now.
func (a *attempts) returned(page uint32, departures, redirects uint8, now time.Time) {
	a.unanswered, a.redirects = 0, redirects
	p := a.at(page)
	if p == nil {
		a.put(attempt{page: page, left: now.Unix(), departures: departures})
		return
	}
	p.open, p.departures = false, max(p.departures, departures)
}

// put makes an attempt the newest.
func (a *attempts) put(p attempt) {
	kept := make([]attempt, 0, maxAttempts)
	for _, other := range a.pages {
		if other.page != p.page {
			kept = append(kept, other)
		}
	}
	if len(kept) >= maxAttempts {
		kept = kept[len(kept)-maxAttempts+1:]
	}
	a.pages = append(kept, p)
}

// answeredAnonymous counts an anonymous answer; after three in a row the
// record asks for a pause.
func (a *attempts) answeredAnonymous(now time.Time, saveData bool) {
	a.anonymous = min(a.anonymous+1, 250)
	if a.anonymous < budgetAnswers {
		return
	}
	pause := budgetPause
	if saveData {
		pause = budgetSaveData
	}
	a.notBefore = now.Add(pause).Unix()
}

// served clears the loop counters once a page was shown; it reports whether
// anything changed.
func (a *attempts) served() bool {
	changed := a.unanswered > 0 || a.redirects > 0
	a.unanswered, a.redirects = 0, 0
	for i := range a.pages {
		if a.pages[i].departures > 0 {
			a.pages[i].departures, changed = 0, true
		}
	}
	return changed
}

// confirming: some tab's confirmation is still on its way.
func (a *attempts) confirming(now time.Time) bool {
	return a.newest(func(p attempt) bool { return p.confirm && p.onTheWay(now) }) != nil
}

// crowded: so many left within a minute, and nothing came back, that one more
// would be no tab of a person any more.
func (a *attempts) crowded(now time.Time) bool {
	return a.unanswered >= maxUnanswered && now.Sub(a.lastLeft()) < time.Minute
}

// lastLeft is when the newest attempt left; the zero time when none did.
func (a *attempts) lastLeft() time.Time {
	if len(a.pages) == 0 {
		return time.Time{}
	}
	return time.Unix(a.pages[len(a.pages)-1].left, 0)
}

const (
	flagSilent  = 1
	flagOpen    = 2
	flagConfirm = 4
	flagBits    = 3
	flagConsent = 1
)

func (a *attempts) encode() []byte {
	var flags byte
	if a.consent {
		flags |= flagConsent
	}
	b := []byte{1, flags, a.anonymous, a.unanswered, a.redirects, byte(len(a.pages))}
	b = binary.BigEndian.AppendUint32(b, uint32(a.notBefore))
	for _, p := range a.pages {
		b = binary.BigEndian.AppendUint32(b, p.page)
		b = binary.BigEndian.AppendUint32(b, uint32(p.left))
		var f byte
		if p.silent {
			f |= flagSilent
		}
		if p.open {
			f |= flagOpen
		}
		if p.confirm {
			f |= flagConfirm
		}
		b = append(b, min(p.departures, 31)<<flagBits|f)
	}
	return append(b, a.path...)
}

// decodeAttempts reads an opened record; anything of another shape is empty.
func decodeAttempts(b []byte) attempts {
	const head, each = 10, 9
	if len(b) < head || b[0] != 1 || int(b[5]) > maxAttempts || len(b) < head+each*int(b[5]) {
		return attempts{}
	}
	a := attempts{
		consent: b[1]&flagConsent != 0, anonymous: b[2], unanswered: b[3], redirects: b[4],
		notBefore: int64(binary.BigEndian.Uint32(b[6:])),
	}
	n := int(b[5])
	b = b[head:]
	for range n {
		a.pages = append(a.pages, attempt{
			page: binary.BigEndian.Uint32(b), left: int64(binary.BigEndian.Uint32(b[4:])),
			departures: b[8] >> flagBits, silent: b[8]&flagSilent != 0, open: b[8]&flagOpen != 0, confirm: b[8]&flagConfirm != 0,
		})
		b = b[each:]
	}
	a.path = string(b)
	return a
}
