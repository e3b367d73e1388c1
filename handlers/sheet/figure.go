package sheet

import "strconv"

// Eye is what a reader may see. The zero Eye sees rounded figures.
type Eye struct{ Exact bool }

// Figure is a number as a reader may see it: as it is written, and as it is
// drawn and put in order. Equal texts have equal values.
type Figure struct {
	Text  string
	Value int
}

// few is where a chart draws "under 5".
const few = 2

// Unknown is a count that was not made yet.
const Unknown = -1

// Count is how many, as the reader may see it; nothing, when that is Unknown.
func (e Eye) Count(n int) Figure {
	if n < 0 {
		return Figure{"", Unknown}
	}
	if e.Exact {
		return Figure{strconv.Itoa(n), n}
	}
	if n > 0 && n < 5 {
		return Figure{"under 5", few}
	}
	n = (n + 2) / 5 * 5
	return Figure{strconv.Itoa(n), n}
}

// Few says whether so many people are too few for the reader to be told what
// they do: who knows that a group is one person would read of that person.
func (e Eye) Few(people int) bool { return !e.Exact && people > 0 && people < 5 }

// Among is how many of so many people. Of few it is always "under 5", even
// when it is nobody; and where it is Unknown how many they are, they may be few.
func (e Eye) Among(n, people int) Figure {
	if n < 5 && (e.Few(people) || people == Unknown && !e.Exact) {
		return e.Count(1)
	}
	return e.Count(n)
}

// Share is a part of a whole in per cent, made of what the reader sees of
// both. Its value counts tenths of a per cent. Where nothing can be said it is
// empty, and comes before all others.
func (e Eye) Share(part, whole Figure) Figure {
	switch {
	case whole.Value <= 0 || !e.Exact && whole.Value < 5:
		return Figure{"", -1}
	case !e.Exact && part.Value > 0 && part.Value < 5:
		most := min(100, (500+whole.Value-1)/whole.Value)
		return Figure{"under " + strconv.Itoa(most), part.Value * 1000 / whole.Value}
	}
	tenths := (part.Value*2000 + whole.Value) / (whole.Value * 2)
	if tenths == 0 || tenths >= 100 {
		return Figure{strconv.Itoa((tenths + 5) / 10), tenths}
	}
	return Figure{strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10), tenths}
}
