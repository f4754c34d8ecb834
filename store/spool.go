package store

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"blindcopy/crm"
)

// spoolMemory is the size up to which a message lies in the database, compressed. A larger one lies in a
// file of its own.
const spoolMemory = 64 << 10

// Spool takes the bytes of a message while they arrive. After the last Write comes exactly one of
// Finish and Discard. It is used by one goroutine.
type Spool interface {
	io.Writer
	// Finish makes a large body last on the disk and hands it over. Whoever gets it calls Release, if there is
	// one, when done: a file that no intake has taken by then is removed.
	Finish() (crm.Raw, error)
	// Discard gives everything back. After Finish it does nothing.
	Discard()
}

// NewSpool begins a message.
func (s *Store) NewSpool() Spool {
	return &spool{bodies: s.bodies, sum: sha256.New()}
}

type spool struct {
	bodies *bodies
	sum    hash.Hash
	head   []byte // all of it, until it is too large
	file   *os.File
	size   int64
	done   bool
}

func (p *spool) Write(b []byte) (int, error) {
	p.sum.Write(b)
	p.size += int64(len(b))
	if p.file == nil && p.size <= spoolMemory {
		p.head = append(p.head, b...)
		return len(b), nil
	}
	if p.file == nil {
		if err := p.spill(); err != nil {
			return 0, err
		}
	}
	if before := p.size - int64(len(b)); before/lookEvery != p.size/lookEvery {
		if err := p.bodies.reserve.check(); err != nil {
			return 0, err
		}
	}
	n, err := p.file.Write(b)
	if err != nil {
		return n, fmt.Errorf("write a body file: %w", classify(err))
	}
	return n, nil
}

// lookEvery is how much of a body is written before the room on the disk is looked at again.
const lookEvery = 4 << 20

// spill moves to a file what is in memory.
func (p *spool) spill() (err error) {
	if p.file, err = p.bodies.create(); err != nil {
		return err
	}
	if _, err := p.file.Write(p.head); err != nil {
		return fmt.Errorf("write a body file: %w", classify(err))
	}
	p.head = nil
	return nil
}

func (p *spool) Finish() (crm.Raw, error) {
	if p.done {
		return crm.Raw{}, errors.New("the spool was finished already")
	}
	p.done = true
	raw := crm.Raw{Bytes: p.head}
	p.sum.Sum(raw.SHA256[:0])
	if p.file == nil {
		return raw, nil
	}
	name, err := p.bodies.settle(p.file)
	if err != nil {
		return crm.Raw{}, err
	}
	view, err := p.bodies.open(name, p.size)
	if err != nil {
		p.bodies.release(name)
		return crm.Raw{}, err
	}
	view.SHA256 = raw.SHA256
	unmap := view.Release
	view.Release = sync.OnceFunc(func() {
		unmap()
		p.bodies.release(name)
	})
	return view, nil
}

func (p *spool) Discard() {
	if p.done || p.file == nil {
		p.done = true
		return
	}
	p.done = true
	_ = p.file.Close()
	_ = os.Remove(p.file.Name())
}

// bodies is the folder of the larger bodies. A file is named by us and never by a message.
type bodies struct {
	dir     string
	reserve reserve
	fault   func() error // Faults.SyncBody

	mu    sync.Mutex
	loose map[string]struct{} // files no intake refers to yet
}

func openBodies(dir string, readOnly bool) (*bodies, error) {
	b := &bodies{dir: dir, loose: map[string]struct{}{}}
	if readOnly {
		return b, nil
	}
	if err := makeFolder(dir); err != nil && !errors.Is(err, os.ErrExist) {
		return nil, fmt.Errorf("create the folder of bodies: %w", classify(err))
	}
	return b, nil
}

// makeFolder makes a folder that only its owner may look into.
func makeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	giveAway(f)
	return f.Close()
}

// check tells whether the folder can still be written to.
func (b *bodies) check() error {
	if info, err := os.Stat(b.dir); err != nil || !info.IsDir() {
		return hinted{fmt.Errorf("the folder of the larger messages %s is gone", b.dir), "Put it back; if it is gone for good, restore a backup."}
	}
	return nil
}

// unfinished files carry this ending until they are whole and synced.
const unfinished = ".part"

// bodyEnding is that of whole ones.
const bodyEnding = ".eml"

func (b *bodies) create() (*os.File, error) {
	if err := b.reserve.check(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(b.dir, rand.Text()+bodyEnding+unfinished), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create a body file: %w", classify(err))
	}
	giveAway(f)
	return f, nil
}

// settle syncs a file and gives it its name: a transaction may refer to it from then on.
func (b *bodies) settle(f *os.File) (name string, err error) {
	name = filepath.Base(f.Name())
	name = name[:len(name)-len(unfinished)]
	b.mu.Lock()
	b.loose[name] = struct{}{}
	b.mu.Unlock()
	err = errors.Join(f.Sync(), f.Close())
	if err == nil && b.fault != nil {
		err = b.fault()
	}
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(b.dir, name))
	}
	if err == nil {
		err = syncDir(b.dir)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		b.release(name)
		return "", fmt.Errorf("keep a body file: %w", classify(err))
	}
	return name, nil
}

// open returns a body as a view of its file, or as a copy where views are not to be had. Release gives
// the view back, and is never nil.
func (b *bodies) open(name string, size int64) (crm.Raw, error) {
	f, err := os.Open(filepath.Join(b.dir, filepath.Base(name)))
	if err != nil {
		return crm.Raw{}, fmt.Errorf("open a body file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("it has %d bytes instead of %d", info.Size(), size)
	}
	if err != nil {
		return crm.Raw{}, fmt.Errorf("open the body file %s: %w", name, err)
	}
	raw := crm.Raw{File: name, Release: func() {}}
	if view, unmap, err := mapFile(f, size); err == nil {
		raw.Bytes, raw.Release = view, unmap
		raw.Rest = func() { rest(view) }
		return raw, nil
	}
	if raw.Bytes, err = io.ReadAll(f); err != nil {
		return crm.Raw{}, fmt.Errorf("read the body file %s: %w", name, err)
	}
	return raw, nil
}

// keep: intakes refer to these files now.
func (b *bodies) keep(names []string) {
	if len(names) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, name := range names {
		delete(b.loose, name)
	}
}

// release removes a file that no intake has taken.
func (b *bodies) release(name string) {
	b.mu.Lock()
	_, loose := b.loose[name]
	delete(b.loose, name)
	b.mu.Unlock()
	if loose {
		_ = os.Remove(filepath.Join(b.dir, name)) // what stays is swept at the next start
	}
}

// isLoose tells whether a file waits for its intake, however old the clock says it is.
func (b *bodies) isLoose(name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, loose := b.loose[name]
	return loose
}

// remove deletes files whose intakes are gone.
func (b *bodies) remove(names []string) error {
	var errs []error
	for _, name := range names {
		if err := os.Remove(filepath.Join(b.dir, filepath.Base(name))); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// orphanAge is how old a file without an intake must be to count as left over: another process may be
// about to record it.
const orphanAge = time.Hour

// orphans are old files that isKept does not know.
func (b *bodies) orphans(now time.Time, isKept func(name string) (bool, error)) ([]string, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || e.IsDir() || now.Sub(info.ModTime()) < orphanAge || b.isLoose(e.Name()) {
			continue
		}
		kept, err := isKept(e.Name())
		if err != nil {
			return nil, err
		}
		if !kept {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
