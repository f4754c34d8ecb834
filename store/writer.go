package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"blindcopy/crm"
)

// Bounds of the queue and of one transaction.
const (
	queueLength   = 1024
	batchRecords  = 256
	batchBytes    = 8 << 20
	longestLinger = 5 * time.Millisecond
)

// writer is the one goroutine that changes the database. It commits in groups: whatever queued while it
// was writing shares the next fsync. Whoever handed in a change is let go after COMMIT has returned.
type writer struct {
	s     *Store
	db    *sqlx.DB // of the one connection below
	sql   *sqlx.Conn
	c     *conn // the same connection, without database/sql
	turn  turnstile
	files []identity // of the database and its log
	stood counters   // after the last commit

	queue  chan *job
	pauses chan func(*conn) // between transactions
	mail   recentMail
	last   time.Duration // that the last commit took
	crowd  int           // jobs in it

	mu      sync.RWMutex // held to send, and exclusively to close the queue
	closing bool
	stopped chan struct{}
}

// job is a change that waits for its turn.
type job struct {
	size  int             // bytes it adds, about
	run   func(*tx) error // may run more than once: a failed neighbour sends the whole group back
	plain bool            // run checks before it writes: no savepoint unless it fails
	apart bool            // run changes nothing that mail is decided from
	state atomic.Int32
	err   error
	done  chan struct{}
}

// States of a job: whoever moves it from waiting owns it.
const (
	waiting int32 = iota
	taken
	abandoned
)

func openWriter(s *Store) (*writer, error) {
	w := &writer{s: s, queue: make(chan *job, queueLength), pauses: make(chan func(*conn)), stopped: make(chan struct{})}
	w.db = sqlx.NewDb(sql.OpenDB(newConnector(s.file, false)), "sqlite3")
	w.db.SetMaxOpenConns(1)
	if err := w.open(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the database for writing: %w", classify(err)), w.db.Close())
	}
	go w.run()
	return w, nil
}

func (w *writer) open() (err error) {
	if w.sql, err = w.db.Connx(context.Background()); err != nil {
		return err
	}
	// The connection is ours until Close, so that it may be kept beyond Raw: only the writer's
	// goroutine uses it, through one handle at a time.
	err = w.sql.Raw(func(dc any) error {
		w.c = newConn(dc.(*sqlite3.SQLiteConn))
		return nil
	})
	if err != nil {
		return err
	}
	if err := checkPragmas(w.c, false); err != nil {
		return err
	}
	if w.s.Serve { // the checkpointer does it, outside the commits
		if _, err := w.c.text("PRAGMA wal_autocheckpoint=0"); err != nil {
			return err
		}
	}
	if w.turn, err = openTurnstile(w.s.bodies.dir); err != nil {
		return err
	}
	if w.stood, err = readCounters(w.c); err != nil {
		return err
	}
	seq, err := w.c.number(newestChange)
	if err != nil {
		return err
	}
	w.s.memory.changes.begin(seq)
	return w.identify()
}

// identify remembers the files as they are. The log is there once something was read.
func (w *writer) identify() error {
	const gone, unlocked = "Put the file back that was there; if it is gone, stop the server, restore a backup, and start it again.", "Start the server again."
	for _, f := range []identity{{path: "", hint: gone}, {path: "-wal", hint: gone, shrinks: true}, {path: ".lock", hint: unlocked, shrinks: true}} {
		f, err := identify(w.s.file+f.path, f.shrinks, f.hint)
		if err != nil {
			return err
		}
		w.files = append(w.files, f)
	}
	return nil
}

// drain lets everything that was handed in be written, and takes nothing more.
func (w *writer) drain() {
	w.mu.Lock()
	w.closing = true
	close(w.queue)
	w.mu.Unlock()
	<-w.stopped
}

// close comes last of all our connections. If nobody else has the database open, SQLite then moves the log into it and
// removes the log: the next process finds one file and nothing to recover. Asking for that with a checkpoint
// would wait for whoever reads, holding the lock that the server's mail needs.
func (w *writer) close() error {
	return errors.Join(w.c.forget(), w.turn.close(), w.sql.Close(), w.db.Close())
}

// write runs a change in the next transaction and returns when it is on disk.
func (s *Store) write(ctx context.Context, run func(*tx) error) error {
	return s.hand(ctx, &job{run: as(ctx, run)})
}

// writeApart is write for a change that mail is not decided from: nothing remembered is forgotten for it.
func (s *Store) writeApart(ctx context.Context, run func(*tx) error) error {
	return s.hand(ctx, &job{run: as(ctx, run), apart: true})
}

