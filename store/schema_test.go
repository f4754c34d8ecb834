package store

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var updateSchema = flag.Bool("update-schema", false, "write testdata/schema/first.sql anew: only before the first release")

// TestTheFirstSchemaIsFrozen: what migration 1 makes is what databases in the field were made with; later changes are
// migrations of their own.
func TestTheFirstSchemaIsFrozen(t *testing.T) {
	s, err := Open(context.Background(), Options{DSN: filepath.Join(t.TempDir(), "a.db"), Domain: "bcc.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var made []string
	err = s.reading().list(context.Background(), &made, `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'sqlite_%' ORDER BY type DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(made, ";\n") + ";\n"
	const file = "../testdata/schema/first.sql"
	if *updateSchema {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the schema of a new database differs from %s:\n%s", file, got)
	}
}
