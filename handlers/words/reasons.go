package words

// reasons say how an attempt to sign in ended, or why none was made.
var reasons = map[string]string{
	"departed": "Sent to Campus One", "signed_in": "Signed in", "login_required": "Not signed in at Campus One", "consent_required": "Has not agreed to this portal yet",
	"interaction_required": "Campus One had to ask the person", "account_selection_required": "Has several accounts at Campus One", "access_denied": "Cancelled at Campus One",
	"blocked": "Blocked here", "restarted": "Begun once more", "already": "Was signed in already", "iss": "Answer from another place than Campus One", "exchange": "Campus One did not confirm it",
	"storing": "Could not be stored here", "other": "Another error", "server_error": "Error at Campus One", "temporarily_unavailable": "Campus One was busy", "invalid_request": "Campus One refused the request",
	"invalid_scope": "Campus One refused a scope", "unauthorized_client": "Campus One refused this portal", "unsupported_response_type": "Campus One refused the request’s kind",
	"off": "Switched off", "bot": "A program, not a person", "prefetch": "The browser looked ahead", "not_document": "No page for a person", "signed_out": "Signed out here by hand", "shared": "A shared computer",
	"provider_down": "Campus One did not answer", "unanswered": "Few came back from Campus One to this network", "no_cookies": "The browser keeps no cookies", "attempt_open": "An earlier attempt has not come back",
	"anonymous": "Was not known minutes ago", "budget": "Was not known three times in a row", "loop": "Too many redirects", "elsewhere": "Begun in another browser", "under_way": "Another window is signing in",
	"another": "Another person came back", "ended": "Session had ended",
	"duplicate": "Came a second time", "stale": "Was over 30 days old", "future": "Said to be of the future", "unreadable": "Signed, but not what Campus One writes", "header_mismatch": "Its headers differ from its body",
	"bad_signature": "Refused: wrong signature", "no_secret": "Refused: no secret is set here", "too_large": "Refused: too large", "not_stored": "Refused: could not be stored", "failed": "Failed once when applied",
}

// Reason is a fixed reason of the counts as people read it.
func Reason(reason string) string {
	if words := reasons[reason]; words != "" {
		return words
	}
	return Role(reason)
}
