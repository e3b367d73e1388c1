package browser

import "github.com/chromedp/chromedp"

// Choose puts a file of this machine into a field, as a person does in the
// browser's own window.
func (b *Tab) Choose(selector, file string) {
	b.t.Helper()
	b.act("choosing "+file, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file}))
}
