package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed migrations
var migrations embed.FS

// SchemaVersion is the schema that this program writes.
func SchemaVersion() int {
	versions := schemaVersions()
	return versions[len(versions)-1]
}

// schemaVersions are the numbers of the migrations, in their order.
func schemaVersions() (versions []int) {
	names, _ := fs.Glob(migrations, "migrations/sqlite/*.sql") // the pattern is good
	for _, name := range names {
		var n int
		if _, err := fmt.Sscanf(filepath.Base(name), "%d_", &n); err == nil {
			versions = append(versions, n)
		}
	}
	return versions
}

// Migrate brings a database up to date, or creates it. It returns ErrServerRuns while anybody else
// writes to it.
func Migrate(ctx context.Context, o Options) (from, to int, err error) {
	file, err := path(o.DSN)
	if err != nil {
		return 0, 0, err
	}
	if err := createDatabase(file); err != nil {
		return 0, 0, err
	}
	from, err = schemaOf(ctx, file)
	if err != nil {
		return 0, 0, err
	}
	to, err = migrate(ctx, file, 300*time.Millisecond)
	return from, to, err
}

// migrate holds the lock exclusively while it runs.
func migrate(ctx context.Context, file string, wait time.Duration) (int, error) {
	l, ok, err := takeLock(ctx, file, true, wait)
	if err != nil {
		return 0, err
	}
	if !ok {
		return 0, hinted{fmt.Errorf("%w: the schema cannot be changed now", ErrServerRuns),
			"Stop the server, run `blindcopy migrate`, and start it again."}
	}
	defer l.release()
	db := sql.OpenDB(newConnector(file, false))
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if err := refuseForeign(ctx, db, file); err != nil {
		return 0, err
	}
	files, err := fs.Sub(migrations, "migrations/sqlite")
	if err != nil {
		return 0, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return 0, fmt.Errorf("bring the database up to date: %w", classify(err))
	}
	return schemaIn(ctx, db)
}

// refuseForeign keeps us from putting our tables into another program's database.
func refuseForeign(ctx context.Context, db *sql.DB, file string) error {
	var tables, ours int
	err := db.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(name = 'goose_db_version'), 0) FROM sqlite_master WHERE type = 'table'`).Scan(&tables, &ours)
	if isNoDatabase(err) {
		return hinted{fmt.Errorf("%s is no SQLite database", file), "Name another path with --database, or put a backup in its place."}
	}
	if isCorrupt(err) {
		return damaged(file, err.Error())
	}
	if err != nil {
		return fmt.Errorf("read the database %s: %w", file, classify(err))
	}
	if tables > 0 && ours == 0 {
		return hinted{fmt.Errorf("%s is a database of another program", file), "Name another path with --database."}
	}
	return nil
}

// schemaOf a file: 0 for an empty one.
func schemaOf(ctx context.Context, file string) (int, error) {
	db := sql.OpenDB(newConnector(file, true))
	defer func() { _ = db.Close() }()
	if err := refuseForeign(ctx, db, file); err != nil {
		return 0, err
	}
	return schemaIn(ctx, db)
}

// schemaIn a database, ErrNewerSchema if this program does not know it.
func schemaIn(ctx context.Context, db *sql.DB) (int, error) {
	var tables, version int
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'`).Scan(&tables)
	if err == nil && tables > 0 {
		err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version`).Scan(&version)
	}
	if err != nil {
		return 0, fmt.Errorf("read the schema number: %w", classify(err))
	}
	if version > SchemaVersion() {
		return version, hinted{fmt.Errorf("%w (schema %d, this program knows %d): update the program", ErrNewerSchema, version, SchemaVersion()),
			"Install the newer blindcopy, or restore the backup that was made before it ran."}
	}
	return version, nil
}
