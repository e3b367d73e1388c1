package reading

import (
	"portico/auth"
	"portico/db"
)

// Reader is who reads: nobody who is signed in, or a person. The zero Reader
// was forgotten somewhere and is shown nothing at all.
type Reader struct {
	user  *db.User
	known bool
}

// Nobody is a reader who is not signed in.
func Nobody() Reader { return Reader{known: true} }

// Person is a signed-in reader; nil is Nobody.
func Person(u *db.User) Reader { return Reader{user: u, known: true} }

// id is the key of a reader's shelf; Nobody's is "".
func (r Reader) id() string {
	if r.user == nil {
		return ""
	}
	return r.user.ID
}

// Gate says of each person whether an item is for them, for what reaches
// people without their asking. Whether it is published now is another question.
func (l *Library) Gate(i *db.Item) func(*db.User) bool {
	audience, err := auth.ParseAudience(i.Audience)
	a := &Article{audience: audience}
	return func(u *db.User) bool {
		if err != nil || u == nil {
			return false
		}
		_, ok := Person(u).may(a, l.names)
		return ok
	}
}

// may is the gate: the one place where an article meets a reader.
func (r Reader) may(a *Article, names auth.Names) (why string, ok bool) {
	if !r.known {
		return "", false
	}
	ok, why = a.audience.Shown(r.user, names)
	return why, ok
}
