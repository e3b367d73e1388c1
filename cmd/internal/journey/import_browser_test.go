package journey

import (
	"os"
	"path/filepath"
	"testing"

	"portico/auth/campusone/campusonetest"
	"portico/cmd/internal/browser"
)

func TestASecretaryAddsATimetableInChromium(t *testing.T) {
	t.Parallel()
	inChromium(t, func(t *testing.T, w *World, tab *browser.Tab) {
		ours(t, w)
		sem := newSemester(t, w.Now())
		file := filepath.Join(t.TempDir(), "timetable.csv")
		if err := os.WriteFile(file, sem.file, 0o600); err != nil {
			t.Fatal(err)
		}
		signIn(t, w, tab, campusonetest.SubFunke, "/admin/publish/events")
		tab.Click("Add a timetable from a file")
		picture(t, tab, "import")
		tab.Choose("#file", file)
		tab.Click("Look at it first")
		wantText(t, tab, "42 events can be added, 3 lines need correcting.")
		picture(t, tab, "import-read")
		tab.Click("button[value=add]")
		wantText(t, tab, "Added 42 events as drafts.")
		picture(t, tab, "imported")
		tab.Click("Take all of them back")
		wantText(t, tab, "Undone: 42 events erased.")
		picture(t, tab, "import-undone")
	})
}
