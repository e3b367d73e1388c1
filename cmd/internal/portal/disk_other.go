//go:build !linux && !darwin && !freebsd

package portal

// diskFree is not known here.
func diskFree(string) (share float64, known bool) { return 0, false }
