// Package reading decides what each reader sees of what the department
// publishes: lists, pages, events, search, feeds, calendars.
//
// # How to use it
//
//	shelf, err := library.For(ctx, reading.Person(user)) // nil user: reading.Nobody()
//	shelf.Announcements("")      // current, the newest first; shelf.Foremost() parts off the pinned
//	shelf.Find(kind, slug)       // one article; its Slug differs: redirect; ended set: "This notice ended on ..."
//	shelf.Occurrences(from, to)  // events as they take place, moved and cancelled ones told
//	shelf.Today(now, 5)          // what a person has today, what changed, what is next
//	shelf.ForYou(ctx)            // announcements, unread first
//	shelf.Opened(article, now)   // the person loaded the article's own page
//	shelf.MarkRead, MarkAllRead  // the buttons; stored when they return
//	shelf.Search(text, 20, 0)    // spans to mark, never HTML
//	shelf.People, Pages, Menu, Links, Events, Settings, Categories
//	shelf.Attachment(id)         // a file or picture of an article; its bytes are asked of package db
//	article.Sparing(asked)       // its HTML for somebody who saves data
//	shelf.Tag()                  // changes with what the reader would see: ETags, drawn fragments
//
// A shelf is one reader at one moment and never changes: take one for each
// request, and take all of a page from it. Lists are in memory and whole;
// a page of a list is a slice of it. For gives an error only to a person, when
// the database cannot be read: answer it with 503.
//
// Article.HTML is safe in a page as it is. Article.Public says whether an
// article may have a preview, a sitemap line or a "share" link. Shown.Why is
// why the reader sees it, in plain words; empty for what is for everybody.
// Article.NotReviewedSince says when readers must be warned.
//
// Those who write items use package db itself (CreateItem, UpdateItem,
// TurnItem, EraseItem, Items, SaveSettings, SaveCategories) behind the gate of
// their routes, Slug for a new item's address, and Library.Render to preview.
// No other page reads items from package db.
//
// # One gate
//
// There is no way to an article but through a shelf, none to a shelf but
// through a Reader, and the zero Reader is shown nothing. Reader.may is the
// only caller of auth.Audience.Shown. So a new list cannot leak by leaving
// something out: it has nothing to leak.
//
// # Why here, and why in memory
//
// Who may read what is auth's matter, and what decides it, with db below,
// must stay within reach of what is not a page, such as notifications; so the
// package stands in auth and not in handlers. Content is small, hundreds of
// items, and read all the time. The library holds all that is published,
// rendered once. It hears of each change (db.OnChange): a change made by this
// process counts for the very next page, one made by another within 250 ms.
// While the database's changes cannot be heard, nothing older than two seconds
// is believed; while it cannot be read at all, nobody in particular still sees
// the public pages. A warm page reads nothing from the database.
//
// Items appear and end by time alone: a shelf is good until the next such
// moment. Shelves are kept for two thousand readers, reads for four thousand;
// ten thousand items at most are held, the latest.
//
// # Search
//
// Search is one piece of Go over memory, so it is the same on both engines. A
// word is letters or digits, folded by db.Fold (no marks, no capitals, no
// hooks), and ends where letters meet digits, so CSC301 is CSC 301. All words
// must be there, the last one as a beginning. Articles with all words in the
// title come first, what has ended last. 5,000 items take about three
// milliseconds.
//
// # Time on the wall
//
// An event's times are what the department's clock shows (db.Wall), and a
// week is a week on that clock: a class at eight stays at eight when the
// clocks change. An occurrence is known by the date it had first.
package reading
