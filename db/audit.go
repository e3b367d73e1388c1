package db

import (
	"context"
	"fmt"
	"time"
)

// AuditEntry says who did what to whom. It names people by id.
type AuditEntry struct {
	At                            time.Time
	Actor, Action, Object, Detail string
}

// Audit notes an action that is not part of another write.
func (d *DB) Audit(ctx context.Context, e AuditEntry) error {
	return d.write(ctx, Durable, func(t *Tx) error { return t.audit(ctx, e) })
}

func (t *Tx) audit(ctx context.Context, e AuditEntry) error {
	_, err := t.ExecContext(ctx, `INSERT INTO audit (at, actor, action, object, detail) VALUES ($1, $2, $3, $4, $5)`,
		micros(e.At), plain(e.Actor), e.Action, plain(e.Object), plain(e.Detail))
	if err != nil {
		return fmt.Errorf("noting %s in the audit: %w", e.Action, err)
	}
	return t.late(ctx, e.At)
}

// AuditBetween lists what was done from one moment to before another, the
// newest first, limit entries at most.
func (d *DB) AuditBetween(ctx context.Context, from, to time.Time, limit int) ([]AuditEntry, error) {
	return d.auditWhere(ctx, `at >= $1 AND at < $2`, limit, micros(from), micros(to))
}

// AuditAbout lists what was done about a person, the newest first, limit
// entries at most: entries that name their id or sub, and what was granted to
// their present address or by an address that made a grant theirs.
func (d *DB) AuditAbout(ctx context.Context, u *User, limit int) ([]AuditEntry, error) {
	return d.auditWhere(ctx, `object IN ($1, $2) OR action IN ('grant', 'grant.bound', 'revoke') AND (detail IN ($1, $3)
		OR detail IN (SELECT email FROM grants WHERE provider = $4 AND sub = $2))`, limit, u.ID, u.Sub, foldEmail(u.Email()), u.Provider)
}

func (d *DB) auditWhere(ctx context.Context, where string, limit int, args ...any) ([]AuditEntry, error) {
	scan := func(row scanner) (e AuditEntry, err error) {
		err = row.Scan(moment{&e.At}, &e.Actor, &e.Action, &e.Object, &e.Detail)
		return e, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT at, actor, action, object, detail FROM audit WHERE `+where+
		fmt.Sprintf(` ORDER BY at DESC, id DESC LIMIT %d`, limit), args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return all, nil
}

// PurgeAudit removes up to limit lines from before a moment, and says how many
// went.
func (d *DB) PurgeAudit(ctx context.Context, before time.Time, limit int) (n int, err error) {
	err = d.write(ctx, Relaxed, func(t *Tx) (err error) {
		n, err = t.exec(ctx, `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 ORDER BY at LIMIT $2)`, micros(before), limit)
		if err != nil {
			return err
		}
		return t.horizon(ctx, fromAudit, before)
	})
	if err != nil {
		return 0, fmt.Errorf("removing old lines of audit: %w", err)
	}
	return n, nil
}
