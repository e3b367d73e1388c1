package auth

import "strings"

// mark is a word in a User-Agent and what it tells.
type mark struct{ word, name string }

// The first that fits wins: nearly every browser also names those it descends
// from, and a phone's system names the computer's.
var (
	browserMarks = []mark{
		{"OPR/", "Opera"}, {"Opera", "Opera"}, {"EdgA/", "Edge"}, {"EdgiOS/", "Edge"}, {"Edg/", "Edge"}, {"SamsungBrowser", "Samsung Internet"},
		{"UCBrowser", "UC Browser"}, {"PhoenixBrowser", "Phoenix"}, {"FxiOS", "Firefox"}, {"Firefox", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"},
		{"Safari", "Safari"},
	}
	systemMarks = []mark{
		{"Android", "Android"}, {"KAIOS", "KaiOS"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"CrOS", "Chromebook"},
		{"Windows", "Windows"}, {"Macintosh", "Mac"}, {"Linux", "Linux"},
	}
)

// DeviceName says in a few words which browser and system a User-Agent names,
// so that a person knows their device in a list. It proves nothing.
func DeviceName(userAgent string) string {
	browser, system := named(userAgent, browserMarks), named(userAgent, systemMarks)
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "" || system != "":
		return browser + system
	}
	return "Unknown device"
}

func named(userAgent string, marks []mark) string {
	for _, m := range marks {
		if strings.Contains(userAgent, m.word) {
			return m.name
		}
	}
	return ""
}
