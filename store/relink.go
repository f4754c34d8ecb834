package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"net/netip"
	"slices"

	"blindcopy/crm"
)

// Stored returns a message as it came in, to be taken again; crm.ErrNotFound where there is no such intake, or
// its raw bytes are not kept. Whoever gets it calls Raw.Release, if there is one, when done.
func (s *Store) Stored(ctx context.Context, id crm.IntakeID) (*crm.Inbound, error) {
	var in *crm.Inbound
	err := s.read(ctx, func(c *conn) error {
		return c.query(`SELECT `+envelopeColumns+` FROM intake WHERE id = ?`, func(row []driver.Value) (err error) {
			in, err = readEnvelope(row, decodeOnce[[]crm.Recipient]())
			return err
		}, string(id))
	})
	if err == nil && in == nil {
		err = notFound("intake", id)
	}
	if err != nil {
		return nil, wrap(err, "read intake %s", id)
	}
	in.Raw, err = s.Raw(ctx, id)
	return in, err
}

const envelopeColumns = `id, received_at, via, remote, helo, tls, trusted, mail_from, rcpts`

// readEnvelope makes a message of a row, without its raw bytes.
func readEnvelope(row []driver.Value, recipients func(string) ([]crm.Recipient, error)) (*crm.Inbound, error) {
	in := &crm.Inbound{ID: crm.IntakeID(str(row[0])), ReceivedAt: moment(integer(row[1])), Via: crm.Via(str(row[2])), Helo: str(row[4]), TLS: str(row[5]),
		Trusted: integer(row[6]) != 0, MailFrom: str(row[7])}
	var err error
	if remote := str(row[3]); remote != "" {
		if in.Remote, err = netip.ParseAddr(remote); err != nil {
			return nil, fmt.Errorf("read the peer of intake %s: %w", in.ID, err)
		}
	}
	if in.Recipients, err = recipients(str(row[8])); err != nil {
		return nil, fmt.Errorf("read the recipients of intake %s: %w", in.ID, err)
	}
	return in, nil
}

// AddLinks carries out second thoughts, in pieces of at most 50 ms. Links that a person made are never taken away,
// and those that a person took away are never made again. What has gone meanwhile is passed over.
func (s *Store) AddLinks(ctx context.Context, more []crm.Relinked) error {
	relinks := make([]relinking, len(more))
	err := manyAtOnce(len(more), func(i int) error {
		relinks[i].Relinked = more[i]
		return relinks[i].prepare()
	})
	if err != nil {
		return wrap(err, "add links")
	}
	relinks = slices.DeleteFunc(relinks, func(r relinking) bool { return r.idle })
	return wrap(inPieces(ctx, s, relinks, (*tx).relink), "add links")
}

// relinking is a second thought made ready for the writer.
type relinking struct {
	crm.Relinked
	was      *intakeRow // the intake of the mail as it was read before; nil if it must be read
	original int
	then     afterwards // what the intake will be if all the links are new
	idle     bool       // there is nothing to do
}

// prepare works out before the writer's turn what becomes of an intake that was read already.
func (r *relinking) prepare() (err error) {
	row, ok := r.Row.(*intakeRow)
	if !ok || len(r.Remove) > 0 || r.Pin != 0 {
		return nil
	}
	at := slices.IndexFunc(row.decoded, func(have storedResult) bool { return have.ActivityID != nil && *have.ActivityID == r.Activity })
	if at < 0 {
		return nil
	}
	var said []crm.Step
	for _, l := range r.Add {
		said = append(said, relinkStep(l))
	}
	r.was, r.original = row, row.decoded[at].Original
	d := row.telling(r.original, said, r.Answered)
	if r.idle = d == nil; r.idle {
		return nil
	}
	r.then, err = d.after()
	return err
}

func (t *tx) relink(r relinking) error {
	if r.was == nil {
		return t.relinkUnread(r.Relinked)
	}
	said, err := t.addLinks(r.Relinked)
	if err != nil {
		return err
	}
	if len(said) == len(r.Add) {
		res, err := t.c.exec(`UPDATE intake SET codes = ?, trace = ?, results = ?, open = ? WHERE seq = ? AND trace = ? AND results = ?`,
			r.then.codes, r.then.trace, resultsJSON(r.then.results), isOpen(r.then.results, r.then.open), r.was.Seq, r.was.Trace, r.was.Results)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); n > 0 || err != nil {
			t.changed(intakeObject(r.was.ID))
			return err
		}
	}
	return t.tell(r.was.ID, r.original, said, r.Answered) // somebody was faster
}

