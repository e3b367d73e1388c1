// Package crash kills the portal and looks at what is left.
//
// It builds the real program, runs `portico serve` against the stand-in for
// Campus One, sends it signed webhooks as fast as it answers (many people,
// changed roles, updates, deletions, sign-outs, late ones, doubles and
// forgeries), signs people in and out, and ends the process with SIGKILL:
// while it starts, at a random moment, or right after it answered. Then it
// starts the program again, and again. At the end it compares what was
// acknowledged with what is there:
//
//   - every acknowledged delivery has one row, which was there before the
//     acknowledgement, and its effect was applied once: each person is as a
//     model of plain maps says, and no step of a role timeline is doubled;
//   - no session that was ended lives;
//   - no session that a browser was given is lost;
//   - everybody whom a notice was for got it in Campus One, and once, though the
//     portal was killed when one got lost on its way, and right after one arrived;
//   - the database passes its own check.
//
// A delivery that got no answer is sent again, so that in the end all are
// acknowledged and the model is certain. That cannot hide a loss: a row must
// be older than the first acknowledgement of its delivery.
//
// Beside it, TestBackupUnderLoad backs the portal up under that load, kills
// such backups on their way, and restores one.
//
// # What this proves, and what not
//
// SIGKILL ends a process as the kernel does when memory runs out: no code of
// it runs any more. What it had written is in the kernel's page cache by then
// and still reaches the disk. So this proves that a crash of the process loses
// nothing and doubles nothing. It proves nothing about a power cut, where the
// page cache goes too: for that the portal relies on synchronous=FULL of
// SQLite and synchronous_commit of PostgreSQL, which package db turns on for
// durable work, and on disks that do not lie about what they have written.
package crash
