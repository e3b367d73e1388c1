//go:build linux || darwin || freebsd

package portal

import "syscall"

// diskFree is the share of a disk that is left, as the portal's own user may
// use it.
func diskFree(dir string) (share float64, known bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil || s.Blocks == 0 {
		return 0, false
	}
	return float64(s.Bavail) / float64(s.Blocks), true
}
