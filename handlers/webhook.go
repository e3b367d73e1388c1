package handlers

import (
	"errors"
	"io"
	"net/http"

	"portico/auth"
)

// webhook takes one delivery of Campus One. The content type is not looked
// at: the signature over the raw body says whether it counts.
func (s *Server) webhook(w http.ResponseWriter, v *visit) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, v.r.Body, maxWebhook))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			s.Inbox.Oversized()
			http.Error(w, "Body over 64 kB", http.StatusRequestEntityTooLarge)
			return nil
		}
		http.Error(w, "Body did not arrive", http.StatusBadRequest)
		return nil
	}
	got := s.Inbox.Receive(v.r.Context(), auth.Received{
		Body: body, Signature: v.r.Header.Get("X-Campus-One-Signature"),
		Event: v.r.Header.Get("X-Campus-One-Event"), Delivery: v.r.Header.Get("X-Campus-One-Delivery"),
	})
	e := eventOf(v.r)
	e.outcome, e.cause = got.Outcome, got.Cause
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(got.Status)
	_, err = io.WriteString(w, got.Text)
	return err
}
