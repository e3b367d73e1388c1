package journey

import (
	"net/http"
	"strings"
	"time"

	"portico/auth/campusone/campusonetest"
)

type answer = campusonetest.Answer

// htmlPage is an error page where JSON is due.
func htmlPage(status int) answer {
	return answer{Status: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: []byte("<html><h1>" + canary + "</h1></html>")}
}

func jsonAnswer(status int, body string) answer {
	return answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body)}
}

func discovery(a answer) func(scene, *fault) {
	return func(_ scene, f *fault) { f.Discovery.Answer = a }
}

func document(edit func(s scene, doc claims)) func(scene, *fault) {
	return func(s scene, f *fault) { f.Discovery.Edit = func(d map[string]any) { edit(s, d) } }
}

func keys(a answer) func(scene, *fault) { return func(_ scene, f *fault) { f.JWKS.Answer = a } }

func keySet(edit func(set claims)) func(scene, *fault) {
	return func(_ scene, f *fault) { f.JWKS.Edit = func(set map[string]any) { edit(set) } }
}

func token(a answer) func(scene, *fault) { return func(_ scene, f *fault) { f.Token.Answer = a } }

func tokenEdit(edit func(a claims)) func(scene, *fault) {
	return func(_ scene, f *fault) { f.Token.Edit = func(a map[string]any) { edit(a) } }
}

// metadataCrimes are discovery documents and key sets that cannot be used.
// Without a discovery document nobody is sent anywhere.
func metadataCrimes() []crime {
	const disc, jwk = "OIDC Discovery 4.3", "RFC 7517 5"
	docs := []crime{
		{name: "discovery HTML", rule: disc, wrong: "an HTML page with 200", fault: discovery(htmlPage(200))},
		{name: "discovery 500", rule: disc, wrong: "500", fault: discovery(htmlPage(500))},
		{name: "discovery 404", rule: disc, wrong: "404", fault: discovery(htmlPage(404))},
		{name: "discovery 429", rule: "RFC 6585 4", wrong: "429 with Retry-After", fault: discovery(answer{Status: 429, Header: http.Header{"Retry-After": {"3600"}}})},
		{name: "discovery empty object", rule: disc, wrong: "{}", fault: discovery(jsonAnswer(200, "{}"))},
		{name: "discovery cut short", rule: disc, wrong: "half of the document", fault: discovery(answer{Truncate: 200})},
		{name: "discovery huge", rule: disc, wrong: "8 MB of spaces", fault: discovery(answer{Pad: 8 << 20})},
		{name: "discovery nested deep", rule: "RFC 8259 9", wrong: "a hundred thousand lists", fault: discovery(jsonAnswer(200, strings.Repeat("[", 100_000)))},
		{name: "discovery elsewhere", rule: disc, wrong: "302 to another host", fault: func(s scene, f *fault) { f.Discovery.RedirectTo = s.trap + "/doc" }},
		{name: "discovery of another issuer", rule: disc, wrong: "issuer is another provider", fault: document(func(_ scene, d claims) { d["issuer"] = "https://" + canary + ".example" })},
		{name: "discovery, issuer with a slash", rule: disc, wrong: "issuer has a / more at its end", fault: document(func(_ scene, d claims) { d["issuer"] = d["issuer"].(string) + "/" })},
		{name: "discovery moves the tokens", rule: "RFC 8414 6.2", wrong: "the token endpoint is on another host", fault: document(func(s scene, d claims) { d["token_endpoint"] = s.trap + "/token" })},
		{name: "discovery moves the keys", rule: "RFC 8414 6.2", wrong: "jwks_uri is on another host", fault: document(func(s scene, d claims) { d["jwks_uri"] = s.trap + "/jwks" })},
		{name: "discovery moves authorize", rule: "RFC 8414 6.2", wrong: "the authorize endpoint is on another host", fault: document(func(s scene, d claims) { d["authorization_endpoint"] = s.trap + "/authorize" })},
		{name: "discovery moves userinfo", rule: "RFC 8414 6.2", wrong: "userinfo is on another host", fault: document(func(s scene, d claims) { d["userinfo_endpoint"] = s.trap + "/userinfo" })},
		{name: "discovery without endpoints", rule: disc, wrong: "no token endpoint", fault: document(func(_ scene, d claims) { delete(d, "token_endpoint") })},
	}
	for i := range docs {
		docs[i].silent, docs[i].interactive = served, 503
		docs[i].lasting = i > 1 // mending takes a second's pause: two rows show it
	}
	sets := []crime{
		{name: "keys empty", rule: jwk, wrong: "no key in the set", fault: keySet(func(s claims) { s["keys"] = []any{} })},
		{name: "keys HTML", rule: jwk, wrong: "an HTML page with 200", fault: keys(htmlPage(200))},
		{name: "keys 500", rule: jwk, wrong: "500", fault: keys(htmlPage(500))},
		{name: "keys cut short", rule: jwk, wrong: "half of the set", fault: keys(answer{Truncate: 40})},
		{name: "keys huge", rule: jwk, wrong: "8 MB of spaces", fault: keys(answer{Pad: 8 << 20})},
		{name: "keys elsewhere", rule: jwk, wrong: "302 to another host", fault: func(s scene, f *fault) { f.JWKS.RedirectTo = s.trap + "/jwks" }},
		{name: "keys symmetric", rule: "RFC 8725 3.1", wrong: "the only key is a secret (oct)", fault: keySet(func(s claims) { s["keys"] = []any{claims{"kty": "oct", "k": "AAAA", "alg": "HS256"}} })},
		{name: "keys for encryption", rule: "RFC 7517 4.2", wrong: "the only key has use enc", fault: keySet(func(s claims) { s["keys"].([]any)[0].(map[string]any)["use"] = "enc" })},
		{name: "keys of another", rule: jwk, wrong: "another key under the true kid", fault: func(_ scene, f *fault) { f.JWKS.Foreign = true }, interactive: 502},
		{name: "keys hang", rule: "RFC 9110 15.6.5", wrong: "no answer", fault: keys(answer{Hang: true}), slow: true},
	}
	for i := range sets {
		sets[i].lasting = i > 1 // and here two seconds
	}
	return append(docs, ending(sets, 503)...)
}

