package journey

import (
	"net/http"
	"testing"

	"portico/auth/campusone/campusonetest"
)

// What readers would not see is refused at saving, with what to do instead; the
// text stays. A single line break stays one.
func TestWhatWouldNotBeShownIsRefused(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	p := signedIn(t, w, campusonetest.SubFunke)
	p.must(t, p.Visit(newAnnouncement), http.StatusOK)
	for body, want := range map[string]string{
		`<iframe width="560" src="https://www.youtube.com/embed/ab_c?si=1" title="YouTube video player" allowfullscreen></iframe>`: "write a link: [Watch the video](https://www.youtube.com/watch?v=ab_c).",
		"Come:\n\n<div><iframe src='https://maps.example/embed?pb=1&amp;q=2'></iframe></div>":                                      "write a link: [What is there](https://maps.example/embed?pb=1&q=2).",
		"<script async src=\"https://x.example/a.js\"></script>":                                                                   "write a link: [What is there](https://…).",
		"See <img src=\"https://x.example/map.png\">":                                                                              "add the picture under “Files and pictures”",
		"Dear <name>, come.":                "“<name>” is read as HTML code and is not shown. Take it out, or write \\<name> to show it as it is.",
		"<!-- internal -->":                 "“<!-- internal -->” is read as HTML code",
		"![map](https://x.example/map.png)": "is on another site",
	} {
		p.write(t, "publish", http.StatusUnprocessableEntity, map[string]string{"title": "Lab 3", "to": "everybody", "body": body})
		p.sees(t, want)
		p.holds(t, "body", body)
	}
	p.write(t, "publish", http.StatusOK, map[string]string{"body": "Hall B\nat noon, 3 < 4, \\<name> and `<b>`."})
	reader := w.Person(true)
	reader.must(t, reader.Visit("/announcements/lab-3"), http.StatusOK)
	reader.sees(t, "at noon, 3 < 4, <name> and <b> .")
	if n := len(reader.all(".prose p br")); n != 1 {
		t.Errorf("%d line breaks are kept", n)
	}
}
