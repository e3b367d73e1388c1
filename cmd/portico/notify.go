package main

import (
	"context"
	"net"
	"strconv"
	"time"
)

// notifier tells systemd how the service does (Type=notify). Without systemd
// it does nothing.
type notifier struct {
	socket string
	every  time.Duration // 0: no watchdog
}

func newNotifier(getenv func(string) string) notifier {
	n := notifier{socket: getenv("NOTIFY_SOCKET")}
	if us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		n.every = time.Duration(us) * time.Microsecond / 3
	}
	return n
}

// ready reports that requests are answered, and keeps the watchdog content
// until ctx ends.
func (n notifier) ready(ctx context.Context) {
	n.send("READY=1")
	if n.socket != "" && n.every > 0 {
		go n.watchdog(ctx)
	}
}

func (n notifier) stopping() { n.send("STOPPING=1") }

func (n notifier) watchdog(ctx context.Context) {
	tick := time.NewTicker(n.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			n.send("WATCHDOG=1")
		}
	}
}

// send is best effort: a lost message makes systemd wait or restart us, which
// is what it is there for.
func (n notifier) send(state string) {
	if n.socket == "" {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: n.socket, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = conn.Write([]byte(state))
}
