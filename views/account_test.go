package views_test

import (
	"slices"
	"testing"

	"portico/views"
)

func TestFactsThatCameTogetherStandTogether(t *testing.T) {
	doc := draw(t, views.Account(staff("Your account", "/account"), account()))
	want := []string{"From the profile, at a sign-in, Mon 23 Nov, 09:15", "From Campus One’s news, Mon 23 Nov, 08:15"}
	if got := texts(doc, ".from"); !slices.Equal(got, want) {
		t.Errorf("sources: %q", got)
	}
	if got := texts(doc, ".known"); !slices.Equal(got, []string{"Name Amina Yusuf Level 300", "Main role Student"}) {
		t.Errorf("facts: %q", got)
	}
}

func TestDevicesCanBeSignedOutEach(t *testing.T) {
	doc := draw(t, views.Account(staff("Your account", "/account"), account()))
	var where []string
	for _, n := range all(doc, "section:has(#devices) form[method=post]:has(input[name=tag][value='5d1c0a'])") {
		where = append(where, attr(n, "action"))
	}
	if !slices.Equal(where, []string{"/auth/logout", "/account/devices/s2/end", "/account/devices/end"}) {
		t.Errorf("forms lead to %q", where)
	}
	if got := texts(doc, "section:has(#devices) .meta"); got[0] != "Network 10.0.0.x. First seen Mon 23 Nov, 09:15 , in use now" || got[1] != "First seen Mon 23 Nov, 08:15 , last Mon 23 Nov, 09:15" {
		t.Errorf("devices: %q", got)
	}
}
