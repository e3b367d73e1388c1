// Weigh opens one picture as the portal does with what staff upload, and says
// the most memory that it took: `go run ./cmd/internal/weigh FILE`. It is a
// program of its own because only a process knows its peak.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"portico/cmd/internal/process"
	"portico/handlers/intake"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "weigh:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("say which picture: weigh FILE")
	}
	file, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	before, began := peak(), time.Now()
	t, err := intake.Read(context.Background(), intake.NewTurn(), args[0], file)
	if err != nil {
		return err
	}
	fmt.Printf("peak_kb=%d before_kb=%d took_ms=%d file_kb=%d sizes=%v type=%s\n", peak(), before, time.Since(began).Milliseconds(), len(file)>>10, t.Sizes, t.Type)
	return nil
}

// peak is the most memory that this process had so far, in kB, as Linux counts
// it; 0 elsewhere.
func peak() int64 {
	mb, err := process.Memory(os.Getpid(), "VmHWM")
	if err != nil {
		return 0
	}
	return int64(mb * 1024)
}
