module portico

go 1.26.0

require (
	github.com/a-h/templ v0.3.1020 // pages as typed functions; escapes by context
	github.com/alexedwards/scs/pgxstore v0.0.0-20240316134038-7e11d57e8885 // session data on PostgreSQL
	github.com/alexedwards/scs/sqlite3store v0.0.0-20251002162104-209de6e426de // session data on SQLite
	github.com/alexedwards/scs/v2 v2.9.0 // session data and tokens; who is signed in is our own table
	github.com/andybalholm/cascadia v1.3.5 // tests: CSS selectors on rendered pages
	github.com/arran4/golang-ical v0.3.4 // writes calendar files: line folding, escapes (RFC 5545)
	github.com/chromedp/cdproto v0.159.0 // tests: the messages of Chromium's protocol
	github.com/chromedp/chromedp v0.23.0 // tests: drives Debian's Chromium
	github.com/coreos/go-oidc/v3 v3.21.0 // verifies id_tokens
	github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392 // tests: another reader of calendar files, with repeats; no version is tagged
	github.com/go-fonts/liberation v0.3.3 // the fonts of link previews; they have the letters of Yoruba, Hausa and Igbo, which Go's own lack
	github.com/go-jose/go-jose/v4 v4.1.8 // keys and signatures; pinned by itself because verification rests on it
	github.com/google/go-cmp v0.7.0 // tests: differences people can read
	github.com/google/uuid v1.6.0 // the stand-in's delivery ids
	github.com/jackc/pgx/v5 v5.12.0 // PostgreSQL, with LISTEN/NOTIFY
	github.com/klauspost/compress v1.20.3 // gzip for pages, quicker than the standard one
	github.com/microcosm-cc/bluemonday v1.0.27 // what rendered Markdown may hold
	github.com/prometheus/client_golang v1.25.0 // /metrics
	github.com/rogpeppe/go-internal v1.16.0 // tests: journeys as text (testscript)
	github.com/yuin/goldmark v1.8.7 // Markdown, with tables
	golang.org/x/crypto v0.58.0 // certificates by ACME (autocert)
	golang.org/x/image v0.47.0 // draws link previews: fonts, and the mark; makes uploaded pictures small, and reads WebP
	golang.org/x/net v0.62.0 // an HTML parser: links in the feed, and for tests
	golang.org/x/oauth2 v0.37.0 // the token request
	golang.org/x/sync v0.24.0 // joins fetches of the same keys
	golang.org/x/sys v0.49.0 // tests: a terminal
	golang.org/x/term v0.47.0 // init takes secrets without showing them
	golang.org/x/text v0.43.0 // Unicode decomposition, so that a search finds Ọbi as obi
	golang.org/x/tools v0.52.0 // the Atom feed (blog/atom); staticcheck needs the module anyway
	modernc.org/sqlite v1.61.1 // SQLite without C, so that one static binary runs everywhere
	pgregory.net/rapid v1.3.0 // tests: properties and models
)

require (
	github.com/BurntSushi/toml v1.4.1-0.20240526193622-a339e1f7089c // indirect
	github.com/a-h/parse v0.0.0-20250122154542-74294addb73e // indirect
	github.com/andybalholm/brotli v1.1.0 // indirect
	github.com/aymerick/douceur v0.2.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cenkalti/backoff/v4 v4.3.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/cli/browser v1.3.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/fatih/color v1.16.0 // indirect
	github.com/fsnotify/fsnotify v1.7.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/gorilla/css v1.0.1 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mattn/go-colorable v0.1.13 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/natefinch/atomic v1.0.1 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/teambition/rrule-go v1.8.2 // indirect
	golang.org/x/exp/typeparams v0.0.0-20231108232855-2478ac86f678 // indirect
	golang.org/x/mod v0.42.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	honnef.co/go/tools v0.8.2 // indirect
	modernc.org/libc v1.79.0 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)

tool (
	github.com/a-h/templ/cmd/templ
	honnef.co/go/tools/cmd/staticcheck
)
