package store

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
)

var updateSchema = flag.Bool("update-schema", false, "write the newest of testdata/schema anew: only before it is released")

// TestEverySchemaIsFrozen: what a migration makes is what databases in the field were made with; later changes are
// migrations of their own.
func TestEverySchemaIsFrozen(t *testing.T) {
	for _, version := range schemaVersions() {
		got := schemaAt(t, int64(version))
		file := fmt.Sprintf("../testdata/schema/%05d.sql", version)
		if *updateSchema && version == SchemaVersion() {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("schema %d of a new database differs from %s:\n%s", version, file, got)
		}
	}
}

// schemaAt is what the tables are after the first migrations.
func schemaAt(t *testing.T, version int64) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "a.db")
	if err := createFile(file); err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(newConnector(file, false))
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(`SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'goose%' AND tbl_name NOT LIKE 'sqlite_%' ORDER BY type DESC, name`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var made strings.Builder
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			t.Fatal(err)
		}
		made.WriteString(statement + ";\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return made.String()
}
