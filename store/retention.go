package store

import (
	"context"
	"fmt"

	"blindcopy/crm"
)

// ExpireReport counts what had its time.
type ExpireReport struct {
	Bodies int `json:"bodies"` // contents that were dropped
	Traces int `json:"traces"` // intakes that were forgotten
	Files  int `json:"files"`  // files without an intake that were removed
}

// keepLog is how many changes the log keeps for processes that have not read them yet. One that comes later
// forgets all it remembers and reads anew.
const keepLog = 10_000

// Expire drops the content of mail that was not filed after KeepUnfiled, its trace after KeepTraces, and files that
// no intake refers to. It works in pieces of at most 50 ms, so that mail need not wait for it.
func (s *Store) Expire(ctx context.Context) (report ExpireReport, err error) {
	for {
		due, err := s.due(ctx)
		if err != nil {
			return report, wrap(err, "expire old content")
		}
		if len(due) == 0 {
			break
		}
		bodies, traces := 0, 0
		err = inPieces(ctx, s, due, func(t *tx, seq int64) error {
			dropped, forgot, err := t.expire(seq)
			if dropped {
				bodies++
			}
			if forgot {
				traces++
			}
			return err
		})
		report.Bodies, report.Traces = report.Bodies+bodies, report.Traces+traces
		if err != nil {
			return report, wrap(err, "expire old content")
		}
	}
	if err := s.trimLog(ctx); err != nil {
		return report, wrap(err, "trim the log of changes")
	}
	report.Files, err = s.sweep(ctx)
	return report, wrap(err, "remove files that no intake refers to")
}

// due lists intakes whose time is over, not too many at once.
func (s *Store) due(ctx context.Context) (seqs []int64, err error) {
	err = s.reading().list(ctx, &seqs, `SELECT seq FROM intake WHERE expires_at <= ? ORDER BY expires_at LIMIT ?`, millis(s.Now()), pageSize)
	return seqs, err
}

// expire takes an intake one step further: first its content goes, then its trace.
func (t *tx) expire(seq int64) (dropped, forgot bool, err error) {
	var id crm.IntakeID
	found, err := t.get(t.ctx, &id, `SELECT id FROM intake WHERE seq = ? AND expires_at <= ?`, seq, millis(t.now))
	if err != nil || !found {
		return false, false, err // somebody filed it meanwhile
	}
	row, err := t.intakeRow(id)
	if err != nil {
		return false, false, err
	}
	if row.Kept {
		return true, false, t.dropContent(row)
	}
	return false, true, t.forgetIntake(row)
}

// dropContent leaves the envelope and the trace. Held mail waits for a decision no longer: there is nothing
// left to file.
func (t *tx) dropContent(row *intakeRow) error {
	if err := t.dropRaw(row.Seq); err != nil {
		return err
	}
	if err := t.dropHeld(row); err != nil {
		return err
	}
	if row.Open {
		t.changed(intakeObject(row.ID))
	}
	_, err := t.do(`UPDATE intake SET kept = 0, open = 0, held = '', expires_at = ? WHERE seq = ?`, t.s.expiry(row.Verdict, false, row.received()), row.Seq)
	return err
}

func (t *tx) dropHeld(row *intakeRow) error {
	for _, r := range row.decoded {
		if r.Verdict != crm.Held {
			continue
		}
		if err := t.moveHeld(row, r.Original, 0); err != nil {
			return err
		}
	}
	return nil
}

// forgetIntake removes a trace, and the identities that only it stood for.
func (t *tx) forgetIntake(row *intakeRow) error {
	if err := t.dropHeld(row); err != nil {
		return err
	}
	for _, r := range row.decoded {
		for _, c := range r.Claims {
			if _, err := t.do(`DELETE FROM mail_key WHERE hash = ? AND n = ? AND intake = ? AND activity = 0`, c[0], c[1], row.Seq); err != nil {
				return err
			}
		}
	}
	_, err := t.do(`DELETE FROM intake WHERE seq = ?`, row.Seq)
	return err
}

