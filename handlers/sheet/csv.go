package sheet

import (
	"encoding/csv"
	"io"
	"strings"
)

// mark is the byte order mark, by which Excel knows UTF-8.
const mark = "\uFEFF"

// chunk is after how many rows what was written is sent.
const chunk = 200

// CSV writes lines as they come.
type CSV struct {
	columns []Column
	out     *csv.Writer
	send    func() error
	rows    int
}

// NewCSV writes the headings. send has what was written leave for the reader.
func NewCSV(w io.Writer, columns []Column, send func() error) (*CSV, error) {
	if _, err := io.WriteString(w, mark); err != nil {
		return nil, err
	}
	c := &CSV{columns: columns, out: csv.NewWriter(w), send: send}
	c.out.UseCRLF = true
	headings := make([]string, len(columns))
	for i, column := range columns {
		headings[i] = harmless(column.Label)
	}
	return c, c.out.Write(headings)
}

// Write writes one line.
func (c *CSV) Write(l Line) error {
	record := make([]string, len(c.columns))
	for i, column := range c.columns {
		record[i] = column.Plain(l.Cells[i])
		if column.Kind == Text {
			record[i] = harmless(record[i])
		}
	}
	if err := c.out.Write(record); err != nil {
		return err
	}
	if c.rows++; c.rows%chunk == 0 {
		return c.Flush()
	}
	return nil
}

// Flush sends what was written.
func (c *CSV) Flush() error {
	c.out.Flush()
	if err := c.out.Error(); err != nil {
		return err
	}
	return c.send()
}

// harmless is a text that no spreadsheet takes for a formula.
func harmless(text string) string {
	if strings.IndexAny(text, "=+-@\t\r") == 0 {
		return "'" + text
	}
	return text
}
