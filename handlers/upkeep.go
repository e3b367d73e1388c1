package handlers

import "time"

// Upkeep is how the process that answers looks after the data. Zero times are never.
type Upkeep struct {
	BackupFailed  time.Time // since the last good backup
	Cleaned       time.Time // when what is too old was last removed
	Removed       int       // rows, that time
	CleaningWaits bool      // the clock cannot be trusted with deleting
}
