package timetable

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// day is a date as it was written.
type day struct {
	t       time.Time
	clock   string       // a time that stood behind it
	weekday time.Weekday // a weekday that stood before it; -1: none
	other   time.Time    // the date it is when the month stands first; zero: it cannot be
}

// twoWays says whether it could be meant as another date.
func (d day) twoWays() bool { return !d.other.IsZero() && !d.other.Equal(d.t) }

var (
	yearFirst  = regexp.MustCompile(`^(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})$`)
	numbers    = regexp.MustCompile(`^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})$`)
	dayMonth   = regexp.MustCompile(`^(\d{1,2})[-/. ]*([a-z]{3,9})[-/. ]*(\d{4}|\d{2})$`)
	monthDay   = regexp.MustCompile(`^([a-z]{3,9})[-/. ]*(\d{1,2})[-/. ]+(\d{4})$`)
	yearless   = regexp.MustCompile(`^(\d{1,2}[-/. ]*([a-z]{3,9}|\d{1,2})|[a-z]{3,9}[-/. ]*\d{1,2})$`)
	counted    = regexp.MustCompile(`^\d{5}([.,]\d+)?$`)
	ordinal    = regexp.MustCompile(`(\d)(st|nd|rd|th)\b`)
	withClock  = regexp.MustCompile(`^(.*\d{2})(?:[ t]+)(\d{1,2}[:.]\d{2})(?:[:.]\d{2})?z?$`)
	leadingDay = regexp.MustCompile(`^([a-z]{3,9})[., ]+(.*\d.*)$`)
)

// wrongDay says what is wrong with a date, and what to write.
type wrongDay string

func (w wrongDay) Error() string { return string(w) }

const writeDay = "Write it as 2026-09-14 or 14/09/2026."

// errAmerican is a date that can only be meant with the month first.
type errAmerican struct{ t time.Time }

func (e errAmerican) Error() string {
	return monthFirst + " Write " + e.t.Format("02/01/2006") + " or " + e.t.Format(time.DateOnly) + "."
}

// parseDay reads a date. Of two ways to read it the one with the day first
// counts.
func parseDay(text string) (day, error) {
	d := day{weekday: -1}
	s := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(text, ",", " ")), " "))
	if m := withClock.FindStringSubmatch(s); m != nil {
		if s = m[1]; strings.Trim(m[2], "0:.") != "" {
			d.clock = m[2]
		}
	}
	if m := leadingDay.FindStringSubmatch(s); m != nil {
		if w, ok := weekdayOf(m[1]); ok {
			d.weekday, s = w, m[2]
		}
	}
	s = strings.TrimSpace(ordinal.ReplaceAllString(s, "$1"))
	s = strings.ReplaceAll(s, " of ", " ")
	err := d.read(s)
	return d, err
}

func (d *day) read(s string) (err error) {
	switch {
	case counted.MatchString(s):
		return wrongDay("this is how Excel counts days. Select the column, choose Format cells, Date, and save the file again; or write it as 2026-09-14.")
	case yearless.MatchString(s):
		return wrongDay("the year is missing. " + writeDay)
	}
	if m := yearFirst.FindStringSubmatch(s); m != nil {
		d.t, err = dateOf(m[1], m[2], m[3])
		return err
	}
	if m := numbers.FindStringSubmatch(s); m != nil {
		return d.readNumbers(m[1], m[2], m[3])
	}
	m := dayMonth.FindStringSubmatch(s)
	if m == nil {
		if m = monthDay.FindStringSubmatch(s); m != nil {
			m[1], m[2] = m[2], m[1]
		}
	}
	if m == nil || monthOf(m[2]) == 0 {
		return wrongDay("this is not a date. " + writeDay)
	}
	d.t, err = dateOf(m[3], strconv.Itoa(int(monthOf(m[2]))), m[1])
	return err
}

// readNumbers reads three numbers, the year last.
func (d *day) readNumbers(first, second, year string) error {
	t, err := dateOf(year, second, first)
	swapped, wrong := dateOf(year, first, second)
	switch {
	case err != nil && wrong == nil:
		return errAmerican{swapped}
	case err != nil:
		return err
	case wrong == nil:
		d.other = swapped
	}
	d.t = t
	return nil
}

// dateOf is a date that exists.
func dateOf(year, month, of string) (time.Time, error) {
	y, _ := strconv.Atoi(year) // the patterns let digits through alone
	m, _ := strconv.Atoi(month)
	n, _ := strconv.Atoi(of)
	if len(year) == 2 {
		y += 2000
	}
	t := time.Date(y, time.Month(m), n, 0, 0, 0, 0, time.UTC)
	if t.Day() != n || int(t.Month()) != m {
		return time.Time{}, wrongDay("there is no such day. " + writeDay)
	}
	if y < 2000 || y > 2099 {
		return time.Time{}, wrongDay(fmt.Sprintf("the year %d cannot be meant. %s", y, writeDay))
	}
	return t, nil
}

// monthOf is a month by its name or the beginning of it; 0 when it is none.
func monthOf(name string) time.Month {
	for m := time.January; m <= time.December; m++ {
		if len(name) >= 3 && strings.HasPrefix(strings.ToLower(m.String()), name) || name == "sept" && m == time.September {
			return m
		}
	}
	return 0
}

// weekdayOf is a weekday by its name or the beginning of it.
func weekdayOf(name string) (time.Weekday, bool) {
	name = strings.ToLower(strings.Trim(name, ". "))
	for d := time.Sunday; d <= time.Saturday; d++ {
		if full := strings.ToLower(d.String()); len(name) >= 3 && strings.HasPrefix(full+"s", name) {
			return d, true
		}
	}
	return 0, false
}

// severalDays says whether a cell names more than one weekday.
func severalDays(text string) bool {
	n := 0
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if _, ok := weekdayOf(word); ok {
			n++
		}
	}
	return n > 1
}
