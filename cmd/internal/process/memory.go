package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory reads one of Linux's figures of a process in MB: VmRSS is what it
// holds, VmHWM the most it ever held (proc_pid_status(5)). It fails where the
// system does not tell.
func Memory(pid int, name string) (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("looking at the memory of process %d: %w", pid, err)
	}
	for row := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(row, name+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("the kernel does not tell %s of process %d", name, pid)
}
