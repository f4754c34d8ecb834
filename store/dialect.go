package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"blindcopy/crm"
)

// This file is what another dialect would have to say differently. The SQL elsewhere keeps to what
// SQLite and PostgreSQL share: ?, ON CONFLICT, RETURNING.

// bindType is how the driver wants its arguments marked.
const bindType = sqlx.QUESTION

// insertOrFail begins an INSERT whose first rows stay when a later one fails: for a change that is taken back as a whole then.
// SQLite copies no page aside for it.
const insertOrFail = "INSERT OR FAIL INTO "

// gathered is all values of a column in one text, apart by commas: of a subquery with ORDER BY and LIMIT in its order.
func gathered(column string) string { return "group_concat(" + column + ")" }

// oldestSQLite has the fix of the WAL reset that could lose committed writes.
var oldestSQLite = [3]int{3, 51, 3}

// busyTimeout in milliseconds: what a statement waits for another process's commit. Commands commit in
// pieces of 50 ms, so that this is reached only when a process hangs.
const busyTimeout = 10_000

// connector opens connections to one database file. The settings that a DSN can carry stand there,
// for what is set later reaches one pooled connection only.
type connector struct {
	dsn  string
	more []string // pragmas that no DSN can carry
}

func newConnector(path string, readOnly bool) connector {
	if readOnly {
		return connectorWith(path, "_query_only", "1")
	}
	return connectorWith(path, "_journal_mode", "WAL")
}

// copyConnector is for VACUUM INTO: query_only would forbid it, and the original is to stay as it is.
func copyConnector(path string) connector { return connectorWith(path, "", "") }

func connectorWith(path, setting, value string) connector {
	q := url.Values{}
	q.Set("mode", "rw") // never creates: Open made the file, with the mode we want
	q.Set("_synchronous", "FULL")
	q.Set("_foreign_keys", "1")
	q.Set("_busy_timeout", fmt.Sprint(busyTimeout))
	q.Set("_txlock", "immediate")
	q.Set("_stmt_cache_size", "100")
	q.Set("_mutex", "no") // each connection is used by one goroutine at a time
	if setting != "" {
		q.Set(setting, value)
	}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	c := connector{dsn: u.String(), more: []string{
		"PRAGMA temp_store=MEMORY",    // savepoints then keep their pages in memory
		"PRAGMA mmap_size=1073741824", // readers take pages from the file without a copy
		"PRAGMA cache_size=-32000",
	}}
	return c
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	dc, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	for _, pragma := range c.more {
		if _, err := dc.(*sqlite3.SQLiteConn).Exec(pragma, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", pragma, err), dc.Close())
		}
	}
	return dc, nil
}

func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// checkPragmas reads back what the promise of the 250 rests on. mattn/go-sqlite3 falls to
// synchronous=NORMAL in WAL mode unless told otherwise, and then no fsync precedes the reply.
func checkPragmas(c *conn, readOnly bool) error {
	want := map[string]string{"foreign_keys": "1", "busy_timeout": fmt.Sprint(busyTimeout), "synchronous": "2"}
	if !readOnly {
		want["journal_mode"] = "wal"
	}
	for pragma, value := range want {
		got, err := c.text("PRAGMA " + pragma)
		if err != nil {
			return fmt.Errorf("read back %s: %w", pragma, err)
		}
		if got != value {
			return fmt.Errorf("the database runs with %s=%s instead of %s", pragma, got, value)
		}
	}
	version, err := c.text("SELECT sqlite_version()")
	if err != nil {
		return fmt.Errorf("read the version of SQLite: %w", err)
	}
	var v [3]int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &v[0], &v[1], &v[2]); err != nil || less(v, oldestSQLite) {
		return fmt.Errorf("built with SQLite %s, which can lose committed mail: build with 3.51.3 or newer", version)
	}
	return nil
}

func less(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// newestID of a table that gives each id once: that of its newest row, which may be gone.
func (c *conn) newestID(table string) (int64, error) {
	return c.number(`SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?`, table)
}

// patientLog lets the log of a connection grow, for a change that is made of many transactions, before the next commit has
// to move it into the database. The server has a connection of its own for that.
func (c *conn) patientLog(pages int) error {
	_, err := c.text(fmt.Sprintf("PRAGMA wal_autocheckpoint=%d", pages))
	return err
}

// path of the database file that a DSN names.
func path(dsn string) (string, error) {
	lower := strings.ToLower(dsn)
	if strings.HasPrefix(lower, "postgres://") || strings.HasPrefix(lower, "postgresql://") {
		return "", ErrPostgres
	}
	dsn = strings.TrimPrefix(strings.TrimPrefix(dsn, "sqlite://"), "file:")
	if dsn == "" || dsn == ":memory:" {
		return "", invalid("the database is a file: give its path, such as blindcopy.db")
	}
	return dsn, nil
}

// createFile makes an empty database file that only its owner may read: it holds other people's mail.
// SQLite gives -wal and -shm the same mode.
func createFile(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, os.ErrExist):
		return nil
	case errors.Is(err, os.ErrPermission):
		return hinted{fmt.Errorf("cannot create the database %s: %w", path, err),
			"Make the folder " + filepath.Dir(path) + " writable for this user, or name another path with --database."}
	case errors.Is(err, os.ErrNotExist):
		return hinted{fmt.Errorf("cannot create the database %s: %w", path, err),
			"Create the folder " + filepath.Dir(path) + " first."}
	case err != nil:
		return fmt.Errorf("create the database: %w", classify(err))
	}
	giveAway(f)
	return f.Close()
}

// classify gives an error of the database the meaning that callers act on.
func classify(err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		if noSpace(err) {
			return fmt.Errorf("%w: %w", crm.ErrNoSpace, err)
		}
		return mayNot(err, err)
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return fmt.Errorf("%w: %w", crm.ErrBusy, err)
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		return whatToDoAboutDamage(err)
	case sqlite3.ErrFull:
		return fmt.Errorf("%w: %w", crm.ErrNoSpace, err)
	}
	if noSpace(e.SystemErrno) {
		return fmt.Errorf("%w: %w", crm.ErrNoSpace, err)
	}
	return mayNot(err, e.SystemErrno)
}

// mayNot adds what to do where the cause is that this user has no right to a file.
func mayNot(err, cause error) error {
	if !errors.Is(cause, os.ErrPermission) {
		return err
	}
	return hinted{err, "Run this as the user who owns the database and what lies beside it."}
}

// isNoDatabase tells that a file does not begin like a database, or is encrypted.
func isNoDatabase(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrNotADB
}

// ruined tells whether an error leaves nothing of the transaction to go on with.
func ruined(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrNomem, sqlite3.ErrCorrupt, sqlite3.ErrNotADB, sqlite3.ErrBusy, sqlite3.ErrInterrupt:
		return true
	}
	return false
}

// isCorrupt tells whether the database file is damaged.
func isCorrupt(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}
