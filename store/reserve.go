package store

import (
	"fmt"
	"path/filepath"

	"blindcopy/crm"
)

// smallestShare is the part of a disk that is kept free at most: on a disk of 1 GB, a reserve of 200 MB would be a fifth.
const smallestShare = 20

// reserve is the room on a disk that mail may not use. SQLite needs some to commit what is under way, retention to make
// room, and people to go on working until somebody has made more: the disk is full for mail before it is full.
type reserve struct {
	dir   string
	least int64 // bytes; 0 is no reserve
}

// newReserve keeps so many bytes free, of a small disk a twentieth at most.
func newReserve(dir string, bytes int64) reserve {
	r := reserve{dir: dir, least: bytes}
	if total, err := diskBytes(dir); err == nil {
		r.least = min(r.least, total/smallestShare)
	}
	return r
}

// check is crm.ErrNoSpace where less is free. A disk that cannot be asked may still take mail: writing will tell.
func (r reserve) check() error {
	if r.least <= 0 {
		return nil
	}
	if free, err := freeBytes(r.dir); err == nil && free < r.least {
		return hinted{fmt.Errorf("%w: %d MB are free in %s, %d MB are kept in reserve", crm.ErrNoSpace, free>>20, r.dir, r.least>>20),
			"Make room on the disk; mail is taken again by itself."}
	}
	return nil
}

// openReserve finds out how much is kept free beside the database and where the larger bodies lie, which may be two disks.
func (s *Store) openReserve() {
	s.reserve = newReserve(filepath.Dir(s.file), s.MinFree)
	s.bodies.reserve = newReserve(s.bodies.dir, s.MinFree)
}
