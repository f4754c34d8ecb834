package store

import (
	"context"
	"fmt"
	"maps"
	"time"

	"blindcopy/crm"
)

// batch is one transaction of the writer, with what becomes known to everybody once it stands.
type batch struct {
	w   *writer
	s   *Store
	c   *conn
	now time.Time

	// The transaction holds the lock, so that counting up is enough; a job that fails leaves gaps.
	counters

	news      []change            // rows for the log of changes
	pending   map[string]struct{} // their keys
	addresses map[crm.Address]int64
	filed     map[int64]int64 // by hash of a Message-ID: the activity that has it
	awaited   map[int64]int64 // by hash of a Message-ID: the activity that answers it
	mails     []filedMail     // new activities ...
	unsettled bool            // ... but conversations were changed in other ways, too
	files
}

// files of bodies that a change begins, or ceases, to refer to.
type files struct{ kept, dropped []string }

func (w *writer) begin() (*batch, error) {
	b := &batch{w: w, s: w.s, c: w.c, now: w.s.Now(),
		pending: map[string]struct{}{}, addresses: map[crm.Address]int64{}, filed: map[int64]int64{}, awaited: map[int64]int64{}}
	if err := w.usable(); err != nil {
		return nil, err
	}
	w.turn.enter(w.s.QueueTimeout)
	_, err := w.c.exec("BEGIN IMMEDIATE")
	w.turn.leave()
	if err != nil {
		return nil, fmt.Errorf("begin: %w", classify(err))
	}
	if err := b.look(); err != nil {
		b.rollback()
		return nil, fmt.Errorf("begin: %w", classify(err))
	}
	return b, nil
}

// usable refuses to write into a file that was deleted, replaced or damaged.
func (w *writer) usable() error {
	for _, f := range w.files {
		if err := f.check(); err != nil {
			return err
		}
	}
	return w.s.whole()
}

// counters are the newest ids there are, and the state of the database that they were read in: any commit of
// somebody else changes it.
type counters struct{ version, intake, activity, thread int64 }

func readCounters(c *conn) (n counters, err error) {
	for _, of := range []struct {
		value *int64
		query string
	}{
		{&n.version, `PRAGMA data_version`}, // first: what is committed after it makes the rest old
		{&n.intake, `SELECT coalesce(max(seq), 0) FROM intake`},
		{&n.activity, `SELECT coalesce(max(id), 0) FROM activity`},
		{&n.thread, `SELECT coalesce(max(id), 0) FROM thread`},
	} {
		if *of.value, err = c.number(of.query); err != nil {
			return counters{}, err
		}
	}
	return n, nil
}

// look finds out where to count on, and what other processes have committed, if they have.
func (b *batch) look() error {
	version, err := b.c.number(`PRAGMA data_version`)
	if err != nil {
		return err
	}
	if version != b.w.stood.version {
		if err := b.lookAround(); err != nil {
			return err
		}
	}
	b.counters = b.w.stood
	b.s.memory.bell.settle(b.s.memory.known())
	if b.w.mail.begin(b.activity) {
		b.s.memory.conversations.forget()
	}
	b.s.newest.Store(b.activity)
	return nil
}

// lookAround learns what others have done. What may have been seen before is not known any more: the background
// fills another filter.
func (b *batch) lookAround() (err error) {
	if _, err = b.s.memory.catchUp(b.c); err != nil {
		return err
	}
	b.s.seen.Store(nil)
	b.w.stood, err = readCounters(b.c)
	return err
}