// hand queues a job. Once the writer has taken it, the caller stays until it is on disk, whatever becomes
// of ctx.
func (s *Store) hand(ctx context.Context, j *job) error {
	w := s.writer
	if w == nil {
		return errNoWriter
	}
	j.done = make(chan struct{})
	timeout := time.NewTimer(s.QueueTimeout)
	defer timeout.Stop()
	if err := w.enqueue(ctx, j, timeout.C); err != nil {
		return err
	}
	select {
	case <-j.done:
		return j.err
	case <-ctx.Done():
		return w.abandon(j, ctx.Err())
	case <-timeout.C:
		return w.abandon(j, fmt.Errorf("%w: waited %s for the writer", crm.ErrBusy, s.QueueTimeout))
	}
}

func (w *writer) enqueue(ctx context.Context, j *job, timeout <-chan time.Time) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closing {
		return ErrClosed
	}
	select {
	case w.queue <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timeout:
		return fmt.Errorf("%w: the queue of changes stayed full for %s", crm.ErrBusy, w.s.QueueTimeout)
	}
}

// abandon gives up on a job, unless the writer has it already.
func (w *writer) abandon(j *job, why error) error {
	if j.state.CompareAndSwap(waiting, abandoned) {
		return why
	}
	<-j.done
	return j.err
}

func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case j, ok := <-w.queue:
			if !ok {
				return
			}
			w.commit(w.collect(j))
		case f := <-w.pauses:
			f(w.c)
		}
	}
}

// collect takes what is queued. After a transaction of several jobs it lingers until as many have come as were let go, for they
// come back one by one, at most for as long as linger says; when idle, never.
func (w *writer) collect(first *job) []*job {
	g := gathering{w: w}
	g.add(first)
	for g.room() && g.take(nil) {
	}
	if w.crowd < 2 || !g.room() {
		return g.jobs
	}
	end := time.NewTimer(w.linger())
	defer end.Stop()
	for all := len(g.jobs) + w.crowd; len(g.jobs) < all && g.room() && g.take(end.C); {
	}
	return g.jobs
}

// linger is a quarter of what the last transaction took. Longer, and everybody waits for the writer while the processors idle, then
// the writer for everybody: measured with 50 sessions, a quarter gave 1.2 times the mail of waiting for all of them.
func (w *writer) linger() time.Duration { return min(w.last/4, longestLinger) }

// gathering is a group of jobs on its way into a transaction.
type gathering struct {
	w    *writer
	jobs []*job
	size int
}

func (g *gathering) room() bool { return len(g.jobs) < batchRecords && g.size < batchBytes }

func (g *gathering) add(j *job) {
	if j.state.CompareAndSwap(waiting, taken) {
		g.jobs, g.size = append(g.jobs, j), g.size+j.size
	}
}

// take adds the next job, waiting for one until the end; a nil end waits for none. False means that there is none.
func (g *gathering) take(end <-chan time.Time) bool {
	var j *job
	ok := false
	if end == nil {
		select {
		case j, ok = <-g.w.queue:
		default:
		}
	} else {
		select {
		case j, ok = <-g.w.queue:
		case <-end:
		}
	}
	if ok {
		g.add(j)
	}
	return ok
}

// commit runs the jobs in one transaction, and lets their owners go.
func (w *writer) commit(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	start := time.Now()
	err := w.attempt(jobs, false)
	if errors.Is(err, errAgain) {
		err = w.attempt(jobs, true)
	}
	w.s.noteDamage(err)
	w.last, w.crowd = time.Since(start), len(jobs)
	if f := w.s.OnCommit; f != nil && err == nil {
		f(w.last, len(jobs))
	}
	for _, j := range jobs {
		if err != nil {
			j.err = err
		}
		close(j.done)
	}
}

// errAgain: a change failed half way and there was no savepoint to go back to.
var errAgain = errors.New("run the group again with savepoints")

// attempt is one transaction. Its error is that of all the jobs; a job that fails alone keeps its own.
func (w *writer) attempt(jobs []*job, careful bool) error {
	b, err := w.begin()
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if err := b.run(j, careful || !j.plain, len(jobs) == 1); err != nil {
			b.rollback()
			return err
		}
	}
	if err := b.commit(); err != nil {
		return err
	}
	if f := w.s.Faults.AfterCommit; f != nil {
		return f()
	}
	return nil
}

// guarded turns a panic into an error: the writer must outlive every change.
func guarded(t *tx, run func(*tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while writing: %v\n%s", p, debug.Stack())
		}
	}()
	return run(t)
}
