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
	budgetAnswers  = 3               // anonymous answers in a row before a pause
	budgetPause    = 15 * time.Minute
	budgetSaveData = time.Hour
	fromProvider   = 30 * time.Second // least time between checks of people who arrive from Campus One
)

// attempts is the attempt record: what this browser tried lately, kept in one
// small sealed cookie so that nothing is written to the database before a
// sign-in succeeds.
type attempts struct {
	pages     []attempt // oldest first
	path      string    // the newest attempt's return path in full
	anonymous uint8     // anonymous answers in a row
	redirects uint8     // redirects of ours in a row
	consent   bool      // the last answer was consent_required
	notBefore int64     // Unix seconds; no silent check before
}

// attempt is one page's last departure to Campus One.
type attempt struct {
	page       uint32
	left       int64 // Unix seconds
	departures uint8
	silent     bool
	open       bool // left and not come back
}

// pageKey shortens a path with its query to the key under which the record
// keeps it. A collision only makes two pages share their bounds.
func pageKey(path string) uint32 {
	sum := sha256.Sum256([]byte(path))
	return binary.BigEndian.Uint32(sum[:4])
}

func (a *attempts) find(path string) *attempt {
	key := pageKey(path)
	for i := range a.pages {
		if a.pages[i].page == key {
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
func (a *attempts) depart(path string, silent bool, departures uint8, now time.Time) {
	key := pageKey(path)
	kept := make([]attempt, 0, maxAttempts)
	for _, p := range a.pages {
		if p.page != key {
			kept = append(kept, p)
		}
	}
	if len(kept) >= maxAttempts {
		kept = kept[len(kept)-maxAttempts+1:]
	}
	a.pages = append(kept, attempt{page: key, left: now.Unix(), departures: departures, silent: silent, open: true})
	a.path = path
	a.redirects++
}

// returned records that the page's attempt came back.
func (a *attempts) returned(path string) {
	if p := a.find(path); p != nil {
		p.open = false
	}
	a.redirects++
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
	changed := a.redirects > 0
	a.redirects = 0
	for i := range a.pages {
		if a.pages[i].departures > 0 {
			a.pages[i].departures, changed = 0, true
		}
	}
	return changed
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
	flagConsent = 1
)

func (a *attempts) encode() []byte {
	var flags byte
	if a.consent {
		flags |= flagConsent
	}
	b := []byte{1, flags, a.anonymous, a.redirects, byte(len(a.pages))}
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
		b = append(b, p.departures<<2|f)
	}
	return append(b, a.path...)
}

// decodeAttempts reads an opened record; anything of another shape is empty.
func decodeAttempts(b []byte) attempts {
	const head, each = 9, 9
	if len(b) < head || b[0] != 1 || int(b[4]) > maxAttempts || len(b) < head+each*int(b[4]) {
		return attempts{}
	}
	a := attempts{
		consent: b[1]&flagConsent != 0, anonymous: b[2], redirects: b[3],
		notBefore: int64(binary.BigEndian.Uint32(b[5:])),
	}
	n := int(b[4])
	b = b[head:]
	for range n {
		a.pages = append(a.pages, attempt{
			page: binary.BigEndian.Uint32(b), left: int64(binary.BigEndian.Uint32(b[4:])),
			departures: b[8] >> 2, silent: b[8]&flagSilent != 0, open: b[8]&flagOpen != 0,
		})
		b = b[each:]
	}
	a.path = string(b)
	return a
}
