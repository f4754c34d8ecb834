package store

import (
	"context"
	"path/filepath"
)

// Load is how much there is to do, and how much room to do it in.
type Load struct {
	Queue     int   // changes that wait for the writer
	QueueRoom int   // how many may wait before senders are asked to come again
	WALBytes  int64 // committed, not yet moved into the database file
	FreeBytes int64 // on the disk of the database, for users without privileges
	Reserve   int64 // of these, what mail may not use
}

// Load is cheap. The error is for a disk that cannot be asked.
func (s *Store) Load() (l Load, err error) {
	l = Load{QueueRoom: queueLength, WALBytes: s.walBytes(), Reserve: s.reserve.least}
	if s.writer != nil {
		l.Queue = len(s.writer.queue)
	}
	l.FreeBytes, err = freeBytes(filepath.Dir(s.file))
	return l, wrap(err, "look at the disk of the database")
}

// Ping goes the way of every mail: there is room, and a transaction reaches the disk. It writes a number into the header
// that nobody reads; a transaction that wrote nothing would succeed on a disk that takes nothing.
func (s *Store) Ping(ctx context.Context) error {
	for _, check := range []func() error{s.whole, s.reserve.check, s.bodies.reserve.check, s.bodies.check} {
		if err := check(); err != nil {
			return wrap(err, "try the database")
		}
	}
	if _, err := s.Rules(ctx); err != nil { // RCPT asks for them
		return wrap(err, "try the database")
	}
	err := s.writeApart(ctx, func(t *tx) error {
		_, err := t.do("PRAGMA user_version = 1")
		return err
	})
	return wrap(err, "try the database")
}
