//go:build unix

package db

import (
	"fmt"
	"io"
	"os"
	"syscall"
)

// Where SQLite locks a database file ("Database File Format", section 1.3.7,
// the lock-byte page). In WAL mode every open connection holds a shared lock here.
const (
	lockBytes   = 1 << 30
	lockedBytes = 512
)

// inUse asks whether another process has a database open. The answer does not
// depend on what is in the file, so a damaged one can be asked about too. It
// must not be asked about a database that this process has open.
func inUse(file string) (bool, error) {
	f, err := os.Open(file)
	if err != nil {
		return false, err
	}
	defer func() { _ = f.Close() }() // nothing was written
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: lockBytes, Len: lockedBytes}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
		return false, fmt.Errorf("asking who uses %s: %w", file, err)
	}
	return lock.Type != syscall.F_UNLCK, nil
}

// giveTo makes a file its owner's that another file belongs to, as far as one
// may: what root restores must be the portal's.
func giveTo(owner, file string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(owner)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return os.Chown(file, int(stat.Uid), int(stat.Gid))
}
