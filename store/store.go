package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"blindcopy/crm"
)

// Options of Open. Only DSN is needed.
type Options struct {
	DSN    string // a path is a SQLite database
	Domain string // of BCC addresses
	Log    *slog.Logger
	Now    func() time.Time
	Faults Faults // for tests

	// OnCommit is told of each transaction that is on disk: how long it took, and how many changes shared it. It is called
	// by the writer, and must be quick.
	OnCommit func(took time.Duration, changes int)

	// ReadOnly writes nothing, not even a new schema: a missing database is ErrNoDatabase, an old one ErrOlderSchema.
	ReadOnly bool
	// Serve checkpoints on a connection of its own and sweeps bodies that no intake refers to.
	Serve bool

	QueueTimeout  time.Duration // how long a change waits for its turn before crm.ErrBusy; 0 is 10 s
	RotationGrace time.Duration // how long a rotated BCC address is still taken; 0 is 30 days
	KeepUnfiled   time.Duration // content of mail that was not filed; 0 is 30 days
	KeepTraces    time.Duration // traces of mail that was not filed; 0 is 90 days
	MinFree       int64         // bytes that mail must leave free on the disk, of a small one a twentieth, else crm.ErrNoSpace; 0 is no reserve
}

// Faults are the points where a test makes the store fail. BeforeCommit: the transaction is rolled back.
// AfterCommit: it stands, but whoever waits for it is told of an error, as in a crash before the 250. SyncBody: a larger body
// is written, and cannot be made to last.
type Faults struct {
	BeforeCommit func() error
	AfterCommit  func() error
	SyncBody     func() error
}

const day = 24 * time.Hour

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	for d, fallback := range map[*time.Duration]time.Duration{
		&o.QueueTimeout: 10 * time.Second, &o.RotationGrace: 30 * day, &o.KeepUnfiled: 30 * day, &o.KeepTraces: 90 * day,
	} {
		if *d == 0 {
			*d = fallback
		}
	}
	return o
}

// Store is the database. Its methods may be called from any goroutine.
type Store struct {
	Options
	file    string
	lock    *lock      // shared, until Close
	server  *lock      // of the one process that serves
	db      *sqlx.DB   // reading for lists
	asks    chan *conn // connections for gathering
	asked   int        // how many of them there are
	closed  chan struct{}
	memory  *memory
	seen    atomic.Pointer[seen]
	newest  atomic.Int64 // activity that this process knows to be committed; 0 is unknown
	commits atomic.Int64 // transactions of this process
	writer  *writer      // nil if ReadOnly
	bodies  *bodies
	used    *lastUsed
	pieces  pieces

	reserve reserve               // on the disk of the database
	damage  atomic.Pointer[error] // that was met

	freeMail crm.WordList // domains that say nothing about a company: see Near

	once       sync.Once // of Close
	stop       context.CancelFunc
	background chan struct{} // closed when the checkpointer has ended; nil without
}

// readers is the number of connections for gathering, and again for lists.
const readers = 4

// Open opens a database. Unless ReadOnly, a missing one is created, and an old one brought up to date when
// nobody else uses it.
func Open(ctx context.Context, o Options) (*Store, error) {
	o = o.withDefaults()
	file, err := path(o.DSN)
	if err != nil {
		return nil, err
	}
	s := &Store{Options: o, file: file, memory: newMemory(), used: newLastUsed(), freeMail: crm.FreeMailDomains(),
		asks: make(chan *conn, readers), closed: make(chan struct{})}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context) (err error) {
	if err := s.openSchema(ctx); err != nil {
		return err
	}
	if s.Serve {
		if s.server, err = takeServerLock(ctx, s.file, time.Second); err != nil {
			return err
		}
	}
	if !s.ReadOnly {
		if err := s.checkBodies(ctx); err != nil {
			return err
		}
	}
	if s.bodies, err = openBodies(s.file+".files", s.ReadOnly); err != nil {
		return err
	}
	s.openReserve()
	s.bodies.fault = s.Faults.SyncBody
	if err := s.openReaders(); err != nil {
		return err
	}
	if s.ReadOnly {
		return nil
	}
	if s.Serve {
		if err := s.refuseDamaged(ctx); err != nil {
			return err
		}
	}
	// Without the bell every look-up asks the database: slower, and as right.
	if s.memory.bell, err = openBell(s.file); err != nil {
		s.Log.Debug("the bell is not used", "err", err)
	}
	if s.writer, err = openWriter(s); err != nil {
		return err
	}
	if s.Serve {
		return s.startBackground()
	}
	return nil
}

