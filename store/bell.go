package store

import (
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"
)

// bell is a number that all processes on one database share: the seq of the newest row of the log of changes that was
// committed, or is about to be. Whoever knows all changes up to it need not ask the database whether there are more, which
// every look-up for every message would do otherwise.
//
// It is raised before COMMIT, under the database's write lock, so that a change never stands while the bell is silent. A
// transaction that is rolled back, or a process that dies, leaves it too high: then everybody asks the database, until
// the next writer puts it right. It lies in the file of the lock, 8 bytes in the byte order of the machine. A nil bell says that
// nobody can know.
//
// The 8 bytes behind it count the transactions that stand, for whoever waits for news: see Store.Commits.
type bell struct{ seq, commits *atomic.Int64 }

// openBell maps the file beside the database. It stays mapped until the process ends: a look-up may be under way at any time, and
// it is one page. A descriptor of its own, for a mapping keeps the one it was made from, and a lock on that, alive.
func openBell(path string) (*bell, error) {
	const size = 16
	f, err := os.OpenFile(path+".lock", os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the database: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err == nil && info.Size() < size {
		// Written and not only made longer: a hole cannot be filled on a full disk. What is there is another process's, of an
		// older program perhaps, and stays.
		_, err = f.WriteAt(make([]byte, size-info.Size()), info.Size())
	}
	if err != nil {
		return nil, fmt.Errorf("make room in the lock of the database: %w", err)
	}
	view, err := mapShared(f, size)
	if err != nil {
		return nil, fmt.Errorf("map the lock of the database: %w", err)
	}
	return &bell{(*atomic.Int64)(unsafe.Pointer(&view[0])), (*atomic.Int64)(unsafe.Pointer(&view[8]))}, nil
}

// silent tells that nothing has changed since seq.
func (b *bell) silent(seq int64) bool { return b != nil && b.seq.Load() <= seq }

// ring says that the log is about to reach seq. Only under the write lock.
func (b *bell) ring(seq int64) {
	if b != nil && b.seq.Load() < seq {
		b.seq.Store(seq)
	}
}

// settle puts the bell right, where a change it was rung for never came to stand. Only under the write lock, where
// nobody else is about to commit.
func (b *bell) settle(newest int64) {
	if b != nil && b.seq.Load() != newest {
		b.seq.Store(newest)
	}
}

// committed says that one more transaction stands. A process that dies between the two is heard of with the next one.
func (b *bell) committed() {
	if b != nil {
		b.commits.Add(1)
	}
}
