// Package auth signs people in through Campus One, keeps their sessions and
// says what they may do.
//
// # What it defends
//
// A person who opens a page is to be recognised without doing anything, and
// nobody else is ever to be taken for them. Four ideas carry that.
//
// The transaction is the state value itself: sealed, with the return path in
// it, and bound to a random key that only this browser holds. The nonce and
// the PKCE verifier are HMACs of the state under that key. So any number of
// tabs cost one small cookie, a state without its browser yields at most where
// to go back to, and nothing is written to the database before a sign-in has
// succeeded, whoever asks and however often (login CSRF, mix-up and code
// injection: RFC 9700, section 4).
//
// The silent check is bounded in the browser. What was tried is recorded in a
// sealed cookie before the browser leaves, because some providers answer
// prompt=none with their login page and never send the person back. At most
// two departures for a page and five redirects in a row, then a page with
// words; each tab's own way is counted in its state, so that one tab's
// departures never count against another.
//
// The guard decides, not the cookie. A session lives when the guard's own row
// says so and scs still holds its data. Tokens are stored as hashes, a new one
// at every sign-in (session fixation); a session that ended is never revived,
// because a store refuses every commit for a token it did not see minted.
//
// Roles are read from the person's row at each request, never from the
// session, so that a change at Campus One counts at the next click in every
// open session.
//
// # Webhooks
//
// Campus One sends an event once and never again, in any order, or not at all.
// So what carries a good signature is stored on the disk before it is
// answered, whatever else is odd about it, even when the sender has hung up;
// and what got lost is found when a sign-in or a confirmation looks (drift).
//
// A worker applies what was stored: several people at once, the events about
// one of them in the order in which they occurred, as far as they have
// arrived. It is woken by what arrives, by a pause that is over and by a hand
// that retries; besides it looks every 15 seconds for what another process has
// left behind. What fails is tried ten times over about two hours and then
// waits for a hand. Meanwhile it holds back later news of the same field of
// that person and nothing else.
//
// The headers are unsigned and only compared. An event from the future, or
// without a time, counts as of its arrival, since a later truth could
// otherwise never win over it; one of 30 days ago is kept and not applied,
// since a row to tell it from a repetition need not be there any more.
//
// # Where to look
//
//   - flow.go: leaving for Campus One; callback.go, callbackerror.go, stray.go:
//     coming back, row by row; loop.go: when enough is enough
//   - reconfirm.go: a session confirmed once a day
//   - silent.go: when a silent check starts, and the reasons when it does not
//   - attempts.go, cookies.go, seal.go: what the browser holds
//   - returnpath.go: where a sign-in may lead back to
//   - guard.go: sessions; livecache.go: what of them is kept in memory;
//     ending.go: how one ended whose cookie still comes
//   - heldform.go: for whom a form was drawn, and the text it keeps
//   - permission.go: what roles and grants open
//   - audience.go: for whom an item is; the package reading asks it for all that
//     people read
//   - inbox.go: webhooks, stored before they are answered; inboxworker.go: and
//     applied
//   - counts.go: attempts counted by fixed reasons
package auth
