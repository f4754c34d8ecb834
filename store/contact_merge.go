package store

import (
	"context"
	"database/sql/driver"
	"math"

	"blindcopy/crm"
)

// mergePiece is how many links move in one transaction: about 20 ms.
const mergePiece = 2000

// MergeContacts makes one of two contacts that are one person: addresses, mail, deals and leads of gone are
// keep's from then on, and keep gets what it lacks. Mail goes first, in pieces: a merge that is cut
// off half way is completed by repeating it. Of gone there stays that it was merged, and into whom.
func (s *Store) MergeContacts(ctx context.Context, keep, gone int64) (c crm.Contact, err error) {
	more := keep != gone
	for more && err == nil {
		err = s.write(ctx, func(t *tx) (err error) {
			if more, err = t.moveMail(keep, gone); err == nil && !more {
				err = t.mergeContacts(keep, gone)
			}
			if err == nil {
				c, err = t.contact(keep)
			}
			if err == nil && !more {
				err = t.audit("contact.merge", crm.Ref{Kind: crm.KindContact, ID: keep}, map[string]any{"gone": gone})
			}
			return err
		})
	}
	if keep == gone {
		err = invalid("contact %d cannot be merged with itself", keep)
	}
	return c, wrap(err, "merge contact %d into contact %d", gone, keep)
}

// moveMail moves links from one contact to another, the oldest first, and tells whether some are left.
// Where both are on a mail, a link that a person made wins.
func (t *tx) moveMail(keep, gone int64) (more bool, err error) {
	for _, id := range []int64{keep, gone} {
		if _, err := t.contact(id); err != nil {
			return false, err
		}
	}
	upTo := int64(math.MaxInt64)
	err = t.c.query(`SELECT at FROM link WHERE kind = 1 AND record = ? ORDER BY at LIMIT 1 OFFSET ?`, func(row []driver.Value) error {
		upTo, more = integer(row[0]), true
		return nil
	}, gone, int64(mergePiece))
	if err != nil {
		return false, err
	}
	err = t.exec(`
		INSERT INTO link (kind, record, at, activity, code, manual)
		SELECT kind, ?, at, activity, code, manual FROM link WHERE kind = 1 AND record = ? AND at <= ?
		ON CONFLICT (kind, record, at, activity) DO UPDATE SET code = excluded.code, manual = 1 WHERE excluded.manual = 1 AND link.manual = 0`,
		keep, gone, upTo)
	if err == nil {
		err = t.exec(`DELETE FROM link WHERE kind = 1 AND record = ? AND at <= ?`, gone, upTo)
	}
	return more, err
}

// mergeContacts moves all but the mail.
func (t *tx) mergeContacts(keep, gone int64) error {
	kept, lost := crm.Ref{Kind: crm.KindContact, ID: keep}, crm.Ref{Kind: crm.KindContact, ID: gone}
	t.changedEverything()
	if err := t.passOn(lost, kept); err != nil {
		return err
	}
	for _, step := range []struct {
		query string
		args  []any
	}{
		// A name that a person gave wins over one that was guessed, and both over none.
		{`UPDATE contact SET name = g.name, name_guessed = g.name_guessed FROM (SELECT name, name_guessed FROM contact WHERE id = ?) AS g
			WHERE id = ? AND g.name <> '' AND (contact.name = '' OR contact.name_guessed > g.name_guessed)`, []any{gone, keep}},
		{`UPDATE contact SET needs_check = 0, company = coalesce(contact.company, g.company), owner = coalesce(contact.owner, g.owner)
			FROM (SELECT company, owner FROM contact WHERE id = ?) AS g WHERE id = ?`, []any{gone, keep}},
		// What a person took from the one stays away from both, unless it is there by way of the other.
		{`INSERT INTO unlinked (activity, kind, record) SELECT activity, kind, ? FROM unlinked WHERE kind = 1 AND record = ?
			ON CONFLICT (activity, kind, record) DO NOTHING`, []any{keep, gone}},
		{`DELETE FROM unlinked WHERE kind = 1 AND record = ? AND activity IN (SELECT activity FROM link WHERE kind = 1 AND record = ?)`, []any{keep, keep}},
		{`DELETE FROM unlinked WHERE kind = 1 AND record = ?`, []any{gone}},
		{`INSERT INTO deal_contact (deal, contact) SELECT deal, ? FROM deal_contact WHERE contact = ? ON CONFLICT (deal, contact) DO NOTHING`, []any{keep, gone}},
		{`DELETE FROM deal_contact WHERE contact = ?`, []any{gone}},
		{`UPDATE lead SET contact = ? WHERE contact = ?`, []any{keep, gone}},
		{`DELETE FROM creation WHERE kind = 1 AND record = ?`, []any{gone}},
		{`DELETE FROM holder WHERE kind = 1 AND record = ?`, []any{gone}},
		{`DELETE FROM contact WHERE id = ?`, []any{gone}},
		{`UPDATE merged SET kept = ? WHERE kind = 1 AND kept = ?`, []any{keep, gone}},
		{`INSERT INTO merged (kind, record, kept, at) VALUES (1, ?, ?, ?)`, []any{gone, keep, millis(t.now)}},
	} {
		if _, err := t.do(step.query, step.args...); err != nil {
			return err
		}
	}
	return nil
}
