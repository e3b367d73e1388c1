package journey

import (
	"encoding/json"
	stdhtml "html"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"portico/auth/reading"
	"portico/cmd/internal/browser"
)

// letter is one sign that readers see, and how.
type letter struct {
	sign         rune
	bold, italic bool
	word         int // which word it is in
}

// lettersOf reads HTML as readers see it, without white space.
func lettersOf(t *testing.T, page string) (all []letter) {
	t.Helper()
	word := 0
	doc, err := html.Parse(strings.NewReader(page))
	must(t, err)
	var walk func(n *html.Node, l letter)
	walk = func(n *html.Node, l letter) {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "b" || n.Data == "strong":
			l.bold = true
		case n.Data == "i" || n.Data == "em":
			l.italic = true
		case n.Data == "p" || n.Data == "br":
			word++
		}
		if n.Type == html.TextNode {
			for _, r := range n.Data {
				if unicode.IsSpace(r) {
					word++
				} else {
					all = append(all, letter{r, l.bold, l.italic, word})
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, l)
		}
	}
	walk(doc, letter{})
	return all
}

// pieces are what means something in Markdown, and words between.
var pieces = strings.Split("*|**|***|_|__|`|```|~|~~|[|]|(|)|](|]:|![|!|<|>|<b>|</b>|<!--|&|&amp;|&lt;|#|# |## |-|- |---|+ |1. |12) |=|===|>|> |\\|\\*|\\\\||| a | b |;-|:-:|:|; |.|, | |  |\n|\u00a0|a|word|Ọ̀bí|snake_case|5|3.14|é|“quote”|(x)|https://nile.example/a_b*c|www.nile.example/~x|me@nile.example|🙂|’", "|")

// clip is random HTML: paragraphs of runs, some bold or italic.
func clip(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString("<p>")
		for range 1 + r.IntN(5) {
			var text strings.Builder
			for range 1 + r.IntN(5) {
				text.WriteString(pieces[r.IntN(len(pieces))])
			}
			words := strings.ReplaceAll(stdhtml.EscapeString(text.String()), "\n", "<br>")
			switch r.IntN(5) {
			case 0:
				words = "<b>" + words + "</b>"
			case 1:
				words = "<i>" + words + "</i>"
			case 2:
				words = "<b>x<i>" + words + "</i></b>"
			}
			b.WriteString(words)
		}
		b.WriteString("</p>")
	}
	return b.String()
}

const pasteManyScript = `((clips) => JSON.stringify(clips.map((html) => {
	const text = document.getElementById("body"), data = new DataTransfer();
	data.setData("text/html", html);
	text.value = "";
	text.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
	return text.value;
})))`

// Whatever signs are pasted, readers see just them, and each word as bold or
// italic as it was.
func TestPasteKeepsEveryWord(t *testing.T) {
	t.Parallel()
	_, tab := writer(t, browser.Options{})
	const seed = 20261128
	r := rand.New(rand.NewPCG(seed, seed))
	var clips, got []string
	for range 10 {
		some, became := make([]string, 100), []string(nil)
		for n := range some {
			some[n] = clip(r)
		}
		arg, err := json.Marshal(some)
		must(t, err)
		must(t, json.Unmarshal([]byte(browser.Eval[string](tab, pasteManyScript+"("+string(arg)+")")), &became))
		clips, got = append(clips, some...), append(got, became...)
	}
	m := reading.NewMarkdown()
	failed := 0
	for n, markdown := range got {
		want, shown := lettersOf(t, clips[n]), lettersOf(t, m.HTML(markdown, reading.Attached{}))
		if why := unlike(want, shown); why != "" {
			failed++
			if failed < 8 {
				t.Errorf("%s\nclip: %s\nMarkdown: %s\nshown: %s", why, clips[n], markdown, m.HTML(markdown, reading.Attached{}))
			}
		}
	}
	if failed > 0 {
		t.Errorf("%d of %d clips are shown other than they were", failed, len(clips))
	}
}

// unlike says where two texts differ. How punctuation looks at the edge of
// something bold is left open.
func unlike(want, shown []letter) string {
	text := func(all []letter) string {
		var b strings.Builder
		for _, l := range all {
			b.WriteRune(l.sign)
		}
		return b.String()
	}
	if a, b := text(want), text(shown); a != b {
		return "want " + a + "\n got " + b
	}
	for n, l := range want {
		if (unicode.IsLetter(l.sign) || unicode.IsDigit(l.sign)) && oneLook(want, n) && (l.bold != shown[n].bold || l.italic != shown[n].italic) {
			return "another look from here on: " + text(want[n:])
		}
	}
	return ""
}

// oneLook says whether all letters of a word look the same: a word has one look
// in Markdown.
func oneLook(all []letter, n int) bool {
	for _, l := range all {
		if l.word == all[n].word && (unicode.IsLetter(l.sign) || unicode.IsDigit(l.sign)) && (l.bold != all[n].bold || l.italic != all[n].italic) {
			return false
		}
	}
	return true
}