// trimLog keeps the newest changes.
func (s *Store) trimLog(ctx context.Context) error {
	for {
		var n int64
		err := s.writeApart(ctx, func(t *tx) error {
			res, err := t.do(`
				DELETE FROM address_change WHERE seq IN (
					SELECT seq FROM address_change WHERE seq <= (SELECT max(seq) FROM address_change) - ? ORDER BY seq LIMIT ?)`, keepLog, pageSize)
			if err == nil {
				n, err = res.RowsAffected()
			}
			return err
		})
		if n < pageSize || err != nil {
			return err
		}
	}
}

// sweep removes old files that no intake refers to: a crash between the file and the commit left them.
func (s *Store) sweep(ctx context.Context) (int, error) {
	names, err := s.orphans(ctx)
	if err != nil || len(names) == 0 {
		return 0, err
	}
	if err := s.plausible(ctx, len(names)); err != nil {
		return 0, err
	}
	return len(names), s.bodies.remove(names)
}

// A crash leaves a file for each session at most. fewLeft is never too many.
const (
	fewLeft  = 10
	mostLeft = 1000
)

// plausible refuses to remove more than crashes leave: the database is then an older one than the files, and somebody may
// yet put the newer one back.
func (s *Store) plausible(ctx context.Context, orphans int) error {
	if orphans <= fewLeft {
		return nil
	}
	var kept int
	if _, err := s.reading().get(ctx, &kept, `SELECT count(*) FROM raw WHERE file <> ''`); err != nil {
		return err
	}
	if orphans <= min(kept, mostLeft) {
		return nil
	}
	return hinted{fmt.Errorf("%d files in %s belong to no intake, more than crashes leave: nothing is removed", orphans, s.bodies.dir),
		"Is an older database in its place than the files are of? blindcopy check lists them; what is not needed can be deleted by hand."}
}

// orphans are files of bodies that no intake refers to, and that are too old to be waiting for one.
func (s *Store) orphans(ctx context.Context) ([]string, error) {
	return s.bodies.orphans(s.Now(), func(name string) (bool, error) {
		var n int
		_, err := s.reading().get(ctx, &n, `SELECT count(*) FROM raw WHERE file = ?`, name)
		return n > 0, err
	})
}

// Stats are counts for health and curiosity.
type Stats struct {
	Users      int64 `json:"users"`
	Contacts   int64 `json:"contacts"`
	Companies  int64 `json:"companies"`
	Leads      int64 `json:"leads"`
	Deals      int64 `json:"deals"`
	Activities int64 `json:"activities"`
	Intakes    int64 `json:"intakes"`
	Held       int64 `json:"held"`
	Queue      int   `json:"queue"`     // changes that wait for the writer
	WALBytes   int64 `json:"wal_bytes"` // not yet moved into the database file
}

// Stats counts.
func (s *Store) Stats(ctx context.Context) (st Stats, err error) {
	err = s.read(ctx, func(c *conn) (err error) {
		for query, n := range map[string]*int64{
			`SELECT count(*) FROM crm_user`:                                   &st.Users,
			`SELECT count(*) FROM contact`:                                    &st.Contacts,
			`SELECT count(*) FROM company`:                                    &st.Companies,
			`SELECT count(*) FROM lead`:                                       &st.Leads,
			`SELECT count(*) FROM deal`:                                       &st.Deals,
			`SELECT count(*) FROM activity`:                                   &st.Activities,
			`SELECT count(*) FROM intake`:                                     &st.Intakes,
			`SELECT count(*) FROM intake WHERE open = 1 AND verdict = 'held'`: &st.Held,
		} {
			if *n, err = c.number(query); err != nil {
				return err
			}
		}
		return nil
	})
	if s.writer != nil {
		st.Queue = len(s.writer.queue)
	}
	st.WALBytes = s.walBytes()
	return st, wrap(err, "count")
}
