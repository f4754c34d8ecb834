package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// lock is a flock on the file beside the database. Everybody who may write holds it shared, so that a
// migration, which holds it exclusively, never happens under them. The kernel frees it when a process
// dies.
type lock struct{ f *os.File }

// takeLock waits up to wait for the lock; false means that others hold it.
func takeLock(ctx context.Context, path string, exclusive bool, wait time.Duration) (*lock, bool, error) {
	f, err := openLock(path, ".lock")
	if err != nil {
		return nil, false, err
	}
	ok, err := waitFor(ctx, f, exclusive, wait)
	if err != nil || !ok {
		_ = f.Close()
		return nil, false, err
	}
	return &lock{f}, true, nil
}

func openLock(path, ending string) (*os.File, error) {
	f, err := os.OpenFile(path+ending, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err == nil {
		giveAway(f)
	} else if errors.Is(err, os.ErrExist) {
		f, err = os.OpenFile(path+ending, os.O_CREATE|os.O_RDWR, 0o600)
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return nil, hinted{fmt.Errorf("cannot write beside the database: %w", err),
			"Run this as the user who owns " + path + ", or make its folder writable."}
	case readOnlyDisk(err):
		return nil, hinted{fmt.Errorf("cannot write beside the database: %w", err),
			"Its disk is mounted read-only: mount it writable, or name another path with --database."}
	case err != nil:
		return nil, fmt.Errorf("open the lock of the database: %w", err)
	}
	return f, nil
}

// takeServerLock makes this process the server of a database. A second one would file the same mail as well, but each would
// remove what it takes for the other's leavings, and an operator who starts two means something else. The lock of a
// server that was killed is free at once, and of one that is stopping within wait.
func takeServerLock(ctx context.Context, path string, wait time.Duration) (*lock, error) {
	f, err := openLock(path, ".server")
	if err != nil {
		return nil, err
	}
	ok, err := waitFor(ctx, f, true, wait)
	if err == nil && !ok {
		pid, _ := io.ReadAll(io.LimitReader(f, 20)) // for the message alone
		err = hinted{fmt.Errorf("%w: process %s", ErrServerRuns, strings.TrimSpace(string(pid))),
			"Stop it first, or give this one a database of its own with --database."}
	}
	if err == nil {
		err = writePID(f)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &lock{f}, nil
}

// serverRuns tells whether a process, this one perhaps, takes mail for this database.
func (s *Store) serverRuns() bool {
	if s.server != nil {
		return true
	}
	f, err := os.Open(s.file + ".server")
	if err != nil {
		return !errors.Is(err, os.ErrNotExist)
	}
	defer func() { _ = f.Close() }()
	free, err := flock(f, false)
	return err != nil || !free
}

func writePID(f *os.File) error {
	err := f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return fmt.Errorf("note the process of the server: %w", classify(err))
	}
	return nil
}

func (l *lock) release() {
	if l != nil {
		funlock(l.f) // closing is not enough while the file is mapped
		_ = l.f.Close()
	}
}

func waitFor(ctx context.Context, f *os.File, exclusive bool, wait time.Duration) (bool, error) {
	for deadline := time.Now().Add(wait); ; {
		ok, err := flock(f, exclusive)
		if err != nil {
			return false, fmt.Errorf("lock %s: %w", f.Name(), err)
		}
		if ok || time.Now().After(deadline) {
			return ok, nil
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

// turnstile lets the processes that write to one database take turns. SQLite's lock is not fair: a
// server that commits back to back would keep a command waiting for seconds, and an import the server. Whoever
// wants to begin stands in the turnstile while waiting for SQLite's lock; whoever has just committed
// finds it taken and waits behind.
type turnstile struct{ f *os.File }

// openTurnstile uses the folder of bodies: a lock of its own, and no further file.
func openTurnstile(dir string) (turnstile, error) {
	f, err := os.Open(dir)
	if err != nil {
		return turnstile{}, fmt.Errorf("open the folder of bodies: %w", classify(err))
	}
	return turnstile{f}, nil
}

// enter waits until nobody stands there. It gives up after wait: the lock that counts is SQLite's own.
func (t turnstile) enter(wait time.Duration) {
	_, _ = waitFor(context.Background(), t.f, true, wait)
}

func (t turnstile) leave() { funlock(t.f) }

func (t turnstile) close() error { return t.f.Close() }
