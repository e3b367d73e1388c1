package main

import (
	"context"
	"fmt"
	"net/http"
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

// ownWebhook posts a signed event that the portal stores and ignores.
func (w *ward) ownWebhook(ctx context.Context) {
	secret := w.config.CampusOne.WebhookSecret
	if secret == "" {
		return
	}
	ours := w.config.WebhookURL()
	status, _, err := post(ctx, sample{event: "portico.doctor", data: "{}", url: ours, secret: secret})
	switch {
	case err != nil:
		w.add(failed, "webhook to itself", ours+" does not answer: "+unreachable(err), "let the proxy pass this path on as it is")
	case status == http.StatusUnauthorized:
		w.add(failed, "webhook to itself", "the running portal has another webhook secret", "restart the portal")
	case status/100 != 2:
		w.add(failed, "webhook to itself", fmt.Sprintf("%s answered %d", ours, status), "look into the portal's log")
	default:
		w.add(ok, "webhook to itself", "signed, taken and stored", "")
	}
}
