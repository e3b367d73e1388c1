package timetable

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// clock is a time of the day in minutes.
type clock int

func (c clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// atNight says whether few would meet then: more likely 2:00 is meant as 14:00.
func (c clock) atNight() bool { return c < 6*60 }

var (
	clockForm = regexp.MustCompile(`^(\d{1,2})(?:[:.h ](\d{2}))?(?:[:.]\d{2})?\s*(am|pm|a|p)?(?:hrs|hours|hr|h)?$`)
	military  = regexp.MustCompile(`^(\d{2})(\d{2})\s*(?:hrs|hours|hr|h)?$`)
	fraction  = regexp.MustCompile(`^0?[.,]\d{3,}$`)
	between   = regexp.MustCompile(`\s*(?:-|–|—|−|\bto\b|\btill\b|\buntil\b)\s*`)
)

const writeClock = "Write it as 8:00, 14:30 or 2pm."

// wrongClock says what is wrong with a time, and what to write.
type wrongClock string

func (w wrongClock) Error() string { return string(w) }

// parseClock reads a time; half is what stands behind the end of a range,
// such as the pm of "2-4pm", for a time that says nothing itself.
func parseClock(text, half string) (clock, error) {
	s := strings.ToLower(strings.TrimSpace(text))
	s = strings.NewReplacer("a.m.", "am", "p.m.", "pm", "a.m", "am", "p.m", "pm", "o'clock", "", "o’clock", "").Replace(s)
	switch s = strings.TrimSpace(s); {
	case s == "noon", s == "12 noon", s == "12noon":
		return 12 * 60, nil
	case fraction.MatchString(s):
		return 0, wrongClock("this is how Excel counts hours. Select the column, choose Format cells, Time, and save the file again; or write it as 8:00.")
	}
	if m := military.FindStringSubmatch(s); m != nil {
		return clockOf(m[1], m[2], "")
	}
	m := clockForm.FindStringSubmatch(s)
	if m == nil {
		return 0, wrongClock("this is not a time. " + writeClock)
	}
	if m[3] == "" {
		m[3] = half
	}
	return clockOf(m[1], m[2], m[3])
}

func clockOf(hour, minute, half string) (clock, error) {
	h, _ := strconv.Atoi(hour) // the patterns let digits through alone
	n, _ := strconv.Atoi(minute)
	switch {
	case n > 59 || h > 24 || h == 24 && n > 0:
		return 0, wrongClock("there is no such time. " + writeClock)
	case half != "" && h > 12 && half[0] == 'a':
		return 0, wrongClock("this is not in the morning. " + writeClock)
	case half != "" && h <= 12:
		h %= 12
		if half[0] == 'p' {
			h += 12
		}
	case minute == "" && half == "" && h < 7:
		return 0, wrongClock(fmt.Sprintf("is that in the morning or in the afternoon? Write %d:00, %dam or %dpm.", h+12, h, h))
	}
	if h == 24 {
		return 0, wrongClock("midnight belongs to the next day. Write 23:59.")
	}
	return clock(h*60 + n), nil
}

// span is a range of one cell, "8:00-10:00" or "2-4pm".
func span(text string) (from, to string, is bool) {
	parts := between.Split(strings.ToLower(strings.TrimSpace(text)), -1)
	if len(parts) != 2 || parts[0] == "" || parts[1] == "" {
		return text, "", false
	}
	return parts[0], parts[1], true
}

// halfOf is the "am" or "pm" of a range's end that its beginning shares: in
// "2-4pm" both, in "11-1pm" the end alone.
func halfOf(from, to string) string {
	half := ""
	for _, h := range []string{"am", "pm", "a.m.", "p.m.", "a.m", "p.m"} {
		if strings.HasSuffix(strings.TrimSpace(to), h) {
			half = strings.ReplaceAll(h, ".", "")
		}
	}
	if half == "" {
		return ""
	}
	a, err := parseClock(from, half)
	b, wrong := parseClock(to, "")
	if err != nil || wrong != nil || a < b {
		return half
	}
	return map[string]string{"am": "pm", "pm": "am"}[half]
}
