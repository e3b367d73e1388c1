// Package process builds a program of this module and runs it as a process of
// its own, so that a test can kill it and a benchmark can weigh it.
package process

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// open is what the portal logs once it listens.
const open = "the portal is open"

// keptLines is how much of a process's log is kept for the moment it fails.
const keptLines = 40

// Build builds a package of this module into a folder and returns the
// program's path. Without flags of its own it shares what `go test` compiled.
func Build(ctx context.Context, folder, path string, flags ...string) (string, error) {
	program := filepath.Join(folder, filepath.Base(path))
	cmd := exec.CommandContext(ctx, "go", slices.Concat([]string{"build", "-o", program}, flags, []string{path})...)
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w: %s", path, err, said)
	}
	return program, nil
}

// Process is a program that runs.
type Process struct {
	cmd    *exec.Cmd
	ready  chan string   // the address, once
	exited chan struct{} // closed when the process is gone and its log is read
	err    error         // of its exit; read after exited

	mu   sync.Mutex
	tail []string
}

// Start runs a program with its own environment and reads its log, which must
// be JSON (PORTICO_LOG=json).
func Start(program string, env []string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(program, args...), ready: make(chan string, 1), exited: make(chan struct{})}
	p.cmd.Env = env
	log, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	go func() {
		defer close(p.exited)
		p.read(log)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// StartInto is Start with the log in a file and left unread, as a service
// manager would have it: reading it would take time from what is measured.
func StartInto(log *os.File, program string, env []string, args ...string) (*Process, error) {
	p := &Process{cmd: exec.Command(program, args...), exited: make(chan struct{})}
	p.cmd.Env, p.cmd.Stderr = env, log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	go func() {
		defer close(p.exited)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// read keeps the end of the log and looks for the line that tells the address.
func (p *Process) read(log io.Reader) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.keep(lines.Text())
		var line struct{ Msg, Listen string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == open {
			p.ready <- line.Listen
		}
	}
	if err := lines.Err(); err != nil {
		p.keep(err.Error())
		_, _ = io.Copy(io.Discard, log) // or the process would wait for its reader
	}
}

func (p *Process) keep(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tail = append(p.tail, line)
	if len(p.tail) > keptLines {
		p.tail = p.tail[1:]
	}
}

// Log is the end of what the process wrote.
func (p *Process) Log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.tail, "\n")
}

// Ready waits until the portal listens and returns its address.
func (p *Process) Ready(ctx context.Context) (string, error) {
	select {
	case address := <-p.ready:
		return address, nil
	case <-p.exited:
		return "", fmt.Errorf("the process ended before it was ready: %v\n%s", p.err, p.Log())
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for the process to be ready: %w\n%s", ctx.Err(), p.Log())
	}
}

// Pid is the process's number.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Exited is closed when the process is gone.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Kill ends the process as the kernel does when memory runs out: nothing of
// it runs any more. It returns when the process is gone.
func (p *Process) Kill() {
	_ = p.cmd.Process.Kill() // fails only when it is gone already
	<-p.exited
}

// Stop asks the process to end and waits for it.
func (p *Process) Stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("asking the process to stop: %w", err)
	}
	<-p.exited
	if p.err != nil {
		return errors.New("the process did not stop cleanly: " + p.err.Error() + "\n" + p.Log())
	}
	return nil
}
