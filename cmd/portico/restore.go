package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"portico/auth"
	"portico/cmd/internal/portal"
	"portico/db"
)

// restoredJSON is a finished restore for scripts.
type restoredJSON struct {
	copyJSON
	Ended  int    `json:"sessions_ended"`
	Secret string `json:"session_secret"` // present, previous, other or unknown
	Aside  string `json:"before,omitempty"`
}

// restore puts a backup in the place of the database.
func restore(ctx context.Context, s *shell, args []string) error {
	f := s.flags("restore FILE")
	file := envFile(f)
	asJSON := f.Bool("json", false, "print JSON")
	source, err := s.oneFile(f, args)
	if err != nil {
		return err
	}
	c, err := s.configFor(*file, "DATABASE_URL", "DATABASE_URL_FILE")
	if err != nil {
		return err
	}
	if isPostgres(c) {
		return misuse{"this portal keeps its data in PostgreSQL; stop it and run: " + pgRestore(c.DatabaseURL, source) + " && portico sessions end --all --reason restored"}
	}
	target := strings.TrimPrefix(c.DatabaseURL, "sqlite:")
	began := time.Now()
	r, err := db.Restore(ctx, source, target, s.operator(), began)
	if err != nil {
		return restoreTrouble(err, source, target)
	}
	which := whichSecret(r.Secret, c)
	if *asJSON {
		return s.json(restoredJSON{copyJSON{r.File, r.Bytes, r.Schema, r.Rows, time.Since(began).Seconds()}, r.Ended, which, r.Aside})
	}
	return s.toldRestored(r, which)
}

func (s *shell) toldRestored(r db.Restored, which string) error {
	fmt.Fprintf(s.stdout, "%s is restored and checked: %s, %d rows in %d tables.\n", r.File, megabytes(r.Bytes), r.Total(), len(r.Rows))
	if r.Aside != "" {
		fmt.Fprintf(s.stdout, "The database from before is kept as %s; remove it when all is well.\n", r.Aside)
	}
	fmt.Fprintf(s.stdout, "Everybody has to sign in again (open sessions ended: %d). Blocks and permissions are those of the backup: look at them.\n", r.Ended)
	_, err := fmt.Fprintln(s.stdout, secretWords[which]+"\nNow start the portal.")
	return err
}

// The session secrets that a backup may have been served with.
const (
	secretPresent  = "present"
	secretPrevious = "previous"
	secretOther    = "other"
	secretUnknown  = "unknown"
)

var secretWords = map[string]string{
	secretPresent:  "It goes with the SESSION_SECRET that is set now.",
	secretPrevious: "It goes with SESSION_SECRET_PREVIOUS: leave that set.",
	secretOther:    "It goes with another SESSION_SECRET than the one set now. If you have the old settings file, copy its SESSION_SECRET into SESSION_SECRET_PREVIOUS; without it some people are recognised only at their next sign-in.",
	secretUnknown:  "Which SESSION_SECRET it goes with is not written in it; the portal never ran with it.",
}

func whichSecret(fingerprint string, c *portal.Config) string {
	switch {
	case fingerprint == "":
		return secretUnknown
	case fingerprint == auth.Fingerprint(c.SessionSecret.Reveal()):
		return secretPresent
	case c.SessionSecretPrevious != "" && fingerprint == auth.Fingerprint(c.SessionSecretPrevious.Reveal()):
		return secretPrevious
	}
	return secretOther
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// restoreTrouble says why nothing was restored and what to do.
func restoreTrouble(err error, source, target string) error {
	why := ""
	switch {
	case errors.Is(err, db.ErrInUse) && strings.Contains(err.Error(), target):
		why = "the portal is running on " + target + ". Stop it first, such as by `systemctl stop portico`"
	case errors.Is(err, db.ErrInUse):
		why = source + " is the database of a running portal. Make a backup of it with `portico backup`"
	case errors.Is(err, db.ErrNewer):
		why = source + " was made by a newer version of Portico. Install that version first"
	case errors.Is(err, db.ErrDamaged):
		why = source + " is damaged. Take an older backup"
	case errors.Is(err, db.ErrNotOurs):
		why = source + " is no backup of a portal"
	case isFolder(source):
		why = source + " is a folder; name the file of the backup in it"
	case errors.Is(err, fs.ErrNotExist) && isFolder(filepath.Dir(target)):
		why = "there is no file " + source
	case errors.Is(err, fs.ErrNotExist):
		why = "there is no folder " + filepath.Dir(target) + " for the database; make it first, or set DATABASE_URL to another"
	default:
		return fmt.Errorf("%s was not restored; see that %s has room and may be written: %w", source, filepath.Dir(target), err)
	}
	return errors.New("nothing was changed: " + why)
}