// answerCrimes are answers of the token endpoint, and of userinfo where they
// must stop a sign-in.
func answerCrimes() []crime {
	const oauth, core = "RFC 6749", "OIDC Core"
	all := []crime{
		{name: "token 500", rule: oauth + " 5.2", wrong: "500", fault: token(htmlPage(500)), interactive: 503},
		{name: "token 503", rule: oauth + " 5.2", wrong: "503", fault: token(htmlPage(503)), interactive: 503},
		{name: "token 429", rule: "RFC 6585 4", wrong: "429 with Retry-After", interactive: 503,
			fault: token(answer{Status: 429, Header: http.Header{"Retry-After": {"3600"}}, Body: []byte(canary)})},
		{name: "token HTML", rule: oauth + " 5.1", wrong: "an HTML page with 200", fault: token(htmlPage(200))},
		{name: "token 204", rule: oauth + " 5.1", wrong: "204 without a body", fault: token(answer{Status: 204, Body: []byte{}})},
		{name: "token a list", rule: oauth + " 5.1", wrong: "JSON, but a list", fault: token(jsonAnswer(200, `["`+canary+`"]`))},
		{name: "token nested deep", rule: "RFC 8259 9", wrong: "a hundred thousand lists", fault: token(jsonAnswer(200, `{"x":`+strings.Repeat("[", 100_000)))},
		{name: "token cut short", rule: oauth + " 5.1", wrong: "the connection ends in the middle", fault: token(answer{Truncate: 300}), interactive: 503},
		{name: "token closed", rule: oauth + " 5.1", wrong: "the connection ends without a byte", fault: token(answer{Drop: true}), interactive: 503},
		{name: "token huge", rule: oauth + " 5.1", wrong: "8 MB of spaces", fault: token(answer{Pad: 8 << 20})},
		{name: "token hangs", rule: "RFC 9110 15.6.5", wrong: "no answer", fault: token(answer{Hang: true}), interactive: 503, slow: true},
		{name: "token drips", rule: "RFC 9110 15.6.5", wrong: "a byte every 50 ms", fault: token(answer{Drip: 50 * time.Millisecond}), interactive: 503, slow: true},
		{name: "token elsewhere, 307", rule: oauth + " 10.6", wrong: "the secret is sent on to another host",
			fault: func(s scene, f *fault) { f.Token.Status, f.Token.RedirectTo = 307, s.trap+"/token" }},
		{name: "token elsewhere, 302", rule: oauth + " 10.6", wrong: "the answer is on another host",
			fault: func(s scene, f *fault) { f.Token.RedirectTo = s.trap + "/token" }},
		{name: "token_type mac", rule: core + " 3.1.3.3", wrong: "token_type is mac", fault: tokenEdit(func(a claims) { a["token_type"] = "mac" })},
		{name: "token_type missing", rule: oauth + " 5.1", wrong: "no token_type", fault: tokenEdit(func(a claims) { delete(a, "token_type") })},
		{name: "token_type shadowed", rule: oauth + " 5.1", wrong: "Token_Type stands where token_type should", fault: tokenEdit(func(a claims) { a["Token_Type"] = "Bearer"; delete(a, "token_type") })},
		{name: "access_token missing", rule: oauth + " 5.1", wrong: "no access_token", fault: tokenEdit(func(a claims) { delete(a, "access_token") })},
		{name: "access_token swapped", rule: core + " 3.1.3.8", wrong: "an access token that at_hash does not know", fault: tokenEdit(func(a claims) { a["access_token"] = "AAAA" })},
		{name: "id_token missing", rule: core + " 3.1.3.3", wrong: "no id_token", fault: tokenEdit(func(a claims) { delete(a, "id_token") })},
		{name: "id_token a number", rule: core + " 3.1.3.3", wrong: "id_token is a number", fault: tokenEdit(func(a claims) { a["id_token"] = 7 })},
		{name: "id_token shadowed", rule: core + " 3.1.3.3", wrong: "ID_TOKEN stands where id_token should", fault: tokenEdit(func(a claims) { a["ID_TOKEN"] = a["id_token"]; delete(a, "id_token") })},
		{name: "200 with an error", rule: oauth + " 5.2", wrong: "200 that says invalid_grant", fault: token(jsonAnswer(200, `{"error":"invalid_grant","error_description":"`+canary+`"}`))},
		{name: "invalid_grant", rule: oauth + " 5.2", wrong: "every code is refused", fault: func(_ scene, f *fault) { f.Token.Error = "invalid_grant" }},
		{name: "invalid_client", rule: oauth + " 5.2", wrong: "our secret is refused",
			fault: token(jsonAnswer(401, `{"error":"invalid_client","error_description":"`+canary+`"}`))},
		{name: "an error of its own", rule: oauth + " 5.2", wrong: "an error code nobody knows", fault: token(jsonAnswer(400, `{"error":"`+canary+`"}`))},
		{name: "userinfo of another", rule: core + " 5.3.2", wrong: "userinfo has another sub", fault: func(_ scene, f *fault) {
			f.Userinfo.Claims = func(c map[string]any) { c["sub"], c["role"] = campusonetest.SubGrace, "admin" }
		}},
		{name: "userinfo sub in capitals", rule: core + " 5.3.2", wrong: "userinfo's sub differs in case", fault: func(_ scene, f *fault) {
			f.Userinfo.Claims = func(c map[string]any) { c["sub"] = strings.ToUpper(c["sub"].(string)) }
		}},
		{name: "userinfo repeats sub", rule: core + " 5.3.2", wrong: "userinfo says sub twice", fault: func(_ scene, f *fault) {
			f.Userinfo.Answer = jsonAnswer(200, `{"sub":"`+campusonetest.SubAmina+`","sub":"`+campusonetest.SubIbrahim+`"}`)
		}},
	}
	return ending(all, 502)
}