// relinkUnread carries out what needs more than links, or was prepared from nothing.
func (t *tx) relinkUnread(r crm.Relinked) error {
	var intake crm.IntakeID
	var original, thread int64
	err := t.c.query(`SELECT i.id, a.original, a.thread FROM activity a JOIN intake i ON i.seq = a.intake WHERE a.id = ?`, func(row []driver.Value) error {
		intake, original, thread = crm.IntakeID(str(row[0])), integer(row[1]), integer(row[2])
		return nil
	}, int64(r.Activity))
	if err != nil || intake == "" {
		return err
	}
	if len(r.Remove) > 0 || r.Pin != 0 {
		t.changed(activityObject(r.Activity))
	}
	for _, ref := range r.Remove {
		_, err := t.do(`DELETE FROM link WHERE activity = ? AND kind = ? AND record = ? AND manual = 0`, int64(r.Activity), kindNumber(ref.Kind), ref.ID)
		if err != nil {
			return err
		}
	}
	said, err := t.addLinks(r)
	if err != nil {
		return err
	}
	if r.Pin != 0 {
		if err := t.pin(thread, r.Pin); err != nil {
			return err
		}
	}
	return t.tell(intake, int(original), said, r.Answered)
}

const insertNewLink = `
	INSERT INTO link (kind, record, at, activity, code, manual)
	SELECT ?, ?, a.occurred_at, a.id, ?, ? FROM activity a
	WHERE a.id = ?
	  AND NOT EXISTS (SELECT 1 FROM link l WHERE l.activity = a.id AND l.kind = ? AND l.record = ?)
	  AND NOT EXISTS (SELECT 1 FROM unlinked u WHERE u.activity = a.id AND u.kind = ? AND u.record = ?)`

// addLinks makes the links that are not there yet, and says which.
func (t *tx) addLinks(r crm.Relinked) (said []crm.Step, err error) {
	t.touched = true
	for _, l := range r.Add {
		kind := kindNumber(l.Ref.Kind)
		if kind < 1 || kind > 4 || l.Ref.ID <= 0 {
			return nil, fmt.Errorf("link activity %d: %s has no timeline", r.Activity, l.Ref)
		}
		res, err := t.c.exec(insertNewLink, kind, l.Ref.ID, string(l.Code), l.Source == crm.SourceManual, int64(r.Activity), kind, l.Ref.ID, kind, l.Ref.ID)
		if err != nil {
			return nil, fmt.Errorf("link activity %d: %w", r.Activity, err)
		}
		if n, err := res.RowsAffected(); err != nil {
			return nil, err
		} else if n > 0 {
			said = append(said, relinkStep(l))
		}
	}
	if len(said) > 0 {
		t.changed(activityObject(r.Activity))
	}
	return said, nil
}

func relinkStep(l crm.NewLink) crm.Step {
	return linkStep(l.Code, l.Ref, l.Title, "Looked at again: it is linked to")
}

func linkStep(code crm.Code, ref crm.Ref, title, words string) crm.Step {
	return crm.Step{Code: code, Detail: words + " " + refWords(ref, title) + ".", Data: map[string]any{"kind": ref.Kind, "id": ref.ID}}
}

// refWords is a record as a sentence names it: `Ben Client (contact:7)`.
func refWords(ref crm.Ref, title string) string {
	if title == "" {
		return ref.String()
	}
	return fmt.Sprintf("%s (%s)", title, ref)
}

// tell goes on with the trace of a filed mail, and closes the questions about it if they are answered.
func (t *tx) tell(intake crm.IntakeID, original int, said []crm.Step, answered bool) error {
	row, err := t.intakeIfThere(intake)
	if err != nil || row == nil {
		return err
	}
	if d := row.telling(original, said, answered); d != nil {
		return t.update(*d)
	}
	return nil
}

// telling is what tell makes of an intake, nil where that is nothing.
func (row *intakeRow) telling(original int, said []crm.Step, answered bool) *decided {
	if len(said) == 0 && !(answered && row.Open) {
		return nil
	}
	d := &decided{row: row, trace: trace{Steps: said}}
	for _, step := range said {
		if step.Code != "" { // else words alone
			d.codes = addCodes(d.codes, []crm.Code{step.Code})
		}
	}
	if have := row.report(original); have != nil {
		more := *have
		more.Codes = addCodes(more.Codes, d.codes)
		d.amend = append(d.amend, more)
	}
	if answered {
		d.answered = []int{original}
	}
	if slices.ContainsFunc(said, func(s crm.Step) bool {
		return fmt.Sprint(s.Data["kind"]) == string(crm.KindDeal) && s.Code != crm.Unlinked
	}) {
		d.chosen = []int{original}
	}
	return d
}