// run runs one job. The error it returns ends the transaction; what concerns the job alone stays in
// the job.
func (b *batch) run(j *job, savepoint, alone bool) error {
	j.err = nil
	if savepoint && !alone {
		if _, err := b.c.exec("SAVEPOINT job"); err != nil {
			return classify(err)
		}
	}
	t := &tx{batch: b, session: session{b.w.sql}, ctx: context.Background()}
	err := guarded(t, j.run)
	switch {
	case ruined(err):
		return classify(err)
	case err != nil && t.touched && alone:
		return classify(err)
	case err != nil && t.touched && !savepoint:
		return errAgain
	case err != nil:
		j.err = classify(err)
	default:
		b.kept = append(b.kept, t.files.kept...)
		b.dropped = append(b.dropped, t.files.dropped...)
		maps.Copy(b.addresses, t.newAddresses)
		b.mails = append(b.mails, t.mails...)
		b.unsettled = b.unsettled || t.unsettled || !j.plain
	}
	if !savepoint || alone {
		return nil
	}
	if err != nil {
		if _, err := b.c.exec("ROLLBACK TO job"); err != nil {
			return classify(err)
		}
	}
	_, err = b.c.exec("RELEASE job")
	return classify(err)
}

func (b *batch) rollback() {
	if !b.c.c.AutoCommit() { // SQLite may have rolled back already
		_, _ = b.c.exec("ROLLBACK")
	}
}

func (b *batch) commit() error {
	err := b.log()
	if f := b.s.Faults.BeforeCommit; err == nil && f != nil {
		err = f()
	}
	if err == nil {
		_, err = b.c.exec("COMMIT")
	}
	if err != nil {
		b.rollback()
		b.w.stood = counters{} // look again: who knows what became of it
		return fmt.Errorf("commit: %w", classify(err))
	}
	b.publish()
	return nil
}

// log appends what changed to the log that all processes read.
func (b *batch) log() error {
	for i := range b.news {
		res, err := b.c.exec(`INSERT INTO address_change (key) VALUES (?)`, b.news[i].key)
		if err != nil {
			return err
		}
		if b.news[i].seq, err = res.LastInsertId(); err != nil {
			return err
		}
	}
	if n := len(b.news); n > 0 {
		b.s.memory.bell.ring(b.news[n-1].seq)
	}
	return nil
}

// publish makes our own memory know, before anybody is let go.
func (b *batch) publish() {
	b.w.stood = b.counters
	b.s.memory.apply(b.news)
	b.s.memory.setAddresses(b.addresses)
	b.w.mail.add(b)
	if b.unsettled {
		b.s.memory.conversations.forget()
	} else {
		b.s.memory.conversations.add(b.mails)
	}
	b.s.newest.Store(b.activity)
	b.s.commits.Add(1)
	b.s.memory.bell.committed()
	b.s.bodies.keep(b.kept)
	if err := b.s.bodies.remove(b.dropped); err != nil {
		b.s.Log.Warn("a body file could not be removed; the next start sweeps it", "err", err)
	}
}

// isStale tells whether a decision made at stamp saw less than is known here of any of the keys.
func (b *batch) isStale(stamp crm.Stamp, keys []string) bool {
	if _, ok := b.pending[everything]; ok {
		return true
	}
	for _, key := range keys {
		if _, ok := b.pending[key]; ok {
			return true
		}
	}
	m := b.s.memory
	m.mu.RLock()
	defer m.mu.RUnlock()
	if stamp.Version != m.changes.version {
		return true
	}
	for _, key := range keys {
		if m.changes.since(key, stamp.Seq) {
			return true
		}
	}
	return false
}

// recentMail remembers which Message-IDs were filed, or answered, lately. Used by the writer alone.
type recentMail struct {
	floor   int64 // everything after this activity is remembered
	alone   int64 // everything after this activity was filed by us
	newest  int64
	filed   map[int64]int64
	awaited map[int64]int64
}

// begin tells whether another process has filed mail since we did.
func (r *recentMail) begin(newest int64) (others bool) {
	others = newest != r.newest
	if others {
		r.alone = newest
	}
	if r.filed == nil || others || len(r.filed)+len(r.awaited) > keepChanges {
		*r = recentMail{floor: newest, alone: r.alone, newest: newest, filed: map[int64]int64{}, awaited: map[int64]int64{}}
	}
	return others
}

func (r *recentMail) add(b *batch) {
	r.newest = b.activity
	for hash, activity := range b.filed {
		r.filed[hash] = activity
	}
	for hash, activity := range b.awaited {
		r.awaited[hash] = activity
	}
}
