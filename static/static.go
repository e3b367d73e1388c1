// Package static holds the portal's own files: the stylesheet, the optional
// script, that of the editor and the brand mark, and serves what the department makes its own: the
// stylesheet of its accent and its logo.
//
// Each file is served under an address that carries a hash of its content, so
// a browser keeps it for good and a new release is seen at once. Everything is
// joined, shortened and compressed once, at the first use; a request only
// copies bytes. No cookie is read or set here: keep the session's middleware
// away from /static/, or its Vary header spoils shared caches.
//
// The editor's script is seven sources joined in the same way.
//
// The stylesheet is five sources joined in order. base.css stands outside the
// layers and is all that an old browser understands; since what is outside a
// layer wins over what is inside, it sets only what the layers leave alone.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
	"sync"
)

//go:embed css/*.css app.js editor/*.js mark.svg
var sources embed.FS

// Prefix is the folder all hashed addresses begin with.
const Prefix = "/static/"

// File is one served file with its compressed twin.
type File struct {
	name, kind, hash string
	plain            []byte
	zipped           func() []byte // made when it is first asked for: a start waits for no compressor
}

// Address is the file's path with the hash before the extension.
func (f *File) Address() string {
	ext := path.Ext(f.name)
	return Prefix + strings.TrimSuffix(f.name, ext) + "-" + f.hash + ext
}

// all builds every file once; the sources are embedded, so a failure is a
// broken build and not something a request could meet.
var all = sync.OnceValue(func() map[string]*File {
	files := map[string]*File{}
	for _, f := range []*File{
		build("app.css", "text/css; charset=utf-8", Stylesheet()),
		build("app.js", "text/javascript; charset=utf-8", bare(read("app.js"))),
		build("editor.js", "text/javascript; charset=utf-8", EditorScript()),
		build("mark.svg", "image/svg+xml", read("mark.svg")),
	} {
		files[f.name] = f
	}
	return files
})

// Path gives the hashed address of a file, such as "app.css". A name that does
// not exist gives an address that answers 404.
func Path(name string) string {
	if f, ok := all()[name]; ok {
		return f.Address()
	}
	return Prefix + name
}

// Stylesheet is the joined and shortened CSS as browsers receive it.
func Stylesheet() []byte {
	var b bytes.Buffer
	for _, part := range []string{"reset", "tokens", "base", "layout", "components"} {
		b.Write(read("css/" + part + ".css"))
	}
	return minify(b.Bytes())
}

// EditorScript is what only the pages of those who write load: its parts, one
// after the other, in a scope of their own.
func EditorScript() []byte {
	var b bytes.Buffer
	b.WriteString("(() => {\n\"use strict\";\n")
	for _, part := range []string{"text", "tools", "runs", "markdown", "paste", "keep", "audience"} {
		b.Write(read("editor/" + part + ".js"))
	}
	b.WriteString("})();\n")
	return bare(b.Bytes())
}

// Base is what of the stylesheet stands outside its layers: all that a browser
// without layers reads.
func Base() []byte { return minify(read("css/base.css")) }

// Source is one embedded file as it was written, such as "css/tokens.css".
func Source(name string) ([]byte, error) {
	b, err := sources.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded file %s: %w", name, err)
	}
	return b, nil
}

func read(name string) []byte {
	b, err := Source(name)
	if err != nil {
		panic(err) // the file is embedded: the build is broken
	}
	return b
}

func build(name, kind string, body []byte) *File {
	sum := sha256.Sum256(body)
	return &File{name: name, kind: kind, hash: hex.EncodeToString(sum[:6]), plain: body, zipped: sync.OnceValue(func() []byte { return compress(body) })}
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(body) // a bytes.Buffer does not fail
	_ = w.Close()
	return b.Bytes()
}
