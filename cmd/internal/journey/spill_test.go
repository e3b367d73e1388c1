package journey

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"testing"
)

// A form is read before its gate is asked, so that nothing written is lost.
// What a stranger sends in parts must not stay behind on the disk.
func TestStrangersLeaveNoFiles(t *testing.T) {
	dir := t.TempDir()
	d := newDesk(t, Options{})
	t.Setenv("TMPDIR", dir)
	var b bytes.Buffer
	parts := multipart.NewWriter(&b)
	for _, name := range []string{"one", "two"} {
		f, err := parts.CreateFormFile(name, name+".bin")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(make([]byte, 200<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	res, _ := d.request(t, http.MethodPost, "/notes", "", map[string]string{"Accept": "text/html", "Content-Type": parts.FormDataContentType()}, b.String())
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("the form is answered with %d, want 401", res.StatusCode)
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		t.Errorf("%s stayed behind", f.Name())
	}
}
