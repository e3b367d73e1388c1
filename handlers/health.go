package handlers

import (
	"context"
	"net/http"
	"time"
)

// healthz tells that the process is alive.
func (s *Server) healthz(w http.ResponseWriter, v *visit) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "alive", "version": s.Version})
	return nil
}

// readyz tells whether this process can serve: the database answers. How
// Campus One fares is told beside it and never makes the portal unready.
func (s *Server) readyz(w http.ResponseWriter, v *visit) error {
	ctx, cancel := context.WithTimeout(v.r.Context(), 2*time.Second)
	defer cancel()
	body := map[string]any{"status": "ready", "database": "ok", "campus_one": campusOneWord(s.Provider.Away())}
	if s.Standing.Status().Stopped {
		body["confirmation"] = "stopped: too many sessions ended at once"
	}
	status := http.StatusOK
	if err := s.DB.Ping(ctx); err != nil {
		eventOf(v.r).cause = err
		status, body["status"], body["database"] = http.StatusServiceUnavailable, "not ready", "does not answer"
	}
	writeJSON(w, status, body)
	return nil
}

// campusOneWord is all that the public is told of the provider.
func campusOneWord(away bool) string {
	if away {
		return "away"
	}
	return "answers"
}
