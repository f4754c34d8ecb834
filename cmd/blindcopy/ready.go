package main

import (
	"context"
	"fmt"
	"log/slog"

	"golang.org/x/sync/singleflight"

	"blindcopy/store"
)

// readiness says whether mail can be taken.
type readiness struct {
	store *store.Store
	log   *slog.Logger
	pings singleflight.Group // a database that hangs is asked once, however many probes come
}

// reasons why mail cannot be taken, none if it can. They are for strangers too, and name no path; what the
// operator needs besides is logged.
func (r *readiness) reasons(ctx context.Context) (list []string) {
	load, err := r.store.Load()
	switch {
	case err != nil:
		r.log.Warn("not ready", "err", err)
		list = append(list, "the disk of the database cannot be looked at")
	case load.FreeBytes < load.Reserve:
		list = append(list, fmt.Sprintf("the disk of the database is nearly full: %s are free, %s are kept in reserve", size(load.FreeBytes), size(load.Reserve)))
	}
	if load.Queue >= load.QueueRoom {
		return append(list, fmt.Sprintf("the queue of changes is full: %s wait for the database", thousands(load.Queue)))
	}
	if err := r.ping(ctx); err != nil {
		r.log.Warn("not ready", "err", err)
		list = append(list, "the database does not take changes")
	}
	return list
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
