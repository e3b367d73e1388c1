package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzhttp"

	"portico/db"
)

// sample is an answer of the portal, to be written again by the bare server.
type sample struct {
	Header http.Header
	Body   []byte
}

// bare is the server beside which the portal is measured. It says where it
// listens in the portal's own words.
func bare(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("bare", flag.ContinueOnError)
	samples := f.String("samples", "", "`FILE` of answers by path")
	database := f.String("database", "", "open this database first")
	log := f.String("log", "", "append webhooks to this `FILE`")
	secret := f.String("secret", "", "of the webhooks")
	if err := f.Parse(args); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	if *database != "" {
		d, err := db.Open(ctx, *database, db.Options{NoMigrate: true})
		if err != nil {
			return err
		}
		defer func() { _ = d.Close() }() // nothing was written
	}
	if *log != "" {
		g, err := newGroupLog(*log)
		if err != nil {
			return err
		}
		mux.Handle("POST /webhooks/campus-one", &bareHook{secret: []byte(*secret), log: g})
	}
	if err := servePages(mux, *samples); err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "{\"msg\":\"the portal is open\",\"listen\":%q}\n", l.Addr())
	return http.Serve(l, mux)
}

// servePages writes each sample as it is, behind the portal's compressor.
func servePages(mux *http.ServeMux, file string) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var samples map[string]sample
	if err := json.Unmarshal(text, &samples); err != nil {
		return err
	}
	for path, s := range samples {
		if path == "/" {
			path = "/{$}"
		}
		mux.Handle("GET "+path, gzhttp.GzipHandler(s))
	}
	return nil
}

// ServeHTTP writes the sample.
func (s sample) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	maps.Copy(h, s.Header)
	_, _ = w.Write(s.Body) // the reader went away
}

// bareHook checks the signature and waits until the body is on the disk.
type bareHook struct {
	secret []byte
	log    *groupLog
}

// ServeHTTP answers 200 when the body is stored.
func (b *bareHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		http.Error(w, "no body", http.StatusBadRequest)
		return
	}
	given, _ := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-Campus-One-Signature"), "sha256="))
	mac := hmac.New(sha256.New, b.secret)
	mac.Write(body)
	if !hmac.Equal(given, mac.Sum(nil)) {
		http.Error(w, "Invalid signature", http.StatusUnauthorized)
		return
	}
	if err := b.log.append(body); err != nil {
		http.Error(w, "not stored", http.StatusServiceUnavailable)
		return
	}
	_, _ = io.WriteString(w, "ok")
}

// groupLog appends to a file; one fsync serves all who wait.
type groupLog struct {
	file    *os.File
	mu      sync.Mutex
	waiting []byte
	round   *round
	wake    chan struct{}
}

// round is one write with its fsync.
type round struct {
	done chan struct{}
	err  error
}

func newGroupLog(path string) (*groupLog, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	g := &groupLog{file: file, round: &round{done: make(chan struct{})}, wake: make(chan struct{}, 1)}
	go g.run()
	return g, nil
}

func (g *groupLog) append(body []byte) error {
	g.mu.Lock()
	g.waiting = append(append(g.waiting, body...), '\n')
	r := g.round
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
	<-r.done
	return r.err
}

func (g *groupLog) run() {
	for range g.wake {
		g.mu.Lock()
		bytes, r := g.waiting, g.round
		g.waiting, g.round = nil, &round{done: make(chan struct{})}
		g.mu.Unlock()
		if _, r.err = g.file.Write(bytes); r.err == nil {
			r.err = g.file.Sync()
		}
		close(r.done)
	}
}
