package handlers

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"portico/handlers/intake"
)

// Who goes away while another timetable is read leaves nothing running.
func TestTimetablesAreReadOneAtATime(t *testing.T) {
	s := &Server{looking: intake.NewTurn()}
	ctx, leave := context.WithCancel(t.Context())
	err := s.looking.Do(ctx, func() {
		leave()
		i := &importing{s: s, v: &visit{r: httptest.NewRequestWithContext(ctx, "POST", importPath, nil)}}
		if err := i.readInTurn(); !errors.Is(err, context.Canceled) {
			t.Errorf("another is read at the same time: %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
