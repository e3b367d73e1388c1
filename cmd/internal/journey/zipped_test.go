package journey

import (
	"archive/zip"
	"bytes"
	"testing"
)

// zipped is an archive of parts, each a name and a text.
func zipped(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		part, err := z.Create(pairs[i])
		must(t, err)
		_, err = part.Write([]byte(pairs[i+1]))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}
