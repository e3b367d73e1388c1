package reading

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Markdown turns what an editor wrote into HTML that is safe in a page: raw
// HTML is left out by the renderer, and what comes of it passes a list of what
// is allowed. A single line break stays one. Pictures are shown from the
// portal's own address only; of any other the description remains.
type Markdown struct {
	convert goldmark.Markdown
	allow   *bluemonday.Policy
}

// NewMarkdown makes a renderer, for any number of users at the same time.
func NewMarkdown() *Markdown {
	return &Markdown{
		convert: goldmark.New(
			goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)), extension.Linkify, extension.Strikethrough),
			goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(tidy{}, 500))),
			goldmark.WithRendererOptions(ghtml.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(withoutRawHTML{}, 100))),
		),
		allow: allowed(),
	}
}

func allowed() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("src").Matching(ownPicture).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
}

// HTML renders the body of an item to which that belongs.
func (m *Markdown) HTML(body string, attached Attached) string {
	return attached.draw(m.bare(body), inFull)
}

// bare renders a body and leaves its pictures as they were written. A wide
// table scrolls in a region of its own that the keyboard reaches (WCAG 2.2,
// 1.4.10 and 2.1.1).
func (m *Markdown) bare(body string) string {
	var b bytes.Buffer
	if Tangle(body) != "" || m.convert.Convert([]byte(body), &b) != nil { // a buffer takes everything
		return "<p>" + html.EscapeString(body) + "</p>\n"
	}
	safe := m.allow.Sanitize(b.String())
	return tables.Replace(safe)
}

// tables finds tags only: in text a "<" is written "&lt;".
var tables = strings.NewReplacer(
	"<table>", `<div class="scroll" role="region" aria-label="Table" tabindex="0"><table>`, "</table>", "</table></div>",
	"<th></th>", "<td></td>", `<th align="right"></th>`, "<td></td>", `<th align="center"></th>`, "<td></td>", `<th align="left"></th>`, "<td></td>", // no heading, nothing to announce
)

// tidy fits a body into a page whose h1 is the item's title: its headings,
// whatever levels the editor used, become h2, h3 and so on without a gap.
// Pictures from elsewhere become their description.
type tidy struct{}

// Transform implements parser.ASTTransformer.
func (tidy) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var headings []*ast.Heading
	var pictures []*ast.Image
	var levels []int
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // nothing in it fails
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, n)
			levels = append(levels, n.Level)
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	slices.Sort(levels)
	levels = slices.Compact(levels)
	for _, h := range headings {
		h.Level = min(6, 2+slices.Index(levels, h.Level))
	}
	for _, picture := range slices.Backward(pictures) { // inner ones first
		if !ownPicture.Match(picture.Destination) {
			unwrap(picture)
		}
	}
}

// unwrap puts a node's children in its place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for child := n.FirstChild(); child != nil; child = n.FirstChild() {
		parent.InsertBefore(parent, n, child)
	}
	parent.RemoveChild(parent, n)
}

// withoutRawHTML leaves out raw HTML without goldmark's comment in its place.
type withoutRawHTML struct{}

// RegisterFuncs implements renderer.NodeRenderer.
func (withoutRawHTML) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	nothing := func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) { return ast.WalkSkipChildren, nil }
	r.Register(ast.KindRawHTML, nothing)
	r.Register(ast.KindHTMLBlock, nothing)
}

// NamedIn is what a body names of what belongs to items.
func NamedIn(body string) (all Named) {
	if Tangle(body) != "" {
		return all
	}
	source := []byte(body)
	doc := goldmark.DefaultParser().Parse(text.NewReader(source))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // nothing in it fails
		switch n := n.(type) {
		case *ast.Image:
			if own := ownPicture.FindSubmatch(n.Destination); !entering {
				break
			} else if own != nil {
				all.Pictures = append(all.Pictures, string(own[1]))
			} else {
				all.Foreign = append(all.Foreign, string(n.Destination))
			}
		case *ast.Link:
			if own := ownFile.FindSubmatch(n.Destination); entering && own != nil {
				all.Files = append(all.Files, string(own[1]))
			}
		}
		return ast.WalkContinue, nil
	})
	return all
}
