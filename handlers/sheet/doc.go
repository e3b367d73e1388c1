// Package sheet makes a report out of exact figures: what a reader may see of
// each, in which order, on which page, and as CSV.
//
// # One way out
//
// A report's exact figures go in as Rows. Eye.Lines is the only way out, and
// what comes out are Lines of what the reader may see. Order, pages, charts,
// shares and the CSV are made of Lines alone. So nothing of a page can tell
// two sets of figures apart whose rounded counts are equal: whoever draws it
// has nothing else in hand.
//
// # Rounding
//
// Whoever may see reports, and does not manage the portal, sees counts to the
// nearest 5, and "under 5" for 1 to 4. A total is rounded from the true total
// and so need not be the sum of what stands above it. A share is made of two
// rounded counts, never of exact ones; of a part under 5 only an upper bound is
// told, and of a whole under 5 nothing. Rows are in the order of the rounded
// values, then of their labels.
//
// # CSV
//
// RFC 4180 with a byte order mark, because Excel takes UTF-8 for something else
// without it. Spreadsheets run what looks like a formula, so a cell of text
// that begins with = + - @, a tab or a carriage return gets an apostrophe
// before it. Numbers never do. Rows are written as they come, a few at a time.
package sheet