// openSchema leaves the database at the schema of this program, and us with the shared lock.
func (s *Store) openSchema(ctx context.Context) error {
	if s.ReadOnly {
		return s.checkReadOnly(ctx)
	}
	if err := createDatabase(s.file); err != nil {
		return err
	}
	const attempts = 3 // two first commands on a new database race for creating it
	for range attempts {
		l, ok, err := takeLock(ctx, s.file, false, 5*time.Second)
		if err != nil {
			return err
		}
		if !ok {
			return hinted{fmt.Errorf("%w: a migration is under way", ErrServerRuns), "Try again in a minute."}
		}
		version, err := schemaOf(ctx, s.file)
		if err == nil && version == SchemaVersion() {
			s.lock = l
			return nil
		}
		l.release()
		if err != nil {
			return err
		}
		if _, err := migrate(ctx, s.file, time.Second); err != nil {
			return err
		}
	}
	return errors.New("the schema of the database keeps changing")
}

func (s *Store) checkReadOnly(ctx context.Context) error {
	if _, err := os.Stat(s.file); err != nil {
		return hinted{fmt.Errorf("%w at %s", ErrNoDatabase, s.file), "Name it with --database, or create it with `blindcopy init`."}
	}
	version, err := schemaOf(ctx, s.file)
	if err == nil && version == 0 {
		return hinted{fmt.Errorf("%w in %s: it is empty", ErrNoDatabase, s.file), "Restore a backup with `blindcopy restore FILE`, or begin anew with `blindcopy migrate`."}
	}
	if err == nil && version < SchemaVersion() {
		return hinted{fmt.Errorf("%w (schema %d, this program writes %d)", ErrOlderSchema, version, SchemaVersion()), "Run `blindcopy migrate`."}
	}
	return err
}

func (s *Store) openReaders() error {
	c := newConnector(s.file, true)
	s.db = sqlx.NewDb(sql.OpenDB(c), "sqlite3")
	s.db.SetMaxOpenConns(readers)
	s.db.SetMaxIdleConns(readers)
	for range readers {
		ask, err := c.dial()
		if err != nil {
			return fmt.Errorf("open the database: %w", classify(err))
		}
		s.asks <- ask
		s.asked++
		if err := checkPragmas(ask, true); err != nil {
			return err
		}
	}
	return nil
}

// Close waits for the changes that were handed in, and gives everything back. A second call does
// nothing.
func (s *Store) Close() (err error) {
	s.once.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	var errs []error
	if s.stop != nil {
		s.stop()
		<-s.background
	}
	if s.writer != nil {
		s.writer.drain()
	}
	close(s.closed)
	for range s.asked {
		errs = append(errs, (<-s.asks).close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	s.lock.release()
	s.server.release()
	return errors.Join(errs...)
}

// Version is the schema number of the database.
func (s *Store) Version(ctx context.Context) (int, error) {
	return schemaIn(ctx, s.db.DB)
}

// read lends a connection for gathering.
func (s *Store) read(ctx context.Context, f func(*conn) error) error {
	c, err := s.borrow(ctx)
	if err != nil {
		return err
	}
	defer func() { s.asks <- c }()
	err = f(c)
	s.noteDamage(err)
	return classify(err)
}

func (s *Store) borrow(ctx context.Context) (*conn, error) {
	select {
	case <-s.closed:
		return nil, ErrClosed
	case c := <-s.asks:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// reading is the handle for lists.
func (s *Store) reading() session { return session{s.db} }
