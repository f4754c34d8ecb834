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
	ticker := time.NewTicker(expireEvery)
	defer ticker.Stop()
	for {
		report, err := s.office.store.Expire(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			s.log.Warn("expiring old content failed", "err", err)
		case report.Bodies+report.Traces+report.Files > 0:
			s.log.Info("expired", "bodies", report.Bodies, "traces", report.Traces, "files", report.Files)
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
