package handlers

import (
	"errors"
	"net/http"
	"time"

	"portico/auth"
	"portico/db"
	"portico/handlers/reports"
	"portico/handlers/words"
	"portico/views"
)

// reportsPage is the overview of all reports.
func (s *Server) reportsPage(w http.ResponseWriter, v *visit) error {
	m, err := s.desk(v).Overview(v.r.Context(), v.r.URL.Query())
	if err != nil {
		return err
	}
	s.render(w, v, http.StatusOK, views.Reports(s.page(v, m.Title), m))
	return nil
}

// reportPage is one report.
func reportPage(name string) func(*Server, http.ResponseWriter, *visit) error {
	return func(s *Server, w http.ResponseWriter, v *visit) error {
		m, err := s.desk(v).Page(v.r.Context(), name, v.r.URL.Query())
		if err != nil {
			return reportProblem(err)
		}
		s.render(w, v, http.StatusOK, views.Report(s.page(v, m.Title), m))
		return nil
	}
}

// reportDownload sends all rows of a report as CSV.
func reportDownload(name string) func(*Server, http.ResponseWriter, *visit) error {
	return func(s *Server, w http.ResponseWriter, v *visit) error {
		d, m, err := s.desk(v).Download(v.r.Context(), name, v.r.PostForm)
		if errors.Is(err, reports.ErrFilter) {
			s.render(w, v, http.StatusUnprocessableEntity, views.Report(s.page(v, m.Title), m))
			return nil
		}
		if err != nil {
			return reportProblem(err)
		}
		return s.sendReport(w, v, d)
	}
}

// sendWithin is how long a part of a download may take to reach its reader.
const sendWithin = time.Minute

// sendReport notes a download in the audit, and only then begins it. What fails
// midway is broken off, so that nobody keeps half a file as if it were whole.
func (s *Server) sendReport(w http.ResponseWriter, v *visit, d *reports.Download) error {
	deed := db.AuditEntry{At: s.Now(), Actor: v.live.User.ID, Action: words.Export, Object: d.Report, Detail: d.Filter + ": " + many(d.Rows, "row", "rows")}
	if err := s.DB.Audit(v.r.Context(), deed); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="`+d.Name+`"`)
	reach := http.NewResponseController(w)
	err := d.Write(v.r.Context(), w, func() error {
		if err := reach.SetWriteDeadline(time.Now().Add(sendWithin)); err != nil {
			return err
		}
		return reach.Flush()
	})
	if err != nil {
		s.Log.Error("a download broke off", "request", eventOf(v.r).reference, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// desk is where a person reads reports. Who manages the portal sees exact
// counts and names.
func (s *Server) desk(v *visit) *reports.Desk {
	shelf := s.frame(v)
	return &reports.Desk{
		DB: s.DB, Names: s.Catalogue, Settings: shelf.Settings(), Categories: shelf.Categories(), Now: s.Now().In(s.Zone),
		Exact: s.Policy.May(v.live.User, auth.Manage, s.Now()),
	}
}

// reportProblem is how a report's error is answered.
func reportProblem(err error) error {
	if errors.Is(err, reports.ErrNames) {
		return problem(http.StatusForbidden, nil)
	}
	return err
}
