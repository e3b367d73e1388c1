package sheet_test

import (
	"testing"

	"portico/handlers/sheet"

	"pgregory.net/rapid"
)

var (
	rounded = sheet.Eye{}
	exact   = sheet.Eye{Exact: true}
)

func TestCounts(t *testing.T) {
	for n, want := range map[int]string{
		sheet.Unknown: "", 0: "0", 1: "under 5", 4: "under 5", 5: "5", 7: "5", 8: "10", 12: "10", 13: "15", 12478: "12480",
	} {
		if got := rounded.Count(n).Text; got != want {
			t.Errorf("%d is shown as %q, want %q", n, got, want)
		}
	}
	if got := exact.Count(3); got != (sheet.Figure{Text: "3", Value: 3}) {
		t.Errorf("whoever manages the portal sees %v for 3", got)
	}
}

// Of one to four people is not told whether any did something.
func TestFewPeopleAreNotCounted(t *testing.T) {
	for _, people := range []int{1, 4} {
		for n := range people + 1 {
			if got := rounded.Among(n, people).Text; got != "under 5" {
				t.Errorf("%d of %d is shown as %q", n, people, got)
			}
		}
	}
	if got := rounded.Among(0, sheet.Unknown).Text + rounded.Among(12, sheet.Unknown).Text + rounded.Among(12, 2).Text; got != "under 51010" {
		t.Errorf("of nobody knows how many it is %q", got)
	}
	if got := rounded.Among(0, 5).Text + exact.Among(0, 1).Text + rounded.Among(0, 0).Text; got != "000" {
		t.Errorf("nobody is shown as %q", got)
	}
}

// A count is told by what is written of it alone: no drawing and no order
// knows more.
func TestRoundedCountsAreWhatTheySay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.IntRange(0, 60).Draw(t, "a"), rapid.IntRange(0, 60).Draw(t, "b")
		x, y := rounded.Count(a), rounded.Count(b)
		if (x.Text == y.Text) != (x.Value == y.Value) {
			t.Fatalf("%d is %v and %d is %v", a, x, b, y)
		}
		if a < b && x.Value > y.Value {
			t.Fatalf("%d comes after %d", a, b)
		}
		if d := x.Value - a; a >= 5 && (d > 2 || d < -2) {
			t.Fatalf("%d is shown as %d", a, x.Value)
		}
	})
}

func TestShares(t *testing.T) {
	for _, c := range []struct {
		eye         sheet.Eye
		part, whole int
		want        string
	}{
		{exact, 0, 0, ""}, {exact, 1, 3, "33"}, {exact, 2, 3, "67"}, {exact, 1, 81, "1.2"}, {exact, 999, 10000, "10"}, {exact, 0, 9, "0"}, {exact, 9, 9, "100"}, {exact, 12, 9, "133"},
		{exact, 5, sheet.Unknown, ""},
		{rounded, 3, 4, ""},          // of fewer than five nothing is said
		{rounded, 0, 12, "0"},        //
		{rounded, 3, 12, "under 50"}, // a bound alone
		{rounded, 3, 1200, "under 1"},
		{rounded, 8, 12, "100"}, // 10 of 10
		{rounded, 13, 1200, "1.3"},
	} {
		if got := c.eye.Share(c.eye.Count(c.part), c.eye.Count(c.whole)).Text; got != c.want {
			t.Errorf("%d of %d is %q, want %q (exact: %v)", c.part, c.whole, got, c.want, c.eye.Exact)
		}
	}
}

// A share never tells more than the two rounded counts it is made of.
func TestSharesAreMadeOfRoundedCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.IntRange(0, 300).Draw(t, "whole")
		part := rapid.IntRange(0, whole).Draw(t, "part")
		s := rounded.Share(rounded.Count(part), rounded.Count(whole))
		if s.Value > 1000 {
			t.Fatalf("%d of %d is %v", part, whole, s)
		}
		if (s.Text == "") != (whole < 5) {
			t.Fatalf("%d of %d is %v", part, whole, s)
		}
	})
}
