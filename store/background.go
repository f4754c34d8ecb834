package store

import (
	"context"
	"fmt"
	"os"
	"time"
)

const (
	// checkpointEvery: a page that many mails change is moved into the database once for all that came meanwhile.
	checkpointEvery = time.Second
	// largeWAL is where the log begins anew even if commits must wait for it. A passive checkpoint lets nobody
	// wait, but while mail keeps coming in there may never be a moment at which the log is not in use.
	largeWAL = 64 << 20
	// patience with readers of the log at that point.
	patience = 100 * time.Millisecond
)

// startBackground begins what only a server does: it moves commits from the log into the database on a connection
// of its own, which takes that work out of the way of the writer, and sweeps body files.
func (s *Store) startBackground() error {
	c, err := newConnector(s.file, false).dial()
	if err != nil {
		return fmt.Errorf("open the database for checkpoints: %w", classify(err))
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop, s.background = stop, make(chan struct{})
	go func() {
		defer close(s.background)
		defer func() { _ = c.close() }() // nothing of it is lost
		if n, err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Warn("sweeping the body files failed", "err", err)
		} else if n > 0 {
			s.Log.Info("removed body files that no intake refers to", "files", n)
		}
		s.checkpoints(ctx, c)
	}()
	return nil
}

func (s *Store) checkpoints(ctx context.Context, c *conn) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if s.seen.Load().full() {
			if err := s.fillSeen(ctx); err != nil && ctx.Err() == nil {
				s.Log.Warn("remembering which mail was seen failed; the database is asked instead", "err", err)
			}
		}
		_, err := c.c.Exec("PRAGMA wal_checkpoint(PASSIVE)", nil)
		if err == nil && s.walBytes() > largeWAL {
			err = s.restartLog(ctx)
		}
		s.noteDamage(err)
		if err != nil && !failing {
			s.Log.Warn("a checkpoint failed; the log grows until one succeeds", "err", err)
		}
		failing = err != nil
	}
}

// restartLog makes the next commit begin the log anew, between two transactions of the writer. Readers that go on
// for longer than a moment put it off.
func (s *Store) restartLog(ctx context.Context) error {
	done := make(chan error, 1)
	restart := func(c *conn) {
		pragmas := []string{
			fmt.Sprintf("PRAGMA busy_timeout=%d", patience.Milliseconds()),
			"PRAGMA wal_checkpoint(RESTART)",
			fmt.Sprintf("PRAGMA busy_timeout=%d", busyTimeout),
		}
		var first error
		for _, pragma := range pragmas { // not prepared: a busy_timeout takes effect when it is compiled
			if _, err := c.c.Exec(pragma, nil); err != nil && first == nil {
				first = err
			}
		}
		done <- first
	}
	select {
	case s.writer.pauses <- restart:
		return <-done
	case <-ctx.Done():
		return nil
	}
}

// walBytes is the size of the log.
func (s *Store) walBytes() int64 {
	info, err := os.Stat(s.file + "-wal")
	if err != nil {
		return 0 // no log, or none that we may see
	}
	return info.Size()
}
