package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"blindcopy/crm"
)

// Stored returns a message as it came in, to be taken again; crm.ErrNotFound where there is no such intake, or
// its raw bytes are not kept. Whoever gets it calls Raw.Release, if there is one, when done.
func (s *Store) Stored(ctx context.Context, id crm.IntakeID) (*crm.Inbound, error) {
	var in *crm.Inbound
	var remote, rcpts string
	err := s.read(ctx, func(c *conn) error {
		return c.query(`SELECT received_at, via, remote, helo, tls, trusted, mail_from, rcpts FROM intake WHERE id = ?`, func(row []driver.Value) error {
			in = &crm.Inbound{ID: id, ReceivedAt: moment(integer(row[0])), Via: crm.Via(str(row[1])), Helo: str(row[3]), TLS: str(row[4]),
				Trusted: integer(row[5]) != 0, MailFrom: str(row[6])}
			remote, rcpts = str(row[2]), str(row[7])
			return nil
		}, string(id))
	})
	if err == nil && in == nil {
		err = notFound("intake", id)
	}
	if err != nil {
		return nil, wrap(err, "read intake %s", id)
	}
	if remote != "" {
		if in.Remote, err = netip.ParseAddr(remote); err != nil {
			return nil, fmt.Errorf("read the peer of intake %s: %w", id, err)
		}
	}
	if err := json.Unmarshal([]byte(rcpts), &in.Recipients); err != nil {
		return nil, fmt.Errorf("read the recipients of intake %s: %w", id, err)
	}
	in.Raw, err = s.Raw(ctx, id)
	return in, err
}

// pieceTime is how long one transaction of a long change may take, so that mail need not wait: commands commit in
// pieces of at most 50 ms, and the commit itself wants its share.
const pieceTime = 30 * time.Millisecond

// inPieces runs one step after the other, as many in a transaction as fit its time.
func inPieces[T any](ctx context.Context, s *Store, steps []T, run func(*tx, T) error) error {
	for len(steps) > 0 {
		done := 0
		err := s.write(ctx, func(t *tx) error {
			done = 0
			for start := time.Now(); done < len(steps) && (done == 0 || time.Since(start) < pieceTime); done++ {
				if err := run(t, steps[done]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		steps = steps[done:]
	}
	return nil
}

// AddLinks carries out second thoughts, in pieces of at most 50 ms. Links that a person made are never taken away,
// and those that a person took away are never made again. What has gone meanwhile is passed over.
func (s *Store) AddLinks(ctx context.Context, more []crm.Relinked) error {
	return wrap(inPieces(ctx, s, more, (*tx).relink), "add links")
}

func (t *tx) relink(r crm.Relinked) error {
	var intake crm.IntakeID
	var original, thread, at int64
	err := t.c.query(`SELECT i.id, a.original, a.thread, a.occurred_at FROM activity a JOIN intake i ON i.seq = a.intake WHERE a.id = ?`, func(row []driver.Value) error {
		intake, original, thread, at = crm.IntakeID(str(row[0])), integer(row[1]), integer(row[2]), integer(row[3])
		return nil
	}, int64(r.Activity))
	if err != nil || intake == "" {
		return err
	}
	for _, ref := range r.Remove {
		_, err := t.do(`DELETE FROM link WHERE activity = ? AND kind = ? AND record = ? AND manual = 0`, int64(r.Activity), kindNumber(ref.Kind), ref.ID)
		if err != nil {
			return err
		}
	}
	said, err := t.addLinks(r, at)
	if err != nil {
		return fmt.Errorf("link activity %d: %w", r.Activity, err)
	}
	if r.Pin != 0 {
		if err := t.pin(thread, r.Pin); err != nil {
			return err
		}
	}
	return t.tell(intake, int(original), said, r.Answered)
}

// addLinks makes the links that are not there yet, and says which.
func (t *tx) addLinks(r crm.Relinked, at int64) (said []crm.Step, err error) {
	for _, l := range r.Add {
		n, err := t.c.number(`SELECT count(*) FROM link WHERE activity = ? AND kind = ? AND record = ?`, int64(r.Activity), kindNumber(l.Ref.Kind), l.Ref.ID)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			continue
		}
		if err := t.link(int64(r.Activity), at, l); err != nil {
			return nil, err
		}
		said = append(said, linkStep(l.Code, l.Ref, l.Title, "Looked at again: it is linked to"))
	}
	return said, nil
}

func linkStep(code crm.Code, ref crm.Ref, title, words string) crm.Step {
	name := ref.String()
	if title != "" {
		name = fmt.Sprintf("%s (%s)", title, ref)
	}
	return crm.Step{Code: code, Detail: words + " " + name + ".", Data: map[string]any{"kind": ref.Kind, "id": ref.ID}}
}

// tell goes on with the trace of a filed mail, and closes the questions about it if they are answered.
func (t *tx) tell(intake crm.IntakeID, original int, said []crm.Step, answered bool) error {
	row, err := t.intakeIfThere(intake)
	if err != nil || row == nil || len(said) == 0 && !(answered && row.Open) {
		return err
	}
	d := decided{row: row, trace: trace{Steps: said}}
	for _, step := range said {
		d.codes = addCodes(d.codes, []crm.Code{step.Code})
	}
	if r := row.report(original); r != nil {
		r.Codes = addCodes(r.Codes, d.codes)
	}
	if answered {
		d.answered = []int{original}
	}
	return t.update(d)
}
