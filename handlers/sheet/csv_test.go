package sheet_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"portico/handlers/sheet"

	"pgregory.net/rapid"
)

func written(t interface{ Fatal(...any) }, lines ...sheet.Line) string {
	var b bytes.Buffer
	out, err := sheet.NewCSV(&b, columns, func() error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lines {
		if err := out.Write(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCSVIsByteForByte(t *testing.T) {
	got := written(t, rounded.Line(columns, row("Head, \"of\"\ndepartment", 12480, 3)), rounded.Line(columns, row("Ọbí", 0, 0)))
	want := "\uFEFFRole,Met,Active,Active %\r\n\"Head, \"\"of\"\"\r\ndepartment\",12480,under 5,under 1\r\nỌbí,0,0,\r\n"
	if got != want {
		t.Errorf("the file is\n%q, want\n%q", got, want)
	}
}

// Spreadsheets run cells that begin with these.
func TestTextIsNoFormula(t *testing.T) {
	for _, begins := range []string{"=", "+", "-", "@", "\t", "\r"} {
		got := written(t, exact.Line(columns, row(begins+"1+1", 5, 5)))
		if !strings.Contains(got, "'"+begins[:1]) && begins != "\r" || !strings.Contains(got, "'") {
			t.Errorf("a name that begins with %q is written as %q", begins, got)
		}
	}
	if got := written(t, exact.Line(columns, row("a=b", 5, 5))); strings.Contains(got, "'") {
		t.Errorf("an innocent text got an apostrophe: %q", got)
	}
	number := sheet.Line{Cells: []sheet.Cell{{}, {Figure: sheet.Figure{Text: "-7"}}, {}, {}}}
	if got := written(t, number); !strings.Contains(got, ",-7,") {
		t.Errorf("a number got an apostrophe: %q", got)
	}
}

// Whatever is in a text, a reader of RFC 4180 gets it back, but for line ends.
func TestCSVIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(written(t, exact.Line(columns, row(name, 7, 3))), "\uFEFF")))
		all, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		want := name
		if strings.IndexAny(name, "=+-@\t\r") == 0 {
			want = "'" + name
		}
		ends := strings.NewReplacer("\r", "", "\n", "")
		if len(all) != 2 || ends.Replace(all[1][0]) != ends.Replace(want) || all[1][1] != "7" {
			t.Fatalf("read %q, want %q", all, want)
		}
	})
}

// Rows leave while more are still to come, and what cannot leave stops them.
func TestRowsLeaveAFewAtATime(t *testing.T) {
	const rows = 10_000
	sent, most, waiting := 0, 0, 0
	out, err := sheet.NewCSV(writer(func(b []byte) (int, error) { waiting += len(b); most = max(most, waiting); return len(b), nil }), columns, func() error { sent++; waiting = 0; return nil })
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		if err := out.Write(exact.Line(columns, row(strconv.Itoa(i), i, i))); err != nil {
			t.Fatal(err)
		}
	}
	if sent < rows/500 || most > 64<<10 {
		t.Errorf("%d rows were sent in %d parts, of %d bytes at most", rows, sent, most)
	}
	gone := errors.New("gone")
	out, _ = sheet.NewCSV(io.Discard, columns, func() error { return gone })
	for i := range rows {
		if err = out.Write(exact.Line(columns, row(strconv.Itoa(i), i, i))); err != nil {
			break
		}
	}
	if !errors.Is(err, gone) {
		t.Errorf("nobody reads any more, and the writer says %v", err)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
