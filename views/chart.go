package views

import (
	"fmt"
	"slices"
	"strconv"
)

// The chart's own units: one step per day, high enough for smooth heights.
const (
	chartBar  = 16
	chartGap  = 8
	chartStep = chartBar + chartGap
	chartHigh = 160
)

// chart is the geometry of the bars; it sees rounded figures only.
type chart struct {
	days []DayRow
	top  int // value at the top line
	bars []bar
}

// bar is one day: silent from the floor up, interactive above it.
type bar struct {
	x                                            int
	silentY, silentH, interactiveY, interactiveH int
	title                                        string
}

func newChart(days []DayRow) chart {
	c := chart{days: days, top: roundTop(highest(days))}
	for i, d := range days {
		silent, both := c.scale(d.Silent.Value), c.scale(d.Silent.Value+d.Interactive.Value)
		c.bars = append(c.bars, bar{
			x:       i*chartStep + chartGap/2,
			silentY: chartHigh - silent, silentH: silent,
			interactiveY: chartHigh - both, interactiveH: both - silent,
			title: fmt.Sprintf("%s: %s silent, %s interactive", weekday(d.Day), d.Silent.Text, d.Interactive.Text),
		})
	}
	return c
}

func (c chart) scale(v int) int { return v * chartHigh / c.top }

func (c chart) width() int { return len(c.days) * chartStep }

func (c chart) viewBox() string { return fmt.Sprintf("0 0 %d %d", c.width(), chartHigh) }

func (c chart) topLabel() string { return thousands(c.top) }

func (c chart) grid() string {
	return fmt.Sprintf("M0 0H%dM0 %dH%d", c.width(), chartHigh/2, c.width())
}

func (c chart) floor() string { return fmt.Sprintf("M0 %dH%d", chartHigh, c.width()) }

// summary says in one sentence what the drawing shows; the table says the rest.
func (c chart) summary() string {
	most := slices.MaxFunc(c.days, func(a, b DayRow) int { return a.both() - b.both() })
	return fmt.Sprintf("Bar chart of sign-ins per day from %s to %s. The most were on %s: %s silent, %s interactive. The table below has every day.",
		weekday(c.days[0].Day), weekday(c.days[len(c.days)-1].Day), weekday(most.Day), most.Silent.Text, most.Interactive.Text)
}

// ends are the dates under the chart: first, middle and last.
func (c chart) ends() []string {
	short := func(i int) string { return c.days[i].Day.Format("2 Jan") }
	last := len(c.days) - 1
	switch {
	case last == 0:
		return []string{short(0)}
	case last < 4:
		return []string{short(0), short(last)}
	}
	return []string{short(0), short(last / 2), short(last)}
}

func (d DayRow) both() int { return d.Silent.Value + d.Interactive.Value }

func highest(days []DayRow) int {
	most := 0
	for _, d := range days {
		most = max(most, d.both())
	}
	return most
}

// roundTop finds the next round number at or above n, so that at least two
// thirds of the height are used.
func roundTop(n int) int {
	for unit := 1; ; unit *= 10 {
		for _, step := range []int{10, 15, 20, 30, 40, 50, 60, 80} {
			if n <= step*unit {
				return step * unit
			}
		}
	}
}

func newestFirst(days []DayRow) []DayRow {
	rows := slices.Clone(days)
	slices.Reverse(rows)
	return rows
}

func mostPeople(roles []RoleRow) int {
	most := 0
	for _, r := range roles {
		most = max(most, r.People.Value)
	}
	return most
}

// percent writes a share as an SVG length.
func percent(n, of int) string {
	if of == 0 {
		return "0%"
	}
	return strconv.Itoa(n*100/of) + "%"
}

// num writes a length of the drawing.
func num(n int) string { return strconv.Itoa(n) }

// thousands writes 12480 as 12,480.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
