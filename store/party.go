package store

import (
	"context"
	"database/sql/driver"

	"blindcopy/crm"
)

// partyRow is a record, or a user, that has an address.
type partyRow struct {
	crm.Ref
	former bool
}

// partiesAt lists who has an address, or else the same without its +tag: present holders before former
// ones; contacts, then companies, leads and users.
func partiesAt(c *conn, a crm.Address) (rows []partyRow, err error) {
	for _, form := range []crm.Address{a, a.WithoutTag()} {
		err = c.query(`
			SELECT h.kind, h.record, h.former FROM address a JOIN holder h ON h.address = a.id
			WHERE a.domain = ? AND a.local = ? ORDER BY h.former, h.kind, h.record`,
			func(row []driver.Value) error {
				rows = append(rows, partyRow{crm.Ref{Kind: kindOf(integer(row[0])), ID: integer(row[1])}, integer(row[2]) != 0})
				return nil
			}, form.Domain(), form.Local())
		if err != nil || len(rows) > 0 {
			return rows, err
		}
	}
	return nil, nil
}

// FindParty returns the contacts, companies and leads that have an address, those that have it no more last.
// Users have no timeline. The list is empty where nobody has it.
func (s *Store) FindParty(ctx context.Context, a crm.Address) ([]crm.Ref, error) {
	refs := []crm.Ref{}
	err := s.read(ctx, func(c *conn) error {
		rows, err := partiesAt(c, a)
		for _, row := range rows {
			if row.Kind != crm.KindUser {
				refs = append(refs, row.Ref)
			}
		}
		return err
	})
	return refs, wrap(err, "find who has %s", a)
}
