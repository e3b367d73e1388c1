package views

import (
	"fmt"
	"strconv"
	"strings"
)

// The chart's own units: one step per bar, high enough for smooth heights.
const (
	chartBar  = 16
	chartGap  = 8
	chartStep = chartBar + chartGap
	chartHigh = 160
)

// Chart is a row of bars over time, of one or two parts that stand on each
// other. It sees rounded figures only.
type Chart struct {
	ID      string
	Caption string // what is drawn
	Parts   []string
	Bars    []ChartBar
	Table   string // which table has the same figures: "the table below"
}

// ChartBar is one bar: the first part stands on the floor.
type ChartBar struct {
	Label  string // of the time it stands for: "Mon 23 Nov"
	Short  string // under the chart: "23 Nov"
	Values [2]int
	Texts  [2]string
}

func (c Chart) top() int {
	most := 0
	for _, b := range c.Bars {
		most = max(most, b.Values[0]+b.Values[1])
	}
	return roundTop(most)
}

func (c Chart) topLabel() string { return thousands(c.top()) }

func (c Chart) width() int { return len(c.Bars) * chartStep }

func (c Chart) viewBox() string { return fmt.Sprintf("0 0 %d %d", c.width(), chartHigh) }

func (c Chart) grid() string {
	return fmt.Sprintf("M0 0H%dM0 %dH%d", c.width(), chartHigh/2, c.width())
}

func (c Chart) floor() string { return fmt.Sprintf("M0 %dH%d", chartHigh, c.width()) }

// bars draws one part of all bars: the lower one, or what stands on it.
func (c Chart) bars(part int) string {
	var d strings.Builder
	top := c.top()
	for i, b := range c.Bars {
		from, to := 0, b.Values[0]*chartHigh/top
		if part == 1 {
			from, to = to, (b.Values[0]+b.Values[1])*chartHigh/top
		}
		if to > from {
			fmt.Fprintf(&d, "M%d %dv-%dh%dv%dz", i*chartStep+chartGap/2, chartHigh-from, to-from, chartBar, to-from)
		}
	}
	return d.String()
}

// summary says in words what the drawing shows; the table says the rest.
func (c Chart) summary() string {
	most := c.Bars[0]
	for _, b := range c.Bars {
		if b.Values[0]+b.Values[1] > most.Values[0]+most.Values[1] {
			most = b
		}
	}
	words := make([]string, len(c.Parts))
	for i, part := range c.Parts {
		words[i] = most.Texts[i] + " " + strings.ToLower(part)
	}
	return fmt.Sprintf("%d bars, from %s to %s. The highest is %s: %s. %s has every figure.",
		len(c.Bars), c.Bars[0].Label, c.Bars[len(c.Bars)-1].Label, most.Label, strings.Join(words, ", "), capital(c.Table))
}

// ends are the labels under the chart: first, middle and last.
func (c Chart) ends() []string {
	last := len(c.Bars) - 1
	switch {
	case last == 0:
		return []string{c.Bars[0].Short}
	case last < 4:
		return []string{c.Bars[0].Short, c.Bars[last].Short}
	}
	return []string{c.Bars[0].Short, c.Bars[last/2].Short, c.Bars[last].Short}
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

// percent writes a share as an SVG length.
func percent(n int) string { return strconv.Itoa(n) + "%" }

// thousands writes 12480 as 12,480.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
