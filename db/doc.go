// Package db is the portal's memory: people, sessions, sign-ins, grants,
// blocks, webhook deliveries, what the department publishes and the little that
// is cached of Campus One. It alone knows SQL and the drivers.
//
// # Two engines, one text
//
// A database is one SQLite file (modernc.org/sqlite, no C) or PostgreSQL
// (pgx). Every statement is one text for both wherever it can be: parameters
// are $1, $2, columns are always named, times are integers of microseconds
// UTC and zero means "never". What differs is the schema, how a transaction
// is made durable and how processes hear of each other's changes. The suite
// of db/dbtest runs on both.
//
// # One writer
//
// SQLite takes one writer at a time, so all writes of the process go through
// one goroutine that commits what has gathered in one transaction (write.go).
// Each piece of work has a savepoint of its own: when it fails, only its own
// work is undone. A cancelled request takes its work out of the queue; work
// that has begun is finished, because SQLite answers an interrupted write by
// undoing the whole transaction, other people's work included.
//
// # What survives a power cut
//
// Work is Durable or Relaxed. Durable work is on the disk before its caller
// hears of it: whatever ends, blocks, demotes, revokes or rotates, and every
// webhook delivery. Relaxed work (last seen, counters, an ordinary sign-in)
// may be lost with the power, never with the process.
//
// # Sessions that ended stay ended
//
// user_sessions decides who is signed in; the table named sessions belongs to
// scs and there is no foreign key between them, since scs replaces its rows
// and a cascade would delete ours. No statement here changes the row of a
// session whose end is set. Besides, every person has the moment ended_before:
// no session that began at or before it is ever stored, so a sign-in that was
// under way when the sessions were ended makes none.
//
// # Facts
//
// What is known of a person is one fact per field, each with its source and
// its as-of time. The later fact wins, whichever arrives last (Merge).
// users.facts holds them all as JSON, so that a sign-in writes one row; the
// columns beside it are plain copies for search and reports.
//
// # Content
//
// Announcements, events, people of the department, pages and quick links lead
// one life: draft, scheduled, published, expired, withdrawn, archived. So they
// are rows of one table, items, and what only one kind has is JSON beside it;
// history, addresses, review, audience and reads are written once for all.
// Most states follow from times in the row (Item.State): nothing is written
// when an item appears or expires. Pages read items from memory (package
// auth/reading), never from here. Each change and its line in the audit are
// one transaction.
//
// # The audit
//
// A line says who did what to which id, and of a setting what it was and what
// it is (AuditChange): a name or a motto is read by everybody anyway, of a logo
// the size is enough. Of an item it keeps no word. Whoever reads the audit finds
// items under their present titles (AuditLog); once an item is erased, its title
// stands nowhere, for a list posted by mistake may have the mistake in its title.
//
// A draft is what an editor has written and not saved (KeepDraft): a row beside
// the items, the editor's own. It is the form as it was typed, so it may be
// unfit to be an item; nothing that readers meet is made of it. The audit has
// when one was begun and when it was thrown away by hand, not each keeping.
//
// # Files and pictures
//
// What is attached belongs to the item, not to one of its versions: it is there
// at once, and what is removed is gone at once, with its bytes. So a list that
// should not have been posted is not kept in a history nobody looks at; an
// earlier version that showed a removed picture says its description instead.
// Erasing an item erases all that is attached, and withdrawing it takes that
// from readers, since they reach it only through the item. The bytes stand in
// rows of 256 kB (attachment_data), so that nobody holds a whole file to read
// it. The id, 26 random letters, is its address, and is never used again.
//
// # Finding people
//
// users.search holds the words of name, address and student id folded by Fold,
// since SQLite and PostgreSQL disagree about case and diacritics: written once
// with the facts, it is what people are found by and, beginning with the name,
// sorted by. Lists go on after the id of the last one listed, so that no name
// stands in an address.
//
// A sign-in or a confirmation that finds another value than the stored one has
// found drift: no webhook told of the change, or it told otherwise. The claim
// repairs it, each such field is counted, and one line of audit names the
// fields and the way it was found (Drifts), never what was in them. A field
// that nobody knew before has not drifted.
//
// # Deliveries
//
// A webhook is a row of deliveries before it is answered; the key that makes
// it one of a kind is its signed id, or the SHA-256 of its body. Its effect and
// its final state are one transaction (Apply), which begins by claiming the
// row: of two workers, in whatever processes, one waits for the other and then
// finds nothing to do, and the claim of a process that dies goes with its
// transaction. There is no lease to run out.
//
// deliveries.fields is the set of fields that the event sets, as bits. A
// delivery waits while an earlier one about the same person shares a bit with
// it and is pending, so a failing one holds back its own fields alone. What
// ends sessions has no bits: it waits for nothing and is taken first.
//
// Fields that we do not know are not facts. They stay in the delivery's body,
// as it came, for as long as deliveries are kept.
//
// # Deletion
//
// A deleted person stays as a tombstone: provider, sub and the time, nothing
// personal. It keeps late webhooks from bringing the person back. A later
// sign-in makes a new person. Blocks are kept by provider and sub in a table
// of their own and outlive everything.
//
// Gone with a person are their facts, role timeline, tokens, parked and kept
// id_tokens, reads, drafts, calendar address, devices and networks of their sessions,
// grants, their address in the audit, and the bodies of all webhooks about
// them up to then, those included that come later or wait or failed. Of a
// webhook its key, event, times, sub and state stay, so that it is not taken
// twice; of a sign-in the time.
//
// Webhooks come in any order, so the outcome must not depend on it. A deletion
// that comes after later news turns the person into the tombstone and what is
// later into a new person, without a session: all sessions of somebody who was
// known by then end. One that comes when only somebody later is known leaves a
// tombstone beside them.
//
// # Being forgotten
//
// A person who asks for it is forgotten as far as the portal itself has noted
// anything (Forget): reads, sign-ins, devices, calendar addresses, drafts,
// tokens. Of
// their sessions the bare end stays, or a browser would be signed in again
// unasked. Reads that waited in some process's queue meanwhile are dropped when
// they come to be saved. The facts stay: their as-of times are what keeps a
// late event of long ago from winning.
//
// # Reports and roll-ups
//
// A report over a year must not read a year of rows. So each day of the
// department's calendar is counted once into a roll-up (RollUp, by a worker, one
// process at a time, off every path that somebody waits on) and reports add days
// up. What is not rolled up yet is counted from its rows by the same code
// (spanReader, dayCount): a report is right at any moment, today's sign-ins of
// the last second included, whether or not the worker runs. It is only slower
// the more days are missing. Rolled up or not, the figures are the same; a
// property test holds that, on both engines.
//
// A day is closed two minutes after its end. Whatever is written of a closed
// day later (a delivery that is applied or dropped, a webhook that tells of last
// week, counts that waited for the database) asks for it to be counted anew
// (Tx.late), and it is within a minute. asked and counted are numbers and not a
// mark, so that what comes while a day is being counted is not lost. Today is
// counted anew every minute whatever its roll-up says, so that a clock that was
// wrong and is put back does no harm.
//
// Distinct people of any span are found by joining sets: each person has a
// number, each day one bit for each number (bitset). What people are counted by
// stands in one row for all of them (crowd), a minute old at most: always the
// role and level they have now, never what they had then. New is whom the portal
// first knew in the span.
//
// A roll-up keeps no more of a person than the portal does:
//
//   - What is forgotten (Forget) or deleted takes the person's number with it in
//     the same transaction. From then on nothing in the roll-ups leads to them,
//     for numbers are never given twice; within minutes the days and items they
//     were on are counted without them. Of who was deleted the bare times of
//     sign-ins stay, so those count as sign-ins, of nobody.
//   - What was kept for long enough goes from the roll-ups with its rows: who
//     signed in on a day when the first of its sign-ins is removed, a number
//     with the last sign-in of its person. Days are counted before their rows
//     go. From then on they are frozen (rollup_horizons): totals stay for good
//     and are never counted anew, for what is left would be too little. Of
//     removed reads the number stays with the item.
//   - Totals name nobody: of actions in the audit they know a person, the command
//     line or the portal. Who did what is read from the audit itself.
//
// Roll-ups know the zone they were made in. Another PORTICO_TIMEZONE has all
// days counted anew that have their rows; frozen days stay as they were. An hour
// of the attempt counts, which are kept by hours of UTC, belongs to the day it
// begins in.
//
// Recount counts a closed day from its rows and compares every figure. What
// differs is told, remembered (LastRecount) and counted anew.
//
// For how many people an item is, is counted by package auth for all items in
// one pass (auth.MatchAll) and kept with the item's version and the moment.
//
// # Several processes
//
// Whatever other processes must forget is written as a Change in the same
// transaction: a row that watchers read every 100 ms on SQLite, a notification
// on PostgreSQL. Trusted says whether the watcher is in touch; while it is
// not, nothing cached may be believed.
package db
