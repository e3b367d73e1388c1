package views_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portico/views"
)

func TestDeliveryTellsItsNotesInSentences(t *testing.T) {
	doc := draw(t, views.Webhook(manager("Webhook", "/admin/webhooks/k1"), deadLetter()))
	want := []string{
		"It says that it happened in the future. The time at which it came counts in its place.",
		"Its headers name another event or another id than its signed body. The headers are not signed, so the body counts.",
		"The portal knew something later about this, so it was not applied: role, level.",
		"Moon",
	}
	if got := texts(doc, "[aria-labelledby=body] p"); !slices.Equal(got, want) {
		t.Errorf("remarks %q", got)
	}
	one(t, doc, `a[href="/admin/webhooks/k0"]`)
}

func TestInboxTellsOutcomesInWordsAndShades(t *testing.T) {
	doc := draw(t, views.Webhooks(manager("Webhooks", "/admin/webhooks"), webhooks()))
	var got []string
	for _, n := range all(doc, "tbody .tag") {
		got = append(got, text(n)+"/"+strings.TrimSpace(attr(n, "class")))
	}
	want := []string{
		"Trying again/tag warn", "Applied/tag good", "Nothing to do/tag", "Overtaken/tag", "Failed/tag bad", "Dropped/tag", "Too old/tag", "Unreadable/tag warn", "Failed/tag bad",
	}
	if !slices.Equal(got, want) {
		t.Errorf("outcomes %q", got)
	}
	if first := texts(doc, ".terms dt")[0]; first != "Failed" {
		t.Errorf("explained first: %s", first)
	}
}

func TestInboxFoldsOnlyEmptyFilters(t *testing.T) {
	for _, find := range []views.WebhooksFind{{}, {Search: "x"}, {Event: "user.updated"}, {From: "2026-11-23"}, {To: "x"}} {
		doc := draw(t, views.Webhooks(manager("Webhooks", "/admin/webhooks"), views.WebhooksModel{Any: true, Find: find, Events: []string{"user.updated"}}))
		open := len(all(doc, "details.more[open]")) == 1
		if want := find.Event+find.From+find.To != ""; open != want {
			t.Errorf("%+v: open %v", find, open)
		}
	}
}

func TestDelayIsToldWhereItCounts(t *testing.T) {
	for late, want := range map[time.Duration]string{
		-time.Hour: "", time.Second: "", 90 * time.Second: "90 seconds later", 5 * time.Minute: "5 minutes later", 3 * time.Hour: "3 hours later", 72 * time.Hour: "3 days later",
	} {
		m := deadLetter()
		m.Came = m.Happened.Add(late)
		var got strings.Builder
		for _, s := range texts(draw(t, views.Webhook(manager("Webhook", "/x"), m)), ".facts dd .meta") {
			got.WriteString(s)
		}
		if want != "" {
			want = ", " + want
		}
		if got.String() != want {
			t.Errorf("%s: %q, want %q", late, got.String(), want)
		}
	}
}
