package store

import (
	"context"
	"database/sql/driver"
	"fmt"

	"blindcopy/crm"
)

// LinkActivity puts a mail on the timeline of one more record, by hand: no rule takes it away again. A deal
// pins the conversation: the links to deals that rules made for it follow. crm.ErrNotFound if there is no such
// mail or record.
func (s *Store) LinkActivity(ctx context.Context, id crm.ActivityID, to crm.Ref) (crm.Activity, error) {
	return s.changeActivity(ctx, id, fmt.Sprintf("link activity %d to %s", id, to), func(t *tx, a crm.Activity) error {
		if err := t.mustExist(to); err != nil {
			return err
		}
		if _, err := t.do(`DELETE FROM unlinked WHERE activity = ? AND kind = ? AND record = ?`, int64(id), kindNumber(to.Kind), to.ID); err != nil {
			return err
		}
		link := crm.NewLink{Ref: to, Code: crm.LinkedByUser, Source: crm.SourceManual}
		if err := t.link(int64(id), millis(a.OccurredAt), link); err != nil {
			return err
		}
		if to.Kind == crm.KindDeal {
			if err := t.pin(int64(a.ThreadID), to.ID); err != nil {
				return err
			}
		}
		title, err := titleOf(t.c, to)
		if err != nil {
			return err
		}
		said := []crm.Step{linkStep(crm.LinkedByUser, to, title, "A person linked it to")}
		if err := t.tell(a.IntakeID, a.Original, said, to.Kind != crm.KindDeal); err != nil {
			return err
		}
		return t.audit("activity.link", activityObject(id), map[string]any{"to": to.String()})
	})
}

// UnlinkActivity takes a mail from a timeline, for good: no rule puts it there again. A conversation that was
// pinned by this link is pinned no more. crm.ErrNotFound if it is not on that timeline.
func (s *Store) UnlinkActivity(ctx context.Context, id crm.ActivityID, from crm.Ref) (crm.Activity, error) {
	return s.changeActivity(ctx, id, fmt.Sprintf("unlink activity %d from %s", id, from), func(t *tx, a crm.Activity) error {
		removed, err := t.unlink(int64(id), from)
		if err != nil {
			return err
		}
		if !removed {
			return notFound("link to", from)
		}
		if err := t.unpin(int64(a.ThreadID)); err != nil {
			return err
		}
		title, err := titleOf(t.c, from)
		if err != nil {
			return err
		}
		said := []crm.Step{linkStep(crm.Unlinked, from, title, "A person took it away from")}
		if err := t.tell(a.IntakeID, a.Original, said, false); err != nil {
			return err
		}
		return t.audit("activity.unlink", activityObject(id), map[string]any{"from": from.String()})
	})
}

func activityObject(id crm.ActivityID) string { return fmt.Sprintf("activity:%d", id) }

func (s *Store) changeActivity(ctx context.Context, id crm.ActivityID, doing string, change func(*tx, crm.Activity) error) (a crm.Activity, err error) {
	err = s.write(ctx, func(t *tx) error {
		if a, err = t.readActivity(id); err != nil {
			return err
		}
		if err := change(t, a); err != nil {
			return err
		}
		t.changedEverything() // what was gathered of the conversation is stale
		t.changed(activityObject(id))
		a, err = t.readActivity(id)
		return err
	})
	return a, wrap(err, "%s", doing)
}

// mustExist refuses a record that is not there.
func (t *tx) mustExist(ref crm.Ref) (err error) {
	var id int64
	found := false
	switch ref.Kind {
	case crm.KindContact:
		found, err = t.get(t.ctx, &id, `SELECT id FROM contact WHERE id = ?`, ref.ID)
	case crm.KindCompany:
		found, err = t.get(t.ctx, &id, `SELECT id FROM company WHERE id = ?`, ref.ID)
	case crm.KindLead:
		found, err = t.get(t.ctx, &id, `SELECT id FROM lead WHERE id = ?`, ref.ID)
	case crm.KindDeal:
		found, err = t.get(t.ctx, &id, `SELECT id FROM deal WHERE id = ?`, ref.ID)
	}
	if err == nil && !found {
		err = notFound(string(ref.Kind), ref.ID)
	}
	return err
}

