package db

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Drift is a repair: a sign-in or a confirmation found that something known of
// a person had changed and no webhook had said so.
type Drift struct {
	At     time.Time
	UserID string
	Source string   // SourceSignIn or SourceConfirmation
	Fields []string // those that were repaired
}

// SourceSignIn stands for both sources of a sign-in, id_token and userinfo.
const SourceSignIn = "sign-in"

// ActionDrift is what the audit calls a repair; its detail names the fields.
const ActionDrift = "drift"

const kindDrift = "drift"

// drifted are the fields that a claim has changed. A field that was not known
// before has not drifted, nor has an address that we alone called unverified,
// because the webhook that brought it did not say.
func drifted(old, now Facts, changed []string) (fields []string) {
	for _, field := range changed {
		was, had := old.Find(field)
		unsaid := field == FieldEmailVerified && was.Source == SourceWebhook && was.Value == "false"
		if had && !unsaid && now.Of(field).Source != SourceWebhook {
			fields = append(fields, field)
		}
	}
	return fields
}

// noteDrift counts each repaired field and writes one line of audit for them
// all: names of fields, never what was in them.
func (t *Tx) noteDrift(ctx context.Context, u *User, old Facts, changed []string) error {
	fields := drifted(old, u.Facts, changed)
	if len(fields) == 0 {
		return nil
	}
	for _, field := range fields {
		if err := t.count(ctx, Count{Hour: u.Facts.Of(field).AsOf, Kind: kindDrift, Reason: field, N: 1}); err != nil {
			return err
		}
	}
	last := u.Facts.Of(fields[0])
	source := last.Source
	if source != SourceConfirmation {
		source = SourceSignIn
	}
	return t.audit(ctx, AuditEntry{At: last.AsOf, Actor: source, Action: ActionDrift, Object: u.ID, Detail: strings.Join(fields, " ")})
}

// Drifts lists the repairs from one moment to before another, the latest
// first, limit at most.
func (d *DB) Drifts(ctx context.Context, from, to time.Time, limit int) ([]Drift, error) {
	scan := func(row scanner) (v Drift, err error) {
		var fields string
		err = row.Scan(moment{&v.At}, &v.UserID, &v.Source, &fields)
		v.Fields = strings.Fields(fields)
		return v, err
	}
	all, err := collect(ctx, d.read, scan, `SELECT at, object, actor, detail FROM audit WHERE action = '`+ActionDrift+`' AND at >= $1 AND at < $2 ORDER BY at DESC, id DESC LIMIT $3`, micros(from), micros(to), limit)
	if err != nil {
		return nil, fmt.Errorf("reading what drifted: %w", err)
	}
	return all, nil
}
