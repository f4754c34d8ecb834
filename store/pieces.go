package store

import (
	"context"
	"sync"
	"time"
)

// A command commits in pieces of at most 50 ms, so that mail need not wait. A piece works for its share of that, which
// is what the commit of the last one left. Where no server takes mail, there is nobody to wait but other commands,
// and what many rows share, a page of an index or a sync of the disk, is written less often.
const (
	pieceTotal    = 50 * time.Millisecond
	shortestPiece = 20 * time.Millisecond // shorter ones would only make more commits of a disk that is slow
	longestPiece  = 30 * time.Millisecond
	lonelyPiece   = 300 * time.Millisecond
)

// pieces are those of all long changes. One is with the writer at a time: together they would take as long as two.
type pieces struct {
	mu   sync.Mutex
	rest time.Duration // that the last one took besides its work: waiting for its turn, and the commit
}

// share is how long the next one may work.
func (p *pieces) share(lonely bool) time.Duration {
	if lonely {
		return lonelyPiece
	}
	return min(max(pieceTotal-p.rest, shortestPiece), longestPiece)
}

// onePiece runs work in a transaction of its own, twice if the first fails with others. It asks after each step whether its
// time is over.
func (s *Store) onePiece(ctx context.Context, work func(t *tx, over func() bool) error) error {
	s.pieces.mu.Lock()
	defer s.pieces.mu.Unlock()
	share := s.pieces.share(!s.serverRuns())
	begun, worked := time.Now(), time.Duration(0)
	err := s.write(ctx, func(t *tx) error {
		start := time.Now()
		return work(t, func() bool {
			worked = time.Since(start)
			return worked >= share
		})
	})
	s.pieces.rest = time.Since(begun) - worked
	return err
}

// inPieces runs one step after the other, as many in a transaction as fit its time.
func inPieces[T any](ctx context.Context, s *Store, steps []T, run func(*tx, T) error) error {
	for len(steps) > 0 {
		done := 0
		err := s.onePiece(ctx, func(t *tx, over func() bool) error {
			for done = 0; done < len(steps) && (done == 0 || !over()); done++ {
				if err := run(t, steps[done]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		steps = steps[done:]
	}
	return nil
}
