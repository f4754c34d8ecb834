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

// Ping goes the way of every change, through the queue into a transaction, and changes nothing: nothing is written
// and nothing synced.
func (s *Store) Ping(ctx context.Context) error {
	return wrap(s.write(ctx, func(*tx) error { return nil }), "try the database")
}
