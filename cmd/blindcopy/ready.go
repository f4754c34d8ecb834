package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"blindcopy/crm"
	"blindcopy/store"
)

// readiness says whether mail can be taken.
type readiness struct {
	store *store.Store
	log   *slog.Logger
	pings singleflight.Group // a database that hangs is asked once, however many probes come

	mu   sync.Mutex
	told time.Time // when the log said why not
}

// reasons why mail cannot be taken, none if it can. They are for strangers too, and name no path; what the
// operator needs besides is logged.
func (r *readiness) reasons(ctx context.Context) (list []string) {
	load, err := r.store.Load()
	switch {
	case err != nil:
		r.tell(err)
		list = append(list, "the disk of the database cannot be looked at")
	case load.FreeBytes < load.Reserve:
		list = append(list, fmt.Sprintf("the disk of the database is nearly full: %s are free, %s are kept in reserve", size(load.FreeBytes), size(load.Reserve)))
	}
	if load.Queue >= load.QueueRoom {
		return append(list, fmt.Sprintf("the queue of changes is full: %s wait for the database", thousands(load.Queue)))
	}
	if err := r.ping(ctx); err != nil && len(list) == 0 {
		list = append(list, inShort(err))
		r.tell(err)
	}
	return list
}

// inShort is what strangers may know of why the database takes no mail.
func inShort(err error) string {
	switch {
	case errors.Is(err, crm.ErrNoSpace):
		return "a disk of the database is full"
	case errors.Is(err, store.ErrDamaged):
		return "the database is damaged"
	case errors.Is(err, crm.ErrBusy), errors.Is(err, context.DeadlineExceeded):
		return "the database is locked or hangs"
	}
	return "the database does not take changes"
}

// tell logs why mail cannot be taken, once a minute: probes come every few seconds.
func (r *readiness) tell(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.told) >= tellAgain {
		r.told = now
		r.log.Warn("not ready", "err", err, "hint", hintOf(err))
	}
}

// ping returns when ctx ends even if the database does not.
func (r *readiness) ping(ctx context.Context) error {
	answer := r.pings.DoChan("ping", func() (any, error) { return nil, r.store.Ping(context.WithoutCancel(ctx)) })
	select {
	case a := <-answer:
		return a.Err
	case <-ctx.Done():
		return fmt.Errorf("try the database: %w", ctx.Err())
	}
}
