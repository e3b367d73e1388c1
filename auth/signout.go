package auth

import (
	"net/http"

	"portico/auth/campusone"
)

// SignOut returns the cookies that leave a browser signed out: the session's
// cookie goes, the browser key is replaced (so that an attempt begun before
// ends anonymous), and the signed-out marker keeps the silent check away
// until the person asks to be signed in. The caller has ended the session;
// parked is what ParkIDToken returned before.
func (f *Flow) SignOut(parked string) []*http.Cookie {
	out := outByHand
	if parked != "" {
		out += "-" + parked
	}
	return f.leaveSignedOut(out)
}

// ShutOut returns the cookies that leave the browser of a blocked person
// signed out, and have it told why.
func (f *Flow) ShutOut() []*http.Cookie { return f.leaveSignedOut(outByBlock) }

func (f *Flow) leaveSignedOut(out string) []*http.Cookie {
	return []*http.Cookie{
		f.jar.drop(cookieSession), f.keyCookie(newKey()), f.jar.set(cookieOut, out, signedOutFor), f.jar.drop(cookieAttempt),
	}
}

// SharedComputer returns the cookie that remembers, or forgets, that many
// people use this computer.
func (f *Flow) SharedComputer(on bool) *http.Cookie {
	if !on {
		return f.jar.drop(cookieShared)
	}
	return f.jar.set(cookieShared, "1", signedOutFor)
}

// Flash returns the cookie that shows one message on the next page.
func (f *Flow) Flash(message string) *http.Cookie {
	return f.jar.set(cookieFlash, f.seal.Seal(purposeFlash, "", flashFor, []byte(message)), flashFor)
}

// TakeFlash returns the message that waits, and the cookie that ends it; nil
// when none waits.
func (f *Flow) TakeFlash(r *http.Request) (string, *http.Cookie) {
	value := f.jar.get(r, cookieFlash)
	if value == "" {
		return "", nil
	}
	plain, err := f.seal.Open(purposeFlash, "", value)
	if err != nil {
		return "", f.jar.drop(cookieFlash)
	}
	return string(plain), f.jar.drop(cookieFlash)
}

// Once returns the cookie that hands a text to the page a person is sent to
// next; it opens for them alone, and nobody else ever holds it.
func (f *Flow) Once(userID string, text campusone.Secret) *http.Cookie {
	return f.jar.set(cookieOnce, f.seal.Seal(purposeOnce, userID, flashFor, []byte(text.Reveal())), flashFor)
}

// TakeOnce returns the text that waits for a person, and the cookie that ends
// it; nil when none waits.
func (f *Flow) TakeOnce(r *http.Request, userID string) (campusone.Secret, *http.Cookie) {
	value := f.jar.get(r, cookieOnce)
	if value == "" {
		return "", nil
	}
	plain, err := f.seal.Open(purposeOnce, userID, value)
	if err != nil {
		return "", f.jar.drop(cookieOnce)
	}
	return campusone.Secret(plain), f.jar.drop(cookieOnce)
}
