package crash

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"portico/auth/campusone/campusonetest"
)

const (
	heardOf   = 16 // people known by webhooks alone
	batchSize = 40
)

// delivery is one webhook as the sender knows it.
type delivery struct {
	key, sub, event string
	at              time.Time         // when it occurred
	facts           map[string]string // what it sets
	ends, deletes   bool
	forged          bool
	body            []byte
	signature       string
	acked           time.Time // its first 200
}

// person is somebody of whom only webhooks tell.
type person struct {
	sub   string
	clock time.Time // of the latest event
	dying *delivery // sent, and nothing later is until it is acknowledged
}

// author writes what happens at Campus One and remembers all of it.
type author struct {
	secret string

	mu      sync.Mutex
	chance  *rand.Rand
	n       int
	people  []*person
	all     []*delivery
	queue   []*delivery // to be sent next
	late    []*delivery // kept back for a while
	onWay   int         // sent, no answer yet
	closing bool        // nothing new is written any more
}

func newAuthor(secret string, seed uint64) *author {
	a := &author{secret: secret, chance: rand.New(rand.NewPCG(seed, 1))}
	for i := range heardOf {
		a.people = append(a.people, &person{sub: fmt.Sprintf("heard%02d", i), clock: time.Now().Add(-20 * time.Hour).Truncate(time.Second)})
	}
	return a
}

// next is the delivery to send now; nil when there is none.
func (a *author) next() *delivery {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == 0 {
		a.write()
	}
	if len(a.queue) == 0 {
		return nil
	}
	d := a.queue[0]
	a.queue = a.queue[1:]
	a.onWay++
	return d
}

// answered notes the answer to a delivery: when none came, it is sent again.
func (a *author) answered(d *delivery, good bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.onWay--
	switch {
	case !good:
		a.queue = append(a.queue, d)
	case d.acked.IsZero():
		d.acked = time.Now()
	}
}

// finish stops the writing: only what was written before is sent.
func (a *author) finish() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closing = true
	a.queue, a.late = append(a.queue, a.late...), nil
}

// finished says whether everything was acknowledged.
func (a *author) finished() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closing && len(a.queue) == 0 && a.onWay == 0
}

// write fills the queue: new events, doubles of old ones and what was kept
// back, in any order.
func (a *author) write() {
	if a.closing {
		return
	}
	var batch []*delivery
	for range batchSize {
		switch p := a.people[a.chance.IntN(len(a.people))]; {
		case a.chance.IntN(10) == 0 && len(a.all) > 0:
			batch = append(batch, a.all[a.chance.IntN(len(a.all))])
		case p.free():
			batch = append(batch, a.happens(p))
		}
	}
	if a.chance.IntN(3) == 0 {
		batch, a.late = append(batch, a.late...), nil
	}
	a.chance.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
	keep := len(batch) / 20
	a.late = append(a.late, batch[:keep]...)
	a.queue = append(a.queue, batch[keep:]...)
}

// free says whether more may happen to a person: after a deletion only once
// Campus One is told that it was heard.
func (p *person) free() bool {
	if p.dying != nil && p.dying.acked.IsZero() {
		return false
	}
	p.dying = nil
	return true
}

// happens lets one thing happen to a person.
func (a *author) happens(p *person) *delivery {
	p.clock = p.clock.Add(time.Second)
	a.n++
	d := &delivery{sub: p.sub, at: p.clock}
	switch kind := a.chance.IntN(20); {
	case kind == 0 && a.chance.IntN(4) == 0:
		d.event, d.deletes = "user.deleted", true
		p.dying = d
	case kind == 1:
		d.event, d.ends = "session.signed_out", true
	case kind == 2:
		d.event, d.ends = "user.disconnected", true
	case kind == 3:
		d.event = "moon.rose"
	case kind == 4:
		d.event, d.forged, d.facts = "user.role_changed", true, map[string]string{"role": "forged"}
	case kind <= 5:
		d.event, d.facts = "user.created", a.profile(7)
	case kind <= 10:
		d.event, d.facts = "user.updated", a.profile(1+a.chance.IntN(6))
	default:
		d.event, d.facts = "user.role_changed", map[string]string{"role": fmt.Sprintf("role%d", a.n)}
	}
	a.seal(d)
	return d
}

// profile makes values for some fields, met once only but for the level, which
// is a small number.
func (a *author) profile(fields int) map[string]string {
	values := [][2]string{
		{"name", fmt.Sprintf("Name %d", a.n)}, {"email", fmt.Sprintf("p%d@nile.example", a.n)}, {"role", fmt.Sprintf("role%d", a.n)},
		{"student_id", fmt.Sprintf("%09d", a.n)}, {"level", fmt.Sprint(1 + a.n%2000)}, {"faculty_id", fmt.Sprintf("fac%d", a.n)}, {"department_id", fmt.Sprintf("dep%d", a.n)},
	}
	facts := map[string]string{}
	for _, i := range a.chance.Perm(len(values))[:fields] {
		facts[values[i][0]] = values[i][1]
	}
	return facts
}

// about lets something happen now to a person who signs in, and sends it next.
func (a *author) about(sub, event string, at time.Time) *delivery {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := &delivery{sub: sub, event: event, at: at.Truncate(time.Millisecond), ends: event == "session.signed_out", deletes: event == "user.deleted"}
	a.n++
	a.seal(d)
	a.queue = append([]*delivery{d}, a.queue...)
	return d
}

// seal writes the envelope, signs it and remembers the delivery.
func (a *author) seal(d *delivery) {
	data := map[string]any{"user_id": d.sub}
	for field, value := range d.facts {
		data[field] = value
	}
	d.key = fmt.Sprintf("delivery-%06d", a.n)
	envelope := map[string]any{"id": d.key, "event": d.event, "data": data, "occurredAt": d.at.UTC().Format("2006-01-02T15:04:05.000Z")}
	switch d.event {
	case "user.role_changed":
		data["new_role"] = d.facts["role"]
	case "user.disconnected":
		envelope = map[string]any{"event": d.event, "data": map[string]any{"userId": d.sub}, "timestamp": d.at.UTC().Format(time.RFC3339)}
	}
	d.body, _ = json.Marshal(envelope) // maps of strings always fit
	if d.event == "user.disconnected" {
		sum := sha256.Sum256(d.body)
		d.key = hex.EncodeToString(sum[:])
	}
	secret := a.secret
	if d.forged {
		secret += "?"
	}
	d.signature = campusonetest.Sign(secret, d.body)
	a.all = append(a.all, d)
}
