package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"blindcopy/crm"
)

// GatherAll answers several questions, as Gather does each of them.
func (s *Store) GatherAll(ctx context.Context, questions []crm.Question) ([]*crm.Facts, error) {
	lent := &lent{s: s, ctx: ctx}
	defer lent.giveBack()
	all, err := s.gatherAll(lent, questions)
	if err != nil {
		return nil, fmt.Errorf("gather facts of %d mails: %w", len(questions), classify(err))
	}
	return all, nil
}

func (s *Store) gatherAll(lent *lent, questions []crm.Question) ([]*crm.Facts, error) {
	all, gatherers := make([]*crm.Facts, len(questions)), make([]*gatherer, len(questions))
	threads := map[crm.ThreadID]*crm.ThreadFacts{}
	for i := range questions {
		g, err := s.newGatherer(lent, &questions[i]) // the stamps come before all else
		if err != nil {
			return nil, err
		}
		gatherers[i], all[i] = g, g.f
		for _, id := range g.q.Threads {
			threads[id] = &crm.ThreadFacts{ID: id}
		}
	}
	if err := readThreads(lent, threads); err != nil {
		return nil, err
	}
	for _, g := range gatherers {
		for _, id := range g.q.Threads {
			g.f.Threads[id] = threads[id]
		}
		if err := g.gather(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

var (
	selectThreads     = newInQuery(`SELECT id, pinned_deal, last_at FROM thread WHERE id IN (?)`)
	selectThreadLinks = newInQuery(`
		SELECT a.thread, l.kind, l.record, max(l.at) FROM activity a JOIN link l ON l.activity = a.id
		WHERE a.thread IN (?) GROUP BY a.thread, l.kind, l.record ORDER BY a.thread, 4 DESC, 3 DESC`)
)

// readThreads fills in what many conversations are on, in two queries.
func readThreads(c asker, threads map[crm.ThreadID]*crm.ThreadFacts) error {
	ids := make([]int64, 0, len(threads))
	for id := range threads {
		ids = append(ids, int64(id))
	}
	slices.Sort(ids)
	err := selectThreads.run(c, ids, func(row []driver.Value) error {
		t := threads[crm.ThreadID(integer(row[0]))]
		t.Pinned, t.LastAt = integer(row[1]), moment(integer(row[2]))
		return nil
	})
	if err != nil {
		return err
	}
	return selectThreadLinks.run(c, ids, func(row []driver.Value) error {
		addToThread(threads[crm.ThreadID(integer(row[0]))], kindOf(integer(row[1])), integer(row[2]))
		return nil
	})
}

// RecordAgain carries out decisions on mail that is on record already, in their order and in pieces of at most 50 ms.
// Those whose facts have changed since, and that cannot be decided anew in the writer, come back as stale: the places of
// their records. What is gone, or was decided by a person meanwhile, is passed over.
func (s *Store) RecordAgain(ctx context.Context, records []*crm.Record) (done []crm.Recorded, stale []int, err error) {
	entries, err := s.newEntries(records)
	if err != nil {
		return nil, nil, err
	}
	done = make([]crm.Recorded, len(records))
	isStale := make([]bool, len(records))
	err = inPieces(ctx, s, entries, func(t *tx, e placedEntry) error {
		rec, err := e.ready(t)
		isStale[e.place] = errors.Is(err, crm.ErrStale)
		switch {
		case isStale[e.place] || errors.Is(err, crm.ErrNotFound):
			return nil
		case rec == nil:
			return err
		case !rec.old.holds(): // a person was faster
			return nil
		}
		done[e.place], err = rec.write()
		return err
	})
	for i := range isStale {
		if isStale[i] {
			stale = append(stale, i)
		}
	}
	return done, stale, wrap(err, "record %d mails again", len(records))
}

// placedEntry is an entry with the place of its record.
type placedEntry struct {
	*entry
	place int
}

// newEntries makes records ready, many at once.
func (s *Store) newEntries(records []*crm.Record) ([]placedEntry, error) {
	entries := make([]placedEntry, len(records))
	return entries, manyAtOnce(len(records), func(i int) (err error) {
		entries[i].place = i
		if entries[i].entry, err = s.newEntry(records[i], records[i].Plan); err != nil {
			err = fmt.Errorf("record intake %s: %w", records[i].Inbound.ID, err)
		}
		return err
	})
}

// manyAtOnce does something for each of n things, on all processors.
func manyAtOnce(n int, do func(i int) error) error {
	const chunk = 64
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += chunk {
		group.Go(func() error {
			for i := from; i < min(from+chunk, n); i++ {
				if err := do(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// prepareRerun works out before the writer's turn what becomes of an intake that was read already, where its only
// mail can be filed now: that is what nearly all of a long re-run is.
func (e *entry) prepareRerun() error {
	row, ok := e.r.Row.(*intakeRow)
	if !ok || !e.r.Rerun || len(e.results) != 1 || len(row.decoded) != 1 {
		return nil
	}
	r, have := e.results[0], row.decoded[0]
	if r.New == nil || len(r.Creates) > 0 || have.Verdict != crm.Held || have.Original != r.Mail.Original {
		return nil
	}
	d := decided{row: row, replace: []storedResult{report(r, 0, nil)}}
	d.trace.add(r.Result)
	then, err := d.after()
	e.was, e.then = row, &then
	return err
}

// rerunRow finds the intake that is decided again: as it was read before if it has not changed since, with what
// becomes of it, else anew.
func (e *entry) rerunRow(t *tx) (*intakeRow, *afterwards, error) {
	if e.was != nil {
		n, err := t.c.number(`SELECT count(*) FROM intake WHERE seq = ? AND results = ? AND trace = ? AND held = ?`, e.was.Seq, e.was.Results, e.was.Trace, e.was.Held)
		if n > 0 || err != nil {
			return e.was, e.then, err
		}
	}
	row, err := t.intakeRow(e.r.Inbound.ID)
	return row, nil, err
}

// updatePrepared goes on with the trace of an intake as it was prepared.
func (rec *recording) updatePrepared() error {
	if err := rec.t.moveHeld(rec.old, rec.results[0].Mail.Original, int64(rec.done.Activities[0])); err != nil {
		return err
	}
	if err := rec.tightenOld(int64(rec.done.Activities[0])); err != nil {
		return err
	}
	then := *rec.then
	then.results = replaceResult(slices.Clone(rec.old.decoded), rec.reports[0])
	if err := rec.t.writeAfter(rec.old, then, rec.auth, rec.old.Kept); err != nil {
		return fmt.Errorf("update intake %s: %w", rec.old.ID, err)
	}
	return nil
}
