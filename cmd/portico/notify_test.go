package main

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"
)

// systemd's end of the socket, and an environment that names it.
func listenNotify(t *testing.T) (*net.UnixConn, map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() }) // the test is over
	return conn, map[string]string{"NOTIFY_SOCKET": path}
}

func heard(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 100)
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func TestNotify(t *testing.T) {
	conn, env := listenNotify(t)
	n := newNotifier(func(name string) string { return env[name] })
	n.ready(t.Context())
	n.stopping()
	if got := heard(t, conn) + " " + heard(t, conn); got != "READY=1 STOPPING=1" {
		t.Errorf("systemd heard %q", got)
	}
}

func TestWatchdog(t *testing.T) {
	conn, env := listenNotify(t)
	env["WATCHDOG_USEC"] = "30000"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	newNotifier(func(name string) string { return env[name] }).ready(ctx)
	if got := heard(t, conn) + " " + heard(t, conn) + " " + heard(t, conn); got != "READY=1 WATCHDOG=1 WATCHDOG=1" {
		t.Errorf("systemd heard %q", got)
	}
}

// Without systemd, and with a socket that is gone, serving goes on.
func TestNotifyNobody(t *testing.T) {
	for _, socket := range []string{"", filepath.Join(t.TempDir(), "gone")} {
		n := newNotifier(func(name string) string { return map[string]string{"NOTIFY_SOCKET": socket}[name] })
		n.ready(t.Context())
		n.stopping()
		if n.socket != socket || n.every != 0 {
			t.Errorf("got %+v", n)
		}
	}
}
