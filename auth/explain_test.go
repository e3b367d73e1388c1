package auth

import (
	"testing"
	"time"
)

func TestEveryReasonHasItsSentence(t *testing.T) {
	for _, r := range []Reason{
		ReasonCheck, ReasonOff, ReasonBot, ReasonPrefetch, ReasonNotDocument, ReasonSignedOut, ReasonShared, ReasonProviderDown,
		ReasonUnanswered, ReasonNoCookies, ReasonAttemptOpen, ReasonAnonymous, ReasonBudget,
	} {
		if sentences[r] == "" {
			t.Errorf("%s is explained by nothing", r)
		}
	}
}

func TestExplainReadsTheBrowsersCookies(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	clock := func() time.Time { return now }
	cfg := FlowConfig{Origin: "https://portal.example", Silent: true}
	f := &Flow{cfg: cfg, jar: jar{secure: true}, seal: sealer(t, &now, secretA), now: clock}
	r := navigation("/", nil)
	r.AddCookie(f.attemptCookie(attempts{notBefore: now.Unix() + 600}))
	if e := Explain(cfg, f.seal, pages(), r, false, clock); e.Reason != ReasonBudget || e.Waits != "2027-01-15T08:10:00Z" || !e.Page {
		t.Errorf("%+v", e)
	}
	if e := Explain(cfg, sealer(t, &now, secretB), pages(), r, false, clock); e.Reason != ReasonCheck {
		t.Errorf("a cookie of another secret counted: %+v", e)
	}
	if e := Explain(cfg, f.seal, pages(), r, true, clock); e.Reason != ReasonProviderDown {
		t.Errorf("Campus One away: %+v", e)
	}
}
