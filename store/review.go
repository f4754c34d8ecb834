package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// Review lists, newest first, what asks a person to decide: held mail, and filed mail with an address that is
// still unknown, or that several deals fit.
func (s *Store) Review(ctx context.Context, f ReviewFilter) ([]crm.Intake, error) {
	var w where
	w.and("r.open = 1")
	who, err := s.looking(ctx, f.Viewer)
	if err == nil && !who.all && !f.Viewer.IsAdmin() {
		w.and("r.owner = ?", int64(who.user))
	}
	if err != nil {
		return nil, wrap(err, "list what waits for review")
	}
	list, err := s.intakes(ctx, w, IntakeFilter{Limit: f.Limit, Viewer: f.Viewer})
	return list, wrap(err, "list what waits for review")
}

// DismissIntake decides that nothing is to become of held mail, or of the open questions about filed mail. The
// content goes when its time is over. ErrInvalid if nothing about it waits for a decision.
func (s *Store) DismissIntake(ctx context.Context, id crm.IntakeID) (in crm.Intake, err error) {
	err = s.write(ctx, func(t *tx) error {
		row, err := t.intakeRow(id)
		if err != nil {
			return err
		}
		codes, err := row.codes()
		if err != nil {
			return err
		}
		if !row.Open && !slices.Contains(codes, crm.Dismissed) {
			return invalid("intake %s is %s, and nothing about it waits for a decision", id, row.Verdict)
		}
		if row.Open {
			if err := t.dismiss(row); err != nil {
				return err
			}
			if err := t.audit("review.dismiss", intakeObject(id), nil); err != nil {
				return err
			}
		}
		in, err = s.oneIntake(t.ctx, t.session, id)
		return err
	})
	return in, wrap(err, "dismiss intake %s", id)
}

// dismissal says what a person decided with it: that held mail matters to nobody, or that a question about filed mail
// stays open.
func (row *intakeRow) dismissal() (string, error) {
	if row.holds() {
		return "A person dismissed it: it is filed nowhere.", nil
	}
	var tr trace
	if err := json.Unmarshal([]byte(row.Trace), &tr); err != nil {
		return "", fmt.Errorf("read the trace of intake %s: %w", row.ID, err)
	}
	var left []string
	for _, o := range tr.Open {
		left = append(left, o.Party.String())
	}
	detail := "A person left it as it is filed"
	if len(left) > 0 {
		detail += "; unknown stays " + strings.Join(left, ", ")
	}
	if len(tr.Deals) > 0 {
		detail += "; it goes to no deal"
	}
	return detail + ".", nil
}

func intakeObject(id crm.IntakeID) string { return "intake:" + string(id) }

func (t *tx) dismiss(row *intakeRow) error {
	d := decided{row: row, keepContent: true, codes: []crm.Code{crm.Dismissed}}
	detail, err := row.dismissal()
	if err != nil {
		return err
	}
	d.trace.Steps = []crm.Step{{Code: crm.Dismissed, Detail: detail, Data: map[string]any{}}}
	for _, have := range row.decoded {
		d.answered, d.chosen = append(d.answered, have.Original), append(d.chosen, have.Original)
		if have.Verdict != crm.Held {
			continue
		}
		if err := t.moveHeld(row, have.Original, 0); err != nil {
			return err
		}
		if err := t.settleKeys(row.Seq, have, crm.Ignored, 0); err != nil {
			return err
		}
		ignored := crm.ResultReport{Original: have.Original, Verdict: crm.Ignored, Codes: []crm.Code{crm.Dismissed}}
		d.replace = append(d.replace, storedResult{ResultReport: ignored})
	}
	return t.update(d)
}

// CountReview is how many of what asks a person to decide the viewer may decide about: his own, and for admins
// everything that is not private.
func (s *Store) CountReview(ctx context.Context, v crm.Viewer) (n int, err error) {
	_, err = s.reading().get(ctx, &n, `
		SELECT count(*) FROM intake r LEFT JOIN crm_user u ON u.id = r.owner
		WHERE r.open = 1 AND (? OR u.email = ? OR ? AND r.visibility <> 'private')`, v.IsOperator(), string(v.Email()), v.IsAdmin())
	return n, wrap(err, "count what waits for review")
}
