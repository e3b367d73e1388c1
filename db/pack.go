package db

import (
	"encoding/binary"
	"errors"
)

// packed is numbers and texts in a row of bytes, as roll-ups store them: what
// would be thousands of rows is read in one.
type packed struct {
	body   []byte
	broken bool              // something was read that is not there
	texts  map[string]string // read before, so that equal texts are one
}

var errPacked = errors.New("a roll-up cannot be read")

func (p *packed) number(n int) { p.body = binary.AppendUvarint(p.body, uint64(max(0, n))) }

func (p *packed) text(s string) {
	p.number(len(s))
	p.body = append(p.body, s...)
}

func (p *packed) nextNumber() int {
	n, read := binary.Uvarint(p.body)
	if read <= 0 {
		p.broken, p.body = true, nil
		return 0
	}
	p.body = p.body[read:]
	return int(n)
}

func (p *packed) nextText() string {
	n := p.nextNumber()
	if n < 0 || n > len(p.body) {
		p.broken, p.body = true, nil
		return ""
	}
	raw := p.body[:n]
	p.body = p.body[n:]
	if have, known := p.texts[string(raw)]; known {
		return have
	}
	s := string(raw)
	if p.texts != nil {
		p.texts[s] = s
	}
	return s
}

// err is errPacked when what was read was not whole.
func (p *packed) err() error {
	if p.broken {
		return errPacked
	}
	return nil
}
