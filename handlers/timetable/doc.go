// Package timetable reads a semester's timetable as a secretary keeps it: a
// table saved as CSV, in whatever way Excel, Google Sheets or LibreOffice
// writes one.
//
// # What it does
//
// Read turns a file into rows. Each row is an event that can be stored, or
// says in words what is wrong with it, where, and what to write instead. One
// bad line never hides another, and never a good one. Mark then tells which
// rows are there already and which want a room that is taken.
//
// Nothing here stores anything or knows who asks.
//
// # What is guessed, and what is not
//
// The encoding, the separator and which line holds the headings are found out,
// since who saved the file does not know them either. Headings have synonyms.
// What an event means is never guessed:
//
//   - 05/10/2026 is 5 October, the day first, as Nigeria writes it, and the
//     page says so. But if any line of the file has a date that can only be
//     American (09/14/2026), no date that could be is believed.
//   - "2" may be in the night or in the afternoon, so it is asked.
//   - A count of days, which Excel writes where a cell has lost its format, is
//     not taken for a date.
package timetable
