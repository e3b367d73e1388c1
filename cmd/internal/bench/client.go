package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"portico/auth/campusone"
)

// viewsOrder asks for pages again and again.
type viewsOrder struct {
	Address     string
	Requests    []string // as they go over the wire
	Connections int
	For         time.Duration
	Once        bool // each request once, however long it takes
	Bytes       int  // of the body, when it is not compressed
}

// viewsResult is what came of it.
type viewsResult struct {
	Answers int
	Took    time.Duration
}

// views keeps all connections busy for a while and counts the answers. One
// answer that is not 200 spoils the measurement.
func views(o viewsOrder) (viewsResult, error) {
	requests := make([][]byte, len(o.Requests))
	for i, r := range o.Requests {
		requests[i] = []byte(r)
	}
	var next, answers atomic.Int64
	began := time.Now()
	err := together(o.Connections, func(int) error {
		c, err := dial(o.Address)
		if err != nil {
			return err
		}
		defer c.Close()
		for o.Once || time.Since(began) < o.For {
			i := int(next.Add(1)) - 1
			if o.Once && i >= len(requests) {
				break
			}
			n, err := c.ask(requests[i%len(requests)])
			if err != nil {
				return err
			}
			if o.Bytes > 0 && n != o.Bytes {
				return fmt.Errorf("an answer of %d bytes, want %d", n, o.Bytes)
			}
			answers.Add(1)
		}
		return nil
	})
	return viewsResult{int(answers.Load()), time.Since(began)}, err
}

// together runs work on several goroutines and joins their errors.
func together(n int, work func(int) error) error {
	var wg sync.WaitGroup
	failed := make([]error, n)
	for i := range n {
		wg.Go(func() { failed[i] = work(i) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

// connection is HTTP/1.1 without the client's own cost.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (*connection, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReaderSize(c, 64<<10)}, nil
}

// ask sends a request and returns how long the body of a good answer is.
func (c *connection) ask(request []byte) (int, error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	length, chunked, err := c.head()
	if err != nil {
		return 0, err
	}
	if !chunked {
		return c.in.Discard(length)
	}
	total := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		n, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 31)
		if err != nil {
			return 0, err
		}
		if _, err := c.in.Discard(int(n) + 2); err != nil || n == 0 {
			return total, err
		}
		total += int(n)
	}
}

var (
	ok200     = []byte("HTTP/1.1 200")
	lengthKey = []byte("Content-Length: ")
	chunkKey  = []byte("Transfer-Encoding: chunked")
)

func (c *connection) head() (length int, chunked bool, err error) {
	first := true
	for {
		line, err := c.in.ReadSlice('\n')
		switch {
		case err != nil:
			return 0, false, err
		case first && !bytes.HasPrefix(line, ok200):
			return 0, false, fmt.Errorf("the answer was %s", bytes.TrimSpace(line))
		case bytes.HasPrefix(line, lengthKey):
			for _, digit := range bytes.TrimSpace(line[len(lengthKey):]) {
				length = 10*length + int(digit-'0')
			}
		case bytes.HasPrefix(line, chunkKey):
			chunked = true
		case len(line) == 2:
			return length, chunked, nil
		}
		first = false
	}
}

// hooksOrder sends signed webhooks at a steady pace.
type hooksOrder struct {
	Address, Host, Secret, Mark string // Mark makes the ids of this order its own
	PerSecond, Count            int
}

// hooksResult says how long the answers took, and how many there were.
type hooksResult struct {
	Good          int
	Half, P99     time.Duration
	SendersBehind time.Duration // the latest that a delivery left after its time
}

const hookSenders = 64

// hooks sends each delivery at its time, however long the earlier ones take.
func hooks(o hooksOrder) (hooksResult, error) {
	requests := make([][]byte, o.Count)
	for i := range requests {
		requests[i] = o.request(i)
	}
	took := make([]time.Duration, o.Count)
	behind := make([]time.Duration, o.Count)
	var next atomic.Int64
	began := time.Now()
	err := together(hookSenders, func(int) error {
		c, err := dial(o.Address)
		if err != nil {
			return err
		}
		defer c.Close()
		for i := int(next.Add(1)) - 1; i < o.Count; i = int(next.Add(1)) - 1 {
			due := began.Add(time.Duration(i) * time.Second / time.Duration(o.PerSecond))
			time.Sleep(time.Until(due))
			left := time.Now()
			behind[i] = left.Sub(due)
			if _, err := c.ask(requests[i]); err != nil {
				return err
			}
			took[i] = time.Since(left)
		}
		return nil
	})
	if err != nil {
		return hooksResult{}, err
	}
	slices.Sort(took)
	return hooksResult{len(took), took[len(took)/2], took[len(took)*99/100], slices.Max(behind)}, nil
}

// request is one delivery about one of a thousand people.
func (o hooksOrder) request(i int) []byte {
	body := fmt.Sprintf(`{"id":"%s-%06d","event":"user.role_changed","occurredAt":%q,"data":{"user_id":"person%03d","email":"person%03d@nile.example","previous_role":"student","new_role":"role%d"}}`,
		o.Mark, i, time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), i%1000, i%1000, i)
	req, err := http.NewRequest(http.MethodPost, "http://"+o.Host+"/webhooks/campus-one", bytes.NewReader([]byte(body)))
	if err != nil {
		panic(err) // the address was used before
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Campus-One-Signature", campusone.Sign([]byte(body), campusone.Secret(o.Secret)))
	return wire(req)
}

// wire is a request as it goes over the network.
func wire(req *http.Request) []byte {
	var b bytes.Buffer
	if err := req.Write(&b); err != nil {
		panic(err) // a buffer takes all
	}
	return b.Bytes()
}
