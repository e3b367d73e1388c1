// Package campusonetest is a stand-in for Campus One: a real OpenID provider
// that listens on a port of its own, for tests and for the demo.
//
// # Why a provider and not a mock
//
// What goes wrong between an application and its identity provider goes wrong
// in redirects, cookies, signatures and time. A mock has none of these. This
// server speaks HTTP to a browser and to the application as two parties,
// signs with real keys, and keeps codes, tokens and sessions that run out.
//
// # What it copies
//
// Nothing can be tried against the live service, so the defaults are what its
// documentation says and what integrators met; where those disagree there is
// a switch in [Quirks]. The copied parts that surprise most:
//
//   - discovery lives under /api/auth only; the bare host answers 404;
//   - a code is burnt by the first token request, good or bad;
//   - the client's secret is taken from the form body, never from Basic;
//   - error redirects carry no state;
//   - one scope that is not granted refuses the whole request;
//   - a request by a script (Sec-Fetch-Mode: cors) gets JSON, not a redirect;
//   - access tokens are opaque and userinfo is live, so that a changed role
//     shows there while an older id_token still names the old one;
//   - refresh tokens rotate, and the second use of one ends its whole line;
//   - webhooks are sent once, with five seconds to answer.
//
// # Switches
//
// [Quirks] are differences between honest providers. [Fault] is everything a
// broken or hostile one may do: each endpoint has an [Answer] that works on
// the wire (status, body, delay, truncation, redirect) and functions that work
// on what the endpoint says. Both may be changed at any time and act from the
// next request on.
//
// # What it must never be
//
// There are no passwords: whoever reaches it is whom they please. It belongs
// on the loopback address, and no program for real use links it.
package campusonetest
