package store

import (
	"context"
	"database/sql/driver"

	"blindcopy/crm"
)

// Warm fills the memory of addresses, so that the first mails of the day find it. What does not fit is looked
// up when it is needed.
func (s *Store) Warm(ctx context.Context) error {
	err := s.read(ctx, func(c *conn) error {
		stamp, err := s.memory.refresh(c)
		if err != nil {
			return err
		}
		n := 0
		var address crm.Address
		var held heldAddress
		keep := func() {
			if n < rememberAddresses && address != "" {
				remember(s.memory, stamp.Seq, string(address), inAddresses, address, held, rememberAddresses)
				n++
			}
		}
		err = c.query(`
			SELECT a.id, a.local || '@' || a.domain, h.kind, h.record, h.former
			FROM holder h JOIN address a ON a.id = h.address WHERE h.kind <= 3
			ORDER BY h.address, h.kind, h.record LIMIT ?`,
			func(row []driver.Value) error {
				if id := integer(row[0]); id != held.id {
					keep()
					address, held = crm.Address(str(row[1])), heldAddress{id: id}
				}
				held.holders = append(held.holders, crm.Holder{Kind: kindOf(integer(row[2])), ID: integer(row[3]), Former: integer(row[4]) != 0})
				return ctx.Err()
			}, int64(rememberAddresses))
		if err == nil {
			keep()
		}
		return err
	})
	return wrap(err, "fill the memory of addresses")
}
