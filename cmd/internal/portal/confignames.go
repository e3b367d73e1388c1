package portal

import (
	"maps"
	"slices"
	"strings"
)

// unknownNames reports names that look like ours and are not.
func (l *loader) unknownNames() {
	known := Names()
	for _, name := range slices.Sorted(maps.Keys(l.env)) {
		if ours(name) && !slices.Contains(known, name) {
			l.unknown(name, known, "")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.file)) {
		if slices.Contains(known, name) {
			continue
		}
		if near, apart := nearest(name, known); ours(name) || near != "" && apart <= 2 {
			l.unknown(name, known, " in "+l.filePath)
		}
	}
}

func (l *loader) unknown(name string, known []string, where string) {
	near, _ := nearest(name, known)
	l.problem(name, "is not a name the portal knows%s: did you mean %s? Else remove it", where, near)
}

// ours reports whether a name has one of our prefixes. PORTICO_TEST_ steers
// this project's own tests.
func ours(name string) bool {
	name = strings.ToUpper(name)
	return (strings.HasPrefix(name, "PORTICO_") && !strings.HasPrefix(name, "PORTICO_TEST_")) ||
		strings.HasPrefix(name, "CAMPUS_ONE_")
}

// Names lists every name the configuration knows, NAME_FILE included.
func Names() []string {
	var names []string
	for _, r := range rows() {
		names = append(names, r.name)
		if r.fromFile() {
			names = append(names, r.name+"_FILE")
		}
	}
	return names
}

// nearest finds the name with the fewest changes.
func nearest(name string, known []string) (best string, apart int) {
	name = strings.ToUpper(name)
	for _, k := range known {
		if d := distance(name, k); best == "" || d < apart {
			best, apart = k, d
		}
	}
	return best, apart
}

// distance counts the letters to insert, remove, change or swap to get from a
// to b (optimal string alignment).
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
