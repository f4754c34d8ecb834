package main

import (
	"context"
	"time"
)

// expireEvery is how often contents and traces past their time are dropped.
const expireEvery = time.Hour

// keepHouse drops what retention.* gives up, and sessions that are over. A failure is logged and tried again an hour later: mail is
// taken meanwhile.
func (s *server) keepHouse(ctx context.Context) error {
	keep := s.office.cfg.Retention
	err := s.office.store.NoteSettings(ctx, "retention.change", "retention", map[string]any{"unfiled": keep.Unfiled.String(), "traces": keep.Traces.String()})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("the retention in effect was not noted", "err", err)
	}
	ticker := time.NewTicker(expireEvery)
	defer ticker.Stop()
	start := time.Now()
	clock := jumpingClock{wall: start.Round(0)}
	for {
		if by := clock.jumped(time.Now().Round(0), time.Since(start)); by > tolerableJump || by < -tolerableJump {
			s.log.Warn("the clock jumped, and nothing is expired this time", "by", by.Round(time.Second), "hint", "See that the machine keeps its time.")
		} else if err := s.expire(ctx); err != nil {
			return nil // told to stop
		}
		if _, err := s.office.store.ForgetSignIns(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("forgetting old sessions failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// expire is one round. It returns an error only when ctx is done.
func (s *server) expire(ctx context.Context) error {
	report, err := s.office.store.Expire(ctx)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.log.Warn("expiring old content failed", "err", err, "hint", hintOf(err))
	case report.Bodies+report.Traces+report.Files > 0:
		s.log.Info("expired", "bodies", report.Bodies, "traces", report.Traces, "files", report.Files)
	}
	return nil
}

// tolerableJump is what summer time, a sleeping laptop's correction or NTP may do. One of years would have everything expire at
// once, and be put right a minute later.
const tolerableJump = time.Hour

// jumpingClock compares the wall clock with how long the program runs, which no one can set.
type jumpingClock struct {
	wall    time.Time
	running time.Duration
}

// jumped is by how much the wall clock went ahead of real time since the last call.
func (c *jumpingClock) jumped(wall time.Time, running time.Duration) time.Duration {
	by := wall.Sub(c.wall) - (running - c.running)
	c.wall, c.running = wall, running
	return by
}
