package store

import (
	"context"
	"database/sql/driver"
	"math/bits"
	"sync/atomic"
)

// seen tells of most new mail, without a look into the database, that nothing was said of its identities and of its
// Message-ID before: a Bloom filter over the hashes of mail_key and reply_wait. "No" is certain for what this process
// wrote and for what was there when it was filled; "perhaps" means to ask. What another process wrote meanwhile may be
// missing: the writer finds out before it records that there is such, throws the filter away and compares with the
// database (look, claim, mailIsStale), and the decision is made again.
type seen struct {
	words []atomic.Uint64
	room  int64 // hashes it may hold before "perhaps" is said too often
	added atomic.Int64
	ready atomic.Bool // it was filled
}

// Ten bits and four probes for each hash: about one new mail in eighty is asked for in vain.
const (
	seenBits   = 10
	seenProbes = 4
	seenLeast  = 1 << 20 // hashes: 1.3 MB
)

func newSeen(hashes int64) *seen {
	room := max(2*hashes, seenLeast)
	words := int64(1) << bits.Len64(uint64(room*seenBits/64))
	return &seen{words: make([]atomic.Uint64, words), room: room}
}

// probe i of a hash, which is a piece of a SHA-256: all its bits are as good as random.
func (s *seen) probe(hash int64, i uint64) (word *atomic.Uint64, bit uint64) {
	h := uint64(hash)
	at := h + i*(h>>32|1)
	return &s.words[at>>6&uint64(len(s.words)-1)], 1 << (at & 63)
}

func (s *seen) add(hash int64) {
	if s == nil {
		return
	}
	for i := range uint64(seenProbes) {
		word, bit := s.probe(hash, i)
		word.Or(bit)
	}
	s.added.Add(1)
}

// perhaps is false where a hash was certainly never added.
func (s *seen) perhaps(hash int64) bool {
	if s == nil || !s.ready.Load() {
		return true
	}
	for i := range uint64(seenProbes) {
		if word, bit := s.probe(hash, i); word.Load()&bit == 0 {
			return false
		}
	}
	return true
}

// full tells that it is time for a larger one.
func (s *seen) full() bool { return s == nil || s.added.Load() > s.room }

// fillSeen begins a filter that has room for the mail there is, and as much again. The writer adds to it from the moment it is
// in place, so that nothing is missed between.
func (s *Store) fillSeen(ctx context.Context) error {
	return s.read(ctx, func(c *conn) error {
		n, err := c.number(`SELECT (SELECT count(*) FROM mail_key) + (SELECT count(*) FROM reply_wait)`)
		if err != nil {
			return err
		}
		fresh := newSeen(n)
		s.seen.Store(fresh)
		err = c.query(`SELECT hash FROM mail_key UNION ALL SELECT hash FROM reply_wait`, func(row []driver.Value) error {
			fresh.add(integer(row[0]))
			return ctx.Err()
		})
		if err == nil {
			fresh.ready.Store(true)
		}
		return err
	})
}
