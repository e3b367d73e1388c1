package journey

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/db"
	"portico/db/bulk"
)

// What fails midway is broken off: a browser shows a failed download and keeps
// no short file as if it were whole.
func TestBrokenDownloadFails(t *testing.T) {
	t.Parallel()
	w := Start(t, Options{})
	long := strings.Repeat("x", 300)
	err := bulk.Deliveries(t.Context(), w.App.DB, func(yield func(db.Delivery) bool) {
		for i := range 40_000 {
			if !yield(db.Delivery{Key: fmt.Sprintf("%s-%d", long, i), Event: "user.updated", Occurred: w.Now(), Received: w.Now(), State: db.StateProcessed, Body: []byte(`{}`)}) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	grace := signedIn(t, w, campusonetest.SubGrace)
	form := url.Values{"tag": {tagOf(t, grace)}, "by": {"delivery"}, "period": {"7d"}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/admin/reports/webhooks/csv", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "Origin": {w.URL}, "Accept": {"text/html"}, "Accept-Encoding": {"identity"}}
	res, err := grace.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.ContentLength != -1 {
		t.Fatalf("status %d, length %d", res.StatusCode, res.ContentLength)
	}
	if _, err := io.ReadFull(res.Body, make([]byte, 64<<10)); err != nil {
		t.Fatalf("the first rows do not come while the others are read: %v", err)
	}
	if _, err := w.App.DB.Writer().ExecContext(t.Context(), `ALTER TABLE deliveries RENAME TO gone`); err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, res.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("after %d bytes more the file ends with %v", n, err)
	}
}
