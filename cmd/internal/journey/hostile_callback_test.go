package journey

import (
	"slices"
	"strings"

	"portico/auth/campusone/campusonetest"
)

type param = campusonetest.Param

func callback(edit func([]param) []param) func(scene, *fault) {
	return func(_ scene, f *fault) { f.Authorize.Callback = edit }
}

func adding(more ...param) func(scene, *fault) {
	return callback(func(p []param) []param { return append(p, more...) })
}

func replacing(name, value string) func(scene, *fault) {
	return callback(func(p []param) []param {
		for i := range p {
			if p[i].Name == name {
				p[i].Value = value
			}
		}
		return p
	})
}

func dropping(name string) func(scene, *fault) {
	return callback(func(p []param) []param { return slices.DeleteFunc(p, func(p param) bool { return p.Name == name }) })
}

func stateAs(how campusonetest.StateFault) func(scene, *fault) {
	return func(_ scene, f *fault) { f.Authorize.State = how }
}

func answersError(code string) func(scene, *fault) {
	return func(_ scene, f *fault) {
		f.Authorize.Error, f.Authorize.Description = code, canary+" <script>alert(1)</script>"
	}
}

// callbackCrimes are what the browser brings back from a bad provider.
func callbackCrimes() []crime {
	const oauth, iss = "RFC 6749", "RFC 9207 2.4"
	advertised := campusonetest.Quirks{ResponseIssuer: true}
	all := []crime{
		{name: "mix-up: iss of another", rule: iss, wrong: "the answer names another issuer", quirk: advertised, fault: replacing("iss", "https://"+canary+".example")},
		{name: "mix-up: iss unasked", rule: iss, wrong: "iss of another, though none is advertised", fault: adding(param{Name: "iss", Value: "https://" + canary + ".example"})},
		{name: "mix-up: iss missing", rule: iss, wrong: "iss is advertised and absent", quirk: advertised, fault: dropping("iss")},
		{name: "mix-up: iss empty", rule: iss, wrong: "iss is empty", quirk: advertised, fault: replacing("iss", "")},
		{name: "mix-up: iss with a slash", rule: iss, wrong: "iss has a / more at its end", quirk: advertised, fault: callback(func(p []param) []param {
			for i := range p {
				if p[i].Name == "iss" {
					p[i].Value += "/"
				}
			}
			return p
		})},
		{name: "iss twice", rule: oauth + " 3.1", wrong: "iss comes twice", quirk: advertised, fault: adding(param{Name: "iss", Value: canary}), silent: 400, interactive: 400},
		{name: "code twice", rule: oauth + " 3.1", wrong: "code comes twice", fault: adding(param{Name: "code", Value: canary}), silent: 400, interactive: 400},
		{name: "state twice", rule: oauth + " 3.1", wrong: "state comes twice", fault: stateAs(campusonetest.StateDoubled), silent: 400, interactive: 400},
		{name: "code and error", rule: oauth + " 4.1.2", wrong: "code and error together", fault: adding(param{Name: "error", Value: "access_denied"}), silent: 400, interactive: 400},
		{name: "code without state", rule: oauth + " 4.1.2", wrong: "the state is lost", fault: stateAs(campusonetest.StateDropped), silent: 400, interactive: 400},
		{name: "code with state undefined", rule: oauth + " 4.1.2", wrong: "the state is the word undefined", fault: stateAs(campusonetest.StateUndefined), silent: 400, interactive: 400},
		{name: "code with empty state", rule: oauth + " 4.1.2", wrong: "the state is empty", fault: stateAs(campusonetest.StateEmpty), silent: 400, interactive: 400},
		{name: "state altered", rule: oauth + " 10.12", wrong: "one letter of the state is another", fault: stateAs(campusonetest.StateAltered), interactive: 400},
		{name: "code empty", rule: oauth + " 4.1.2", wrong: "the code is empty", fault: replacing("code", ""), silent: 400, interactive: 400},
		{name: "code of its own", rule: oauth + " 4.1.3", wrong: "a code it never gave", fault: replacing("code", canary), interactive: 502},
		{name: "callback of 5 kB", rule: oauth + " 4.1.2", wrong: "a parameter of 5 kB", fault: adding(param{Name: "x", Value: strings.Repeat(canary, 500)}), silent: 400, interactive: 400},
		{name: "sends back to the page", rule: oauth + " 4.1.2", wrong: "the browser never reaches the callback", silent: served, interactive: 200,
			fault: func(s scene, f *fault) { f.Authorize.RedirectTo = s.portal + "/" }},
	}
	return append(ending(all, 502), errorCrimes()...)
}

// errorCrimes are all errors an authorize endpoint can answer, each with the
// state and without it. A silent attempt with the state ends as anonymous
// whatever the code. Without the state an error answers only an attempt of the
// kind it fits, and is ignored where none is open.
func errorCrimes() []crime {
	ends := []struct {
		code            string
		status, without int // of an interactive attempt, with the state and without it
		silent          int // of a silent one without the state
	}{
		{"login_required", 401, 200, anonymous}, {"interaction_required", 401, 200, anonymous},
		{"consent_required", 401, 200, anonymous}, {"account_selection_required", 401, 200, anonymous},
		{"access_denied", 200, 200, served}, {"invalid_scope", 400, 400, served}, {"invalid_request", 401, 401, anonymous},
		{"unauthorized_client", 401, 401, anonymous}, {"unsupported_response_type", 401, 401, anonymous},
		{"server_error", 502, 502, anonymous}, {"temporarily_unavailable", 503, 503, anonymous}, {canary, 401, 401, anonymous},
	}
	var all []crime
	for _, e := range ends {
		row := crime{rule: "OIDC Core 3.1.2.6", wrong: "answers everybody so, with the state", fault: answersError(e.code), interactive: e.status}
		row.name, row.quirk = "error "+e.code, campusonetest.Quirks{StateInErrors: true}
		all = append(all, row)
		row.name, row.quirk, row.wrong = row.name+", no state", campusonetest.Quirks{}, "answers everybody so, without the state"
		row.silent, row.interactive = e.silent, e.without
		all = append(all, row)
	}
	return all
}
