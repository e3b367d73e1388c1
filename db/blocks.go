package db

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// BlockedPerson is a block with its reason.
type BlockedPerson struct {
	Provider, Sub, By, Reason string
	At                        time.Time
}

// Block keeps a person out, known to the portal or not, and ends all their
// sessions. ErrLastManager when nobody else could manage the portal.
func (d *DB) Block(ctx context.Context, provider, sub, by, reason string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		managers, err := t.managers(ctx)
		if err != nil {
			return err
		}
		if managers.last(provider, sub) {
			return ErrLastManager
		}
		p, err := t.person(ctx, provider, sub)
		if err != nil || p.Blocked {
			return err
		}
		_, err = t.ExecContext(ctx, `INSERT INTO blocks (provider, sub, blocked_at, blocked_by, reason) VALUES ($1, $2, $3, $4, $5)`, provider, sub, micros(at), plain(by), plain(reason))
		if err != nil {
			return fmt.Errorf("blocking a person: %w", err)
		}
		if err := t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "block", Object: sub, Detail: reason}); err != nil || !p.known() {
			return err
		}
		// All of them: one that the provider's clock puts after at would live again once unblocked.
		if _, err := t.endLive(ctx, p.ID, math.MaxInt64, "blocked", at); err != nil {
			return err
		}
		_, err = t.endSessionsOf(ctx, p.ID, at, "blocked", at)
		return err
	})
}

// Unblock lets a person in again. The sessions that ended stay ended.
func (d *DB) Unblock(ctx context.Context, provider, sub, by, reason string, at time.Time) error {
	return d.write(ctx, Durable, func(t *Tx) error {
		if err := t.lockPerson(ctx, provider, sub); err != nil {
			return err
		}
		n, err := t.exec(ctx, `DELETE FROM blocks WHERE provider = $1 AND sub = $2`, provider, sub)
		if err != nil {
			return fmt.Errorf("unblocking a person: %w", err)
		}
		if n == 0 {
			return nil
		}
		if err := t.audit(ctx, AuditEntry{At: at, Actor: by, Action: "unblock", Object: sub, Detail: reason}); err != nil {
			return err
		}
		return t.changedPerson(ctx, provider, sub, at)
	})
}

const blockColumns = `provider, sub, blocked_by, reason, blocked_at`

func scanBlock(row scanner) (b BlockedPerson, err error) {
	err = row.Scan(&b.Provider, &b.Sub, &b.By, &b.Reason, moment{&b.At})
	return b, err
}

// BlockOf is what keeps a person out, known to the portal or not; nil when
// nothing does.
func (d *DB) BlockOf(ctx context.Context, provider, sub string) (*BlockedPerson, error) {
	b, err := scanBlock(d.read.QueryRowContext(ctx, `SELECT `+blockColumns+` FROM blocks WHERE provider = $1 AND sub = $2`, provider, sub))
	err = missing(err, "reading a block")
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return &b, err
}

// Blocks lists who is kept out, the latest first.
func (d *DB) Blocks(ctx context.Context) ([]BlockedPerson, error) {
	all, err := collect(ctx, d.read, scanBlock, `SELECT `+blockColumns+` FROM blocks ORDER BY blocked_at DESC, sub`)
	if err != nil {
		return nil, fmt.Errorf("reading blocks: %w", err)
	}
	return all, nil
}

func (t *Tx) blocked(ctx context.Context, provider, sub string) (bool, error) {
	var n int
	err := t.QueryRowContext(ctx, `SELECT count(*) FROM blocks WHERE provider = $1 AND sub = $2`, provider, sub).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("reading blocks: %w", err)
	}
	return n > 0, nil
}
