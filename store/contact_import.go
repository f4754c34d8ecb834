package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"blindcopy/crm"
)

// ImportContacts adds contacts, or completes those that have one of the addresses: what is there already is
// never overwritten, so that an import may be repeated. A row with an error, of its own or of whoever
// reads the file, is reported, and the others imported. The rows are read while others are written, by another
// goroutine. progress may be nil; it is told how many rows are done.
// On any other error the report counts what is on disk.
func (s *Store) ImportContacts(ctx context.Context, rows iter.Seq2[ImportRow, error], progress func(done int)) (ImportReport, error) {
	i := &contactImport{s: s, progress: progress, companies: map[string]int64{}, owners: map[crm.Address]crm.UserID{}}
	err := i.all(ctx, rows)
	if err == nil && i.report.Added > 0 {
		// New ids: somebody may remember that they did not exist.
		err = s.write(ctx, func(t *tx) error {
			t.changedEverything()
			return nil
		})
	}
	i.report.Errors = append([]LineError{}, i.report.Errors...)
	slices.SortStableFunc(i.report.Errors, func(a, b LineError) int { return cmp.Compare(a.Line, b.Line) })
	return i.report, wrap(err, "import contacts")
}

// contactImport is an import under way.
type contactImport struct {
	s        *Store
	progress func(int)
	report   ImportReport
	queue    []ImportRow // read, and not imported yet
	done     int
	noted    int64 // the row of the audit log

	companies map[string]int64 // by name key
	owners    map[crm.Address]crm.UserID
}

// all imports piece by piece what is read meanwhile.
func (i *contactImport) all(ctx context.Context, rows iter.Seq2[ImportRow, error]) error {
	ctx, stop := context.WithCancel(ctx)
	chunks := make(chan importChunk, importAhead/importChunkRows)
	failed := make(chan error, 1)
	go func() { failed <- readImport(ctx, rows, chunks) }()
	err := i.take(ctx, chunks)
	stop()
	return firstOf(err, <-failed)
}

func (i *contactImport) take(ctx context.Context, chunks <-chan importChunk) error {
	for {
		chunk, ok := <-chunks
		if !ok {
			return nil
		}
		i.add(chunk)
		for len(i.queue) > 0 {
			if err := i.piece(ctx, chunks); err != nil {
				return err
			}
		}
	}
}

func (i *contactImport) add(chunk importChunk) {
	i.queue = append(i.queue, chunk.rows...)
	i.report.Errors = append(i.report.Errors, chunk.bad...)
}

// piece imports the rows that are there, as far as the time of a piece goes.
func (i *contactImport) piece(ctx context.Context, chunks <-chan importChunk) error {
	var p *piece
	// The writer may run a change twice: what the first run thought is thrown away.
	err := i.s.onePiece(ctx, func(t *tx, over func() bool) (err error) {
		if p, err = newPiece(t, i); err != nil {
			return err
		}
		return p.take(chunks, over)
	})
	if err != nil {
		return err
	}
	p.stands()
	i.queue = slices.Delete(i.queue, 0, p.done)
	if i.progress != nil {
		i.progress(i.done)
	}
	return nil
}

// Rows that are read ahead, and how many at once: a piece decides on so many before it writes them.
const (
	importAhead     = 16_384
	importChunkRows = 256
)

// importChunk is what was read.
type importChunk struct {
	rows []ImportRow
	bad  []LineError // of rows that could not be read
}

// readImport hands over what a file has, and closes chunks at its end. A panic of whoever reads is an error: in this goroutine
// it would end the process.
func readImport(ctx context.Context, rows iter.Seq2[ImportRow, error], chunks chan<- importChunk) (err error) {
	defer close(chunks)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic while reading the rows: %v", p)
		}
	}()
	var c importChunk
	pass := func() bool {
		select {
		case chunks <- c:
			c = importChunk{}
			return true
		case <-ctx.Done():
			return false
		}
	}
	for row, err := range rows {
		if err != nil {
			c.bad = append(c.bad, LineError{Line: row.Line, Error: err.Error()})
		} else {
			c.rows = append(c.rows, row)
		}
		if len(c.rows)+len(c.bad) == importChunkRows && !pass() {
			return nil
		}
	}
	pass()
	return nil
}
