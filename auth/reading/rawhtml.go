package reading

import (
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// RawHTML are the pieces of HTML in a body, as they were typed. Readers would
// see none of them, and nothing of what an HTML block holds.
func RawHTML(body string) (pieces []string) {
	if Tangle(body) != "" {
		return nil
	}
	source := []byte(body)
	doc := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // nothing in it fails
		switch n := n.(type) {
		case *ast.RawHTML:
			if entering {
				pieces = append(pieces, joined(n.Segments, source))
			}
		case *ast.HTMLBlock:
			if entering {
				piece := joined(n.Lines(), source)
				if n.HasClosure() {
					piece += string(n.ClosureLine.Value(source))
				}
				pieces = append(pieces, strings.TrimSpace(piece))
			}
		}
		return ast.WalkContinue, nil
	})
	return pieces
}

func joined(all *text.Segments, source []byte) string {
	var b strings.Builder
	for n := range all.Len() {
		segment := all.At(n)
		b.Write(segment.Value(source))
	}
	return b.String()
}
