package store

import (
	"context"

	"blindcopy/crm"
)

// AskedAddresses are those that users say they write from, and nobody has confirmed: links of the purpose address that
// still work, oldest first. Until then they are nobody's: a user who may name any address as his could make a client
// look like one of ours. User 0 is everybody.
func (s *Store) AskedAddresses(ctx context.Context, user crm.UserID) ([]crm.Ticket, error) {
	var rows []struct {
		User    crm.UserID
		Address crm.Address
		Expires int64
	}
	err := s.reading().list(ctx, &rows, `
		SELECT user, address, expires FROM ticket WHERE purpose = ? AND used_at IS NULL AND expires > ? AND (user = ? OR ? = 0) ORDER BY created_at, address`,
		string(crm.TicketAddress), millis(s.Now()), int64(user), int64(user))
	list := make([]crm.Ticket, len(rows))
	for i, r := range rows {
		list[i] = crm.Ticket{Purpose: crm.TicketAddress, User: r.User, Address: r.Address, Expires: moment(r.Expires)}
	}
	return list, wrap(err, "list the addresses that wait to be confirmed")
}

// ForgetAsked takes such an address off the list: it was confirmed, or not wanted.
func (s *Store) ForgetAsked(ctx context.Context, user crm.UserID, a crm.Address) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.do(`DELETE FROM ticket WHERE purpose = ? AND user = ? AND address = ?`, string(crm.TicketAddress), int64(user), string(a))
		return err
	})
	return wrap(err, "forget the address %s", a)
}
