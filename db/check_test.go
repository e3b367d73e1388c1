package db

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestCheckFindsDamage(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "portico.db")
	d, err := Open(ctx, "sqlite:"+path, Options{Create: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check(ctx); err != nil {
		t.Errorf("a new database: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(file[3*4096:], bytes.Repeat([]byte{0xff}, 20*4096)) // tables and indexes, not the schema
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err = Open(ctx, "sqlite:"+path, Options{NoMigrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Check(ctx); !errors.Is(err, ErrDamaged) {
		t.Errorf("a damaged database: %v", err)
	}
}
