package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"portico/db"
)

// portal asks the running portal at its own public address. Not running yet is
// no failure: doctor comes before serve.
func (w *ward) portal(ctx context.Context) {
	if w.config.AppURL == nil {
		return
	}
	address := w.config.AppURL.JoinPath("healthz").String()
	a, err := w.get(ctx, address, "text/plain")
	switch {
	case err != nil:
		w.add(warning, "public address", w.config.AppURL.String()+" does not answer: "+unreachable(err), "start the portal, and check that the name and the proxy lead to it")
		return
	case a.status != http.StatusOK:
		w.add(warning, "public address", fmt.Sprintf("%s answered %d", address, a.status), "check that the proxy leads to the portal")
		return
	}
	w.add(ok, "public address", address+" answered", "")
	w.proxies(ctx)
	w.liveness(ctx)
	w.ownWebhook(ctx)
}

// liveness does what Campus One does before it trusts a redirect address.
func (w *ward) liveness(ctx context.Context) {
	ours := w.config.RedirectURL()
	a, err := w.get(ctx, ours, "*/*")
	if err != nil || a.status/100 != 2 {
		w.add(failed, "liveness probe", fmt.Sprintf("%s answered %d; Campus One wants 200", ours, a.status), "let the proxy pass this path on as it is")
		return
	}
	w.add(ok, "liveness probe", ours+" answered 200", "")
}

// ownWebhook posts a signed event the way Campus One does, by the public
// address, and then looks for it in the database.
func (w *ward) ownWebhook(ctx context.Context) {
	secret := w.config.CampusOne.WebhookSecret
	if secret == "" {
		return
	}
	one := sample{event: "portico.doctor", data: "{}", url: w.config.WebhookURL(), secret: secret}
	status, answer, err := post(ctx, &one)
	switch {
	case err != nil:
		w.add(failed, toItself, one.url+" does not answer: "+unreachable(err), "let the proxy pass this path on as it is")
	case status == http.StatusUnauthorized:
		w.add(failed, toItself, one.url+" answered 401: the running portal has another webhook secret, or a proxy takes the signature's header away", "restart the portal, and let the proxy pass X-Campus-One-Signature on")
	case status/100 != 2:
		w.add(failed, toItself, fmt.Sprintf("%s answered %d %s", one.url, status, answer), "look into the portal's log")
	default:
		w.stored(ctx, one)
	}
}

const toItself = "webhook to itself"

// stored looks for an event that was just taken.
func (w *ward) stored(ctx context.Context, one sample) {
	seen := one.url + " took a signed sample"
	d, err := w.open(ctx)
	if err != nil {
		w.add(warning, toItself, seen+"; whether it was stored cannot be seen: "+databaseTrouble(err), "")
		return
	}
	defer func() { _ = d.Close() }() // it only read
	r, err := d.InboxDelivery(ctx, one.id)
	switch {
	case errors.Is(err, db.ErrNotFound):
		w.add(failed, toItself, seen+", but it is not in the database", "the running portal has another database: restart it with the DATABASE_URL of "+w.place())
	case err != nil:
		w.add(warning, toItself, seen+"; whether it was stored cannot be seen: "+databaseTrouble(err), "")
	default:
		w.add(ok, toItself, fmt.Sprintf("%s; it stands in the database as %s", seen, r.State), "")
	}
}

// inbox looks for deliveries that somebody has to look after.
func (w *ward) inbox(ctx context.Context, d *db.DB) {
	dead, err := d.Inbox(ctx, db.InboxFilter{State: db.StateDead, Limit: mostListed})
	if err != nil {
		w.add(failed, "webhook inbox", "it cannot be read: "+databaseTrouble(err), "")
		return
	}
	due, err := d.Due(ctx, w.now().Add(-overdue), mostListed)
	if err != nil {
		w.add(failed, "webhook inbox", "it cannot be read: "+databaseTrouble(err), "")
		return
	}
	switch {
	case len(dead) > 0:
		w.add(warning, "webhook inbox", deliveries(len(dead))+" failed for good, the last one for this: "+dead[0].Error,
			"see them with `portico webhook list --state dead`; when the cause is mended, run `portico webhook retry "+quoted(dead[0].Key)+"`")
	case len(due) > 0:
		w.add(warning, "webhook inbox", fmt.Sprintf("%s should have been applied %s ago", deliveries(len(due)), overdue), "start the portal; if it runs, look into its log")
	default:
		w.add(ok, "webhook inbox", "nothing failed and nothing is late", "")
	}
}

const overdue = 5 * time.Minute
