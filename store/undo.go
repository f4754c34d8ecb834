package store

import (
	"context"
	"fmt"
	"strings"

	"blindcopy/crm"
)

// UndoActivity takes back what rules did for a mail: the links they made, which no rule makes again, a pin that
// no person's link stands for, and the leads and contacts they made, as far as no person looked at them and no
// other mail is on them. The mail and its trace stay, which says what was undone.
func (s *Store) UndoActivity(ctx context.Context, id crm.ActivityID) (crm.Activity, error) {
	return s.changeActivity(ctx, id, fmt.Sprintf("undo activity %d", id), func(t *tx, a crm.Activity) error {
		u := undoing{t: t, a: a, refs: []string{}}
		if err := u.links(); err != nil {
			return err
		}
		if err := t.unpin(int64(a.ThreadID)); err != nil {
			return err
		}
		if err := u.records(); err != nil {
			return err
		}
		if len(u.away)+len(u.gone) == 0 {
			return nil
		}
		if err := t.tell(a.IntakeID, a.Original, []crm.Step{u.step()}, false); err != nil {
			return err
		}
		return t.audit("activity.undo", activityObject(id), map[string]any{"links": u.refs})
	})
}

// undoing is one activity that is undone, and what was done so far.
type undoing struct {
	t          *tx
	a          crm.Activity
	refs       []string // links that were taken away
	away, gone []string // records it was taken from, and that went altogether, in words
}

func (u *undoing) links() error {
	for _, l := range u.a.Links {
		if l.Source == crm.SourceManual {
			continue
		}
		if _, err := u.t.unlink(int64(u.a.ID), l.Ref()); err != nil {
			return err
		}
		u.refs = append(u.refs, l.Ref().String())
		u.away = append(u.away, refWords(l.Ref(), l.Title))
	}
	return nil
}

func (u *undoing) records() error {
	made, err := u.t.madeBy(u.a)
	if err != nil {
		return err
	}
	for _, ref := range made {
		title, err := titleOf(u.t.c, ref)
		if err != nil {
			return err
		}
		done, err := u.t.takeBack(ref)
		if err != nil {
			return fmt.Errorf("take back %s: %w", ref, err)
		}
		if done {
			u.gone = append(u.gone, refWords(ref, title))
		}
	}
	return nil
}

func (u *undoing) step() crm.Step {
	detail := "A person undid what the program did."
	if len(u.away) > 0 {
		detail += " It was taken away from " + strings.Join(u.away, ", ") + "."
	}
	if len(u.gone) > 0 {
		detail += " Deleted, being made by this mail alone: " + strings.Join(u.gone, ", ") + "."
	}
	return crm.Step{Code: crm.Undone, Detail: detail, Data: map[string]any{}}
}

// madeBy lists the records that the sightings of a mail made.
func (t *tx) madeBy(a crm.Activity) ([]crm.Ref, error) {
	var rows []struct{ Kind, Record int64 }
	err := t.list(t.ctx, &rows, `
		SELECT kind, record FROM creation WHERE intake = ? AND original = ?
		UNION
		SELECT n.kind, n.record FROM capture c JOIN creation n ON n.intake = c.intake
		WHERE c.target = ? AND c.intake <> ?`, string(a.IntakeID), a.Original, int64(a.ID), string(a.IntakeID))
	refs := make([]crm.Ref, len(rows))
	for i, row := range rows {
		refs[i] = crm.Ref{Kind: kindOf(row.Kind), ID: row.Record}
	}
	return refs, err
}

// takeBack deletes a record that a rule made, unless a person touched it or other mail is on it; it tells whether it did.
func (t *tx) takeBack(ref crm.Ref) (bool, error) {
	untouched := map[crm.Kind]string{
		crm.KindLead: `SELECT count(*) FROM lead WHERE id = ? AND needs_check = 1 AND status = 'open' AND NOT EXISTS (SELECT 1 FROM link WHERE kind = 3 AND record = lead.id)`,
		crm.KindContact: `SELECT count(*) FROM contact WHERE id = ? AND needs_check = 1 AND NOT EXISTS (SELECT 1 FROM link WHERE kind = 1 AND record = contact.id)
			AND NOT EXISTS (SELECT 1 FROM deal_contact WHERE contact = contact.id) AND NOT EXISTS (SELECT 1 FROM lead WHERE contact = contact.id)`,
	}[ref.Kind]
	n, err := t.c.number(untouched, ref.ID)
	if n == 0 || err != nil {
		return false, err
	}
	if err := t.forgetHolder(ref); err != nil {
		return false, err
	}
	if ref.Kind == crm.KindContact {
		_, err = t.do(`DELETE FROM contact WHERE id = ?`, ref.ID)
		return true, err
	}
	domain, err := t.c.text(`SELECT domain FROM lead WHERE id = ?`, ref.ID)
	if err != nil {
		return false, err
	}
	t.changed(domain)
	_, err = t.do(`DELETE FROM lead WHERE id = ?`, ref.ID)
	return true, err
}

// forgetHolder takes all addresses from a record that goes away.
func (t *tx) forgetHolder(ref crm.Ref) error {
	emails, err := emailsOf(t.ctx, t.session, ref.Kind, []int64{ref.ID})
	if err != nil {
		return err
	}
	for _, e := range emails[ref.ID] {
		t.changed(string(e.Address))
	}
	_, err = t.do(`DELETE FROM holder WHERE kind = ? AND record = ?`, kindNumber(ref.Kind), ref.ID)
	return err
}
