package store

import (
	"errors"
	"fmt"

	"blindcopy/crm"
)

// What a database or a change is refused for. Besides these, crm.ErrNotFound, crm.ErrBusy,
// crm.ErrNoSpace and crm.ErrStale come wrapped; everything else is an outage.
var (
	// ErrExists: an address, name or pattern is taken; the text says by whom.
	ErrExists = crm.ErrExists
	// ErrPostgres: the DSN names a kind of database that is not built yet.
	ErrPostgres = errors.New("PostgreSQL databases are not built yet: use a path such as blindcopy.db")
	// ErrNewerSchema: a newer program wrote this database.
	ErrNewerSchema = errors.New("this database was written by a newer blindcopy")
	// ErrOlderSchema: the database must be brought up to date first, and may not be now.
	ErrOlderSchema = errors.New("this database was written by an older blindcopy")
	// ErrServerRuns: the schema cannot change while a server or another command uses the database.
	ErrServerRuns = errors.New("a server is running on this database")
	// ErrNoDatabase: there is no database at the path, and this command does not create one.
	ErrNoDatabase = errors.New("there is no database")
	// ErrInvalid: a value that no record can have; the text says which.
	ErrInvalid = crm.ErrInvalid
	// ErrDamaged: the database file is not as it was written.
	ErrDamaged = errors.New("the database is damaged")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")

	errNoWriter = errors.New("the database was opened for reading only")
)

// HintError is an error with a word to the operator: what to do next.
type HintError interface {
	error
	Hint() string
}

type hinted struct {
	error
	hint string
}

func (h hinted) Hint() string  { return h.hint }
func (h hinted) Unwrap() error { return h.error }

// exists is ErrExists with a sentence in place of its text.
func exists(format string, args ...any) error {
	return sentence{ErrExists, fmt.Sprintf(format, args...)}
}

// invalid is ErrInvalid with a sentence in place of its text.
func invalid(format string, args ...any) error {
	return sentence{ErrInvalid, fmt.Sprintf(format, args...)}
}

// notFound is crm.ErrNotFound with the record it was about: `there is no contact 7`.
func notFound(kind string, id any) error {
	return sentence{crm.ErrNotFound, fmt.Sprintf("there is no %s %v", kind, id)}
}

// sentence is a sentinel that speaks in words of its own.
type sentence struct {
	is   error
	text string
}

func (s sentence) Error() string { return s.text }
func (s sentence) Unwrap() error { return s.is }