// unlink takes one link away and remembers that; false if there is none.
func (t *tx) unlink(activity int64, from crm.Ref) (bool, error) {
	kind := kindNumber(from.Kind)
	res, err := t.do(`DELETE FROM link WHERE activity = ? AND kind = ? AND record = ?`, activity, kind, from.ID)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return false, err
	}
	_, err = t.do(`INSERT INTO unlinked (activity, kind, record) VALUES (?, ?, ?) ON CONFLICT (activity, kind, record) DO NOTHING`, activity, kind, from.ID)
	return true, err
}

// pin makes a conversation follow a deal. The deal of every mail that no person chose follows at once; what
// a person linked, or took away, stays as it is.
func (t *tx) pin(thread, deal int64) error {
	if _, err := t.do(`UPDATE thread SET pinned_deal = ? WHERE id = ?`, deal, thread); err != nil {
		return err
	}
	_, err := t.do(`
		DELETE FROM link WHERE kind = 4 AND manual = 0 AND record <> ?
		  AND activity IN (SELECT id FROM activity WHERE thread = ?)`, deal, thread)
	if err != nil {
		return err
	}
	_, err = t.do(`
		INSERT INTO link (kind, record, at, activity, code, manual)
		SELECT 4, ?, a.occurred_at, a.id, ?, 0 FROM activity a
		WHERE a.thread = ?
		  AND NOT EXISTS (SELECT 1 FROM link l WHERE l.activity = a.id AND l.kind = 4 AND (l.manual = 1 OR l.record = ?))
		  AND NOT EXISTS (SELECT 1 FROM unlinked u WHERE u.activity = a.id AND u.kind = 4 AND u.record = ?)`,
		deal, string(crm.DealPinned), thread, deal, deal)
	if err != nil {
		return err
	}
	return t.dealsChosen(thread)
}

// dealsChosen closes the question which deal the mail of a conversation belongs to, for what is on one now.
func (t *tx) dealsChosen(thread int64) error {
	type open struct {
		intake   crm.IntakeID
		original int
	}
	var list []open
	err := t.c.query(`
		SELECT i.id, a.original FROM activity a JOIN intake i ON i.seq = a.intake
		WHERE a.thread = ? AND i.open = 1 AND EXISTS (SELECT 1 FROM link l WHERE l.activity = a.id AND l.kind = 4)`, func(row []driver.Value) error {
		list = append(list, open{crm.IntakeID(str(row[0])), int(integer(row[1]))})
		return nil
	}, thread)
	if err != nil {
		return err
	}
	for _, o := range list {
		row, err := t.intakeRow(o.intake)
		if err != nil {
			return err
		}
		if err := t.update(decided{row: row, chosen: []int{o.original}}); err != nil {
			return err
		}
	}
	return nil
}

// unpin lets a conversation go that no person's link keeps on its deal any more, and takes its mail from that deal
// as far as only the pin put it there.
func (t *tx) unpin(thread int64) error {
	deal, err := t.c.number(`
		SELECT pinned_deal FROM thread WHERE id = ? AND pinned_deal <> 0 AND NOT EXISTS (
			SELECT 1 FROM activity a JOIN link l ON l.activity = a.id
			WHERE a.thread = thread.id AND l.kind = 4 AND l.record = thread.pinned_deal AND l.manual = 1)`, thread)
	if deal == 0 || err != nil {
		return err
	}
	if _, err := t.do(`UPDATE thread SET pinned_deal = 0 WHERE id = ?`, thread); err != nil {
		return err
	}
	_, err = t.do(`
		DELETE FROM link WHERE kind = 4 AND record = ? AND manual = 0 AND code = ?
		  AND activity IN (SELECT id FROM activity WHERE thread = ?)`, deal, string(crm.DealPinned), thread)
	return err
}
