// Package reports holds the reports that staff read, and the overview of them.
//
// A report is a declaration: which decision it supports, what it can be
// narrowed by, and the cuts, ways to cut its figures into rows. A cut names
// its columns, each with the definition of its numbers, and reads exact rows.
// Everything else is common to all: reading the address (ask.go), drawing
// (draw.go), downloading (export.go). Exact figures reach a page through
// package sheet alone, which rounds them for whoever does not manage the
// portal.
//
// # What must not tell more than rounded counts do
//
// Besides numbers a page holds links, lists to choose from, an order, a number
// of pages and a time. For those who see rounded counts all of it is made of
// what is rounded, or of what says nothing about people: lists to choose from
// come from Campus One's catalogue, from settings and from this program, never
// from who was counted. Rows that name people are cuts for those who manage
// the portal; asked for by anybody else they are refused (ErrNames), not left
// out.
//
// # Periods
//
// A period is whole days of the portal's zone, both ends included. "This
// semester" begins when Campus One first told it of enough people here, so that
// a single wrong fact moves nothing; until it has, the usual calendar counts.
// The page says which.
//
// # Downloads
//
// A download is a posted form. It is noted in the audit, and browsers that look
// ahead, link previews and crawlers follow links; they do not post forms. The
// audit is written before the first row leaves: what cannot be noted is not
// sent. When reading fails midway the connection is broken, so that a browser
// shows a failed download and never keeps half a file as if it were whole.
package reports
