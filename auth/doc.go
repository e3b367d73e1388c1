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
// # Where to look
//
//   - flow.go: leaving for Campus One; callback.go, callbackerror.go, stray.go:
//     coming back, row by row; loop.go: when enough is enough
//   - reconfirm.go: a session confirmed once a day
//   - silent.go: when a silent check starts, and the reasons when it does not
//   - attempts.go, cookies.go, seal.go: what the browser holds
//   - returnpath.go: where a sign-in may lead back to
//   - guard.go: sessions; livecache.go: what of them is kept in memory
//   - heldform.go: for whom a form was drawn, and the text it keeps
//   - permission.go: what roles and grants open
//   - audience.go: for whom an item is; the package reading asks it for all that
//     people read
//   - inbox.go: webhooks, stored before they are answered
//   - counts.go: attempts counted by fixed reasons
package auth
