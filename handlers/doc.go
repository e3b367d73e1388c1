// Package handlers answers every request of the portal.
//
// routes.go lists each address with its gate; the zero gate is nobody. A
// request passes the chain of server.go (one log record, recovery, headers,
// one address, size limits), finds its route, meets its gate in serve.go and
// only then its handler. Handlers return errors; problem.go answers them, with
// a page for people and a short body for programs. Pages are drawn into a
// buffer and written once (render.go).
//
// Cross-site requests are refused for every form (http.CrossOriginProtection)
// but the webhook, which is proven by its signature. Every form of a page for
// signed-in people carries a sealed tag of the person it was drawn for (the
// hidden field "tag"): under another session it is refused with 409 before its
// handler runs (form.go). The tag also says whose a form was when its session
// is gone. A route whose fields are named in "keeps" then loses no text
// (heldform.go): it waits sealed in the answer for the same person and address,
// which a browser on a shared computer cannot show to the next one. The names
// "tag" and "held" are taken.
//
// # What a browser may keep
//
// Everything is no-store unless said otherwise. Only static files and what is
// made for programs (feed, calendars, sitemap, robots.txt) may be kept by
// caches that people share: it is made of what everybody may read, and no
// cookie is looked at (shared.go). A public page is
// "private, no-cache" with an entity tag: unchanged it costs a 304.
//
// For a signed-in person that same page shows their name, and after the
// sign-out Back must not. What Chromium does there (back_test.go in the
// journeys shows each point):
//
//   - Going back, it takes a no-cache answer from its cache without asking
//     whether it is still good. "Vary: Cookie" stops that: the session's cookie
//     is gone, so the kept answer does not fit the request. Before the
//     sign-out the page still costs nothing.
//   - It may also restore the page as it was left, without any request. With
//     script the page checks itself (static/app.js). Without script nothing
//     but no-store prevents it.
//
// So a signed-in person's public page may be kept only where our script has
// told, by the cookie c1_script, that it runs; elsewhere, and on shared
// computers, it is no-store. That cookie can switch nothing else, lives an
// hour, and is set by the script itself.
//
// # Files and pictures
//
// What belongs to an item is sent only to whoever may see the item, found out
// for each request (files.go); those who publish see it in any state. What is
// for everybody may be kept by shared caches, to be asked for anew each time:
// "public, no-cache", so that a withdrawn file is gone at once. Anything else is
// private, and not kept at all when it is opened by itself. A file is a page
// route: a link to one leads whoever is signed in at Campus One there without a
// click. A picture is a part of pages and starts no sign-in.
//
// An upload is read for those alone who may send it. Package intake decides
// what is taken. The route of such a form reads a file that is too large, or that
// comes while too many do, to its end, or the text behind it would be lost.
package handlers
