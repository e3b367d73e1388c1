package campusonetest

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// idempotencyLife is how long a repeated write is answered from memory.
const idempotencyLife = 24 * time.Hour

// Notification is one record of POST /notifications.
type Notification struct {
	ID        string    `json:"id"`
	UserID    string    `json:"userId"`
	App       string    `json:"app"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	Type      string    `json:"type"`
	TargetURL string    `json:"targetUrl,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
}

// inbox holds the notifications of everybody.
type inbox struct {
	mu   sync.Mutex
	list []Notification
	keys map[string]Notification // application and Idempotency-Key
}

func newInbox() *inbox { return &inbox{keys: map[string]Notification{}} }

// add stores n, or returns the record that the same key made within a day.
func (b *inbox) add(n Notification, key string) Notification {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := n.App + "\x00" + key
	if old, ok := b.keys[id]; ok && key != "" && n.CreatedAt.Sub(old.CreatedAt) < idempotencyLife {
		return old
	}
	b.list = append(b.list, n)
	if key != "" {
		b.keys[id] = n
	}
	return n
}

// Notifications returns what one person has been sent, the oldest first; what
// everybody has for an empty sub.
func (s *Server) Notifications(sub string) []Notification {
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	var mine []Notification
	for _, n := range s.inbox.list {
		if sub == "" || n.UserID == sub {
			mine = append(mine, n)
		}
	}
	return mine
}

// appAPI is the table of the App API, each call with the scope it needs.
func (s *Server) appAPI() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /api/apps/faculties", s.needs("academic", s.listFaculties))
	mux.Handle("GET /api/apps/departments", s.needs("academic", s.listDepartments))
	mux.Handle("POST /api/apps/notifications", s.needs(scopeNotifications, s.notify))
	return mux
}

// needs admits a user's access token with the scope.
func (s *Server) needs(scope string, h func(http.ResponseWriter, *http.Request, grant)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		g, _, ok := s.bearer(r)
		if !ok {
			writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
			return
		}
		if !g.has(scope) {
			apiError(w, http.StatusForbidden, "FORBIDDEN", "The token lacks the scope "+scope, map[string]any{})
			return
		}
		h(w, r, g)
	}
}

// apiError has the members Campus One documents for 400 and 403.
func apiError(w http.ResponseWriter, status int, code, message string, data map[string]any) {
	writeJSON(w, status, map[string]any{"code": code, "status": status, "message": message, "data": data})
}

func (s *Server) listFaculties(w http.ResponseWriter, _ *http.Request, _ grant) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	writeJSON(w, http.StatusOK, Catalogue())
}

func (s *Server) listDepartments(w http.ResponseWriter, _ *http.Request, _ grant) {
	w.Header().Set("Cache-Control", "public, max-age=3600")
	writeJSON(w, http.StatusOK, departments())
}

func (s *Server) notify(w http.ResponseWriter, r *http.Request, g grant) {
	var n Notification
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		apiError(w, http.StatusBadRequest, "BAD_REQUEST", "The body is not JSON", map[string]any{})
		return
	}
	if issues := n.issues(); len(issues) > 0 {
		apiError(w, http.StatusBadRequest, "BAD_REQUEST", "Input validation failed", map[string]any{"issues": issues})
		return
	}
	n.ID, n.UserID, n.App, n.CreatedAt = uuid.NewString(), g.sub, g.client, s.now().UTC()
	writeJSON(w, http.StatusOK, s.inbox.add(n, r.Header.Get("Idempotency-Key")))
}

// issues lists what is wrong with the fields.
func (n Notification) issues() []map[string]any {
	var list []map[string]any
	add := func(bad bool, field, message string) {
		if bad {
			list = append(list, map[string]any{"path": []string{field}, "message": message})
		}
	}
	add(n.Title == "" || utf8.RuneCountInString(n.Title) > 128, "title", "1 to 128 characters")
	add(n.Body == "" || utf8.RuneCountInString(n.Body) > 512, "body", "1 to 512 characters")
	add(!slices.Contains([]string{"info", "success", "warning", "action_required"}, n.Type), "type", "unknown type")
	return list
}
