package auth

import "time"

// CookieUse is a cookie that the portal may set, for those who ask what it
// keeps in their browser.
type CookieUse struct {
	Name string
	For  string        // what for, in words that follow "It says "
	Life time.Duration // how long at most
}

// Cookies lists every cookie of ours that a browser can get, by its name here.
func (f *Flow) Cookies() []CookieUse {
	all := []CookieUse{
		{cookieSession, "who is signed in here.", f.guard.cfg.Max},
		{CookieAnonymous, "that Campus One knew nobody in this browser a moment ago, so that it is not asked again for every page.", anonymousFor},
		{cookieAttempt, "for which pages Campus One was asked, so that nobody is sent round in circles.", rememberFor},
		{cookieKey, "a random number. An answer of Campus One counts only in the browser that asked for it.", keyFor},
		{cookieOut, "that you signed out, so that nobody is signed in here again without asking for it.", signedOutFor},
		{cookieShared, "that several people use this computer.", signedOutFor},
		{cookieScript, "that our script runs here and looks after the Back button.", scriptFor},
		{cookieOnce, "the address of your own calendar, sealed, so that the next page can show it this one time.", flashFor},
		{cookieFlash, "one sentence for the next page, such as “Saved”.", flashFor},
	}
	for i := range all {
		all[i].Name = f.jar.name(all[i].Name)
	}
	return all
}

const (
	flashFor  = time.Minute
	scriptFor = time.Hour // as static/app.js sets it
)
