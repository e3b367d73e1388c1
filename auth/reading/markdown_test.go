package reading

import (
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portico/db"
)

// What belongs to the item of these tests.
var (
	hall = db.Attachment{ID: "HALL" + strings.Repeat("A", 22), Picture: true, Label: "Hall \"B\"", Type: "image/jpeg", Sizes: []db.Size{{Width: 480, Height: 360, Bytes: 44_100}, {Width: 960, Height: 720, Bytes: 100_000}}}
	line = db.Attachment{ID: "LINE" + strings.Repeat("A", 22), Picture: true, Type: "image/png", Sizes: []db.Size{{Width: 90, Height: 30, Bytes: 700}}}
	list = db.Attachment{ID: "LIST" + strings.Repeat("A", 22), Label: "Exam list", Type: "application/pdf", Sizes: []db.Size{{Bytes: 340_000}}}

	attached = Attached{hall, line, list}
)

func TestMarkdown(t *testing.T) {
	m := NewMarkdown()
	tests := []struct{ name, body, want string }{
		{"line breaks are kept", "one\ntwo", "<p>one<br>\ntwo</p>\n"},
		{"headings start at h2, without a gap", "# A\n\n#### B\n\n# C", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n"},
		{"a first heading of any level", "### A", "<h2>A</h2>\n"},
		{"raw HTML is left out", "a <b onclick=x>b</b> <script>c</script>", "<p>a b c</p>\n"},
		{"a block of HTML too", "<div>x</div>\n\nafter", "<p>after</p>\n"},
		{"a remote picture is its description", "![the *map*](https://evil.example/x.png)", "<p>the <em>map</em></p>\n"},
		{"a picture in a picture", "![a ![b](//x/y.png)](/pictures/../x)", "<p>a b</p>\n"},
		{"a picture of another item", "![the *map*](/pictures/" + strings.Repeat("B", 26) + ")", "<p>the map</p>\n"},
		{"an address that is no picture's", "![map](/pictures/ab12-480.jpg)", "<p>map</p>\n"},
		{"our own picture", "![Map of \"C\" & 1 < 2](/pictures/" + hall.ID + " \"title\")", "<p><img src=\"/pictures/" + hall.ID + "/480\" srcset=\"/pictures/" + hall.ID + "/480 480w, /pictures/" + hall.ID +
			"/960 960w\" sizes=\"(min-width: 40rem) 36rem, 92vw\" width=\"960\" height=\"720\" loading=\"lazy\" alt=\"Map of &#34;C&#34; &amp; 1 &lt; 2\"></p>\n"},
		{"a picture described where it was added", "![](/pictures/" + hall.ID + ")", "<p>" + strings.Replace(inFull(&hall, "Hall &#34;B&#34;"), "/>", ">", 1) + "</p>\n"},
		{"a decoration in one size", "![](/pictures/" + line.ID + ")", "<p><img class=\"clear\" src=\"/pictures/" + line.ID + "/90\" width=\"90\" height=\"30\" loading=\"lazy\" alt=\"\"></p>\n"},
		{"a file is no picture", "![list](/pictures/" + list.ID + ")", "<p>list</p>\n"},
		{"a picture in a heading, a table and code", "# ![H](/pictures/" + line.ID + ")\n\n`![H](/pictures/" + line.ID + ")`", "<h2>" + strings.Replace(inFull(&line, "H"), "/>", ">", 1) + "</h2>\n<p><code>![H](/pictures/" + line.ID + ")</code></p>\n"},
		{"a link", "[x](https://nile.example/a?b=1&c=2)", "<p><a href=\"https://nile.example/a?b=1&amp;c=2\">x</a></p>\n"},
		{"an address by itself", "see https://nile.example/", "<p>see <a href=\"https://nile.example/\">https://nile.example/</a></p>\n"},
		{"a script for a link", "[x](javascript:alert(1)) [y](JaVaScript:alert(1)) [z](data:text/html,x)", "<p>x y z</p>\n"},
		{"a table", "| a | b |\n|---|--:|\n| 1 | 2 |", "<div class=\"scroll\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead>\n<tr>\n<th>a</th>\n<th align=\"right\">b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td align=\"right\">2</td>\n</tr>\n</tbody>\n</table></div>\n"},
		{"a table's empty corner", "|  | Mon |\n|--:|---|\n| 8 | a |", "<div class=\"scroll\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead>\n<tr>\n<td></td>\n<th>Mon</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"right\">8</td>\n<td>a</td>\n</tr>\n</tbody>\n</table></div>\n"},
		{"the word table in code", "`<table>`", "<p><code>&lt;table&gt;</code></p>\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := m.HTML(test.body, attached)
			if strings.ReplaceAll(got, "/>", ">") != test.want {
				t.Errorf("\n got %q\nwant %q", got, test.want)
			}
		})
	}
}

func TestPlainText(t *testing.T) {
	got := plainText(NewMarkdown().HTML("# Exam\n\nA **b**old\nline & more.\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n- a `<b>`\n- c", nil))
	if want := "Exam: A bold line & more. x, y; 1, 2. a <b>; c."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzMarkdown: whatever is typed, the page holds nothing that runs, and
// nothing is fetched from elsewhere.
func FuzzMarkdown(f *testing.F) {
	for _, body := range []string{
		"# a\n\n<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))", "![a](https://evil.example/a.png)", "[a]: javascript:x\n[a]",
		"<svg/onload=alert(1)>", "[a](<java\nscript:x>)", "![](/pictures/x.png \"a\\\" onerror=x\")", "![\" onerror=x](/pictures/" + hall.ID + ")", "[![](/pictures/" + hall.ID + " \"x\")](/files/x)", "| a |\n|---|\n| <iframe src=x> |", "<https://a.example/\"onclick=x>", "&lt;script&gt;", "```x\" onclick=y\n</code><script>\n```",
	} {
		f.Add(body)
	}
	m := NewMarkdown()
	f.Fuzz(func(t *testing.T, body string) {
		out := m.HTML(body, attached)
		tokens := html.NewTokenizer(strings.NewReader(out))
		for tokens.Next() != html.ErrorToken {
			checkToken(t, tokens.Token(), out)
		}
		if text := plainText(out); len(text) > 4*len(body)+100 {
			t.Errorf("%d letters of text from %d", len(text), len(body))
		}
	})
}

const mayStand = " h2 h3 h4 h5 h6 p br hr em strong del code pre blockquote ul ol li table thead tbody tr th td img a div "

func checkToken(t *testing.T, token html.Token, out string) {
	if token.Type == html.CommentToken || token.Type == html.DoctypeToken {
		t.Errorf("%v in %q", token, out)
	}
	if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
		return
	}
	if !strings.Contains(mayStand, " "+token.Data+" ") {
		t.Errorf("<%s> in %q", token.Data, out)
	}
	for _, a := range token.Attr {
		value := strings.ToLower(strings.TrimSpace(a.Val))
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style":
			t.Errorf("%s in %q", a.Key, out)
		case a.Key == "srcset" && value != strings.ToLower("/pictures/"+hall.ID+"/480 480w, /pictures/"+hall.ID+"/960 960w"):
			t.Errorf("%q in %q", a.Val, out)
		case a.Key == "src" && !strings.HasPrefix(value, "/pictures/"):
			t.Errorf("a picture from %q in %q", a.Val, out)
		case a.Key == "href" && (strings.HasPrefix(value, "javascript") || strings.HasPrefix(value, "data") || strings.HasPrefix(value, "vbscript")):
			t.Errorf("a link to %q in %q", a.Val, out)
		}
	}
}
