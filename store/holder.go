package store

import (
	"context"
	"database/sql"

	"blindcopy/crm"
)

// emailsOf reads the addresses of records of one kind: current ones first, the primary before all.
func emailsOf(ctx context.Context, q session, kind crm.Kind, records []int64) (map[int64][]crm.Email, error) {
	type row struct {
		Record  int64
		Address crm.Address
		Former  bool
		Bounced sql.NullInt64
	}
	rows, err := listIn[row](ctx, q, `
		SELECT h.record, a.local || '@' || a.domain AS address, h.former, h.bounced_at AS bounced
		FROM holder h JOIN address a ON a.id = h.address
		WHERE h.record IN (?) AND h.kind = ? ORDER BY h.record, h.former, h.position`, records, kindNumber(kind))
	if err != nil {
		return nil, err
	}
	emails := make(map[int64][]crm.Email, len(records))
	for _, id := range records {
		emails[id] = []crm.Email{}
	}
	for _, r := range rows {
		emails[r.Record] = append(emails[r.Record], crm.Email{Address: r.Address, Former: r.Former, BouncedAt: optionalMoment(r.Bounced)})
	}
	return emails, nil
}

// unhold takes an address from a record, crm.ErrNotFound if it has not got it.
func (t *tx) unhold(ref crm.Ref, a crm.Address) error {
	address, err := t.addressID(a)
	if err != nil {
		return err
	}
	res, err := t.do(`DELETE FROM holder WHERE address = ? AND kind = ? AND record = ?`, address, kindNumber(ref.Kind), ref.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); n == 0 || err != nil {
		return firstOf(err, notFound("address", a))
	}
	t.changed(string(a))
	return nil
}

// retire makes an address of a record a former one: mail with it still matches. One that the record never
// had is added as such.
func (t *tx) retire(ref crm.Ref, a crm.Address) error {
	if err := t.hold(ref, []crm.Address{a}); err != nil {
		return err
	}
	address, err := t.addressID(a)
	if err != nil {
		return err
	}
	_, err = t.do(`UPDATE holder SET former = 1 WHERE address = ? AND kind = ? AND record = ?`, address, kindNumber(ref.Kind), ref.ID)
	return err
}

// editEmails adds addresses to a record, retires some, and takes some away.
func (t *tx) editEmails(ref crm.Ref, add, former, remove []crm.Address) error {
	if err := t.hold(ref, add); err != nil {
		return err
	}
	for _, a := range former {
		if err := t.retire(ref, a); err != nil {
			return err
		}
	}
	for _, a := range remove {
		if err := t.unhold(ref, a); err != nil {
			return err
		}
	}
	return nil
}

// passOn gives all addresses of one record to another too, after its own. An address that is current with
// either is current.
func (t *tx) passOn(from, to crm.Ref) error {
	emails, err := emailsOf(t.ctx, t.session, from.Kind, []int64{from.ID})
	if err != nil {
		return err
	}
	for _, e := range emails[from.ID] {
		t.changed(string(e.Address))
	}
	next, err := t.c.number(`SELECT coalesce(max(position) + 1, 0) FROM holder WHERE kind = ? AND record = ?`, kindNumber(to.Kind), to.ID)
	if err != nil {
		return err
	}
	_, err = t.do(`
		INSERT INTO holder (address, kind, record, position, former, bounced_at)
		SELECT address, ?, ?, position + ?, former, bounced_at FROM holder WHERE kind = ? AND record = ?
		ON CONFLICT (address, kind, record) DO UPDATE SET
			former = CASE WHEN excluded.former = 0 THEN 0 ELSE holder.former END, bounced_at = coalesce(holder.bounced_at, excluded.bounced_at)`,
		kindNumber(to.Kind), to.ID, next, kindNumber(from.Kind), from.ID)
	return err
}
