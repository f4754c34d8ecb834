package store

import (
	"context"

	"blindcopy/crm"
)

// AddTicket makes a link that works once, for as long as its purpose says. A new one takes the place of those that the
// user has for the same purpose and address.
func (s *Store) AddTicket(ctx context.Context, t crm.Ticket) (secret crm.Secret, err error) {
	secret = crm.NewSecret()
	hash := secret.Hash()
	err = s.write(ctx, func(tx *tx) error {
		if _, err := tx.do(`DELETE FROM ticket WHERE expires <= ? OR (purpose = ? AND user = ? AND address = ?) OR (purpose = ? AND purpose = ?)`,
			millis(tx.now), string(t.Purpose), int64(t.User), string(t.Address), string(t.Purpose), string(crm.TicketSetup)); err != nil {
			return err
		}
		_, err := tx.do(`INSERT INTO ticket (token, purpose, user, address, created_at, expires) VALUES (?, ?, ?, ?, ?, ?)`,
			hash[:], string(t.Purpose), int64(t.User), string(t.Address), millis(tx.now), millis(tx.now.Add(t.Purpose.Lasts())))
		if err != nil {
			return err
		}
		return tx.auditTicket(t)
	})
	return secret, wrap(err, "make a link for %s", string(t.Purpose))
}

// auditTicket notes who is let in, by whom. The link itself is a secret. That of the first set-up is the server's own, and
// an act once it is used.
func (t *tx) auditTicket(ticket crm.Ticket) error {
	if ticket.User == 0 {
		return nil
	}
	detail := map[string]any{"purpose": ticket.Purpose}
	if ticket.Address != "" {
		detail["address"] = ticket.Address
	}
	u, err := t.user(ticket.User)
	if err != nil {
		return err
	}
	return t.audit("user.link", u.Email, detail)
}

// Ticket returns a link that still works; crm.ErrNotFound for one that is unknown, was used, or is too old.
func (s *Store) Ticket(ctx context.Context, secret crm.Secret) (crm.Ticket, error) {
	t, err := ticketIn(ctx, s.reading(), secret, millis(s.Now()))
	return t, wrap(err, "look up a link")
}

func ticketIn(ctx context.Context, q session, secret crm.Secret, now int64) (crm.Ticket, error) {
	var row struct {
		Purpose crm.TicketPurpose
		User    crm.UserID
		Address crm.Address
		Expires int64
	}
	hash := secret.Hash()
	found, err := q.get(ctx, &row, `SELECT purpose, user, address, expires FROM ticket WHERE token = ? AND used_at IS NULL AND expires > ?`, hash[:], now)
	if err == nil && !found {
		err = sentence{crm.ErrNotFound, "this link was used already, or is too old"}
	}
	return crm.Ticket{Purpose: row.Purpose, User: row.User, Address: row.Address, Expires: moment(row.Expires)}, err
}

// UseTicket uses a link of this purpose up; crm.ErrNotFound as for Ticket.
func (s *Store) UseTicket(ctx context.Context, secret crm.Secret, purpose crm.TicketPurpose) (ticket crm.Ticket, err error) {
	err = s.write(ctx, func(t *tx) error {
		ticket, err = t.useTicket(secret, purpose)
		return err
	})
	return ticket, wrap(err, "use a link")
}

func (t *tx) useTicket(secret crm.Secret, purposes ...crm.TicketPurpose) (crm.Ticket, error) {
	ticket, err := ticketIn(t.ctx, t.session, secret, millis(t.now))
	if err != nil {
		return ticket, err
	}
	fits := false
	for _, p := range purposes {
		fits = fits || p == ticket.Purpose
	}
	if !fits {
		return ticket, sentence{crm.ErrNotFound, "this link is for something else"}
	}
	hash := secret.Hash()
	_, err = t.do(`UPDATE ticket SET used_at = ? WHERE token = ?`, millis(t.now), hash[:])
	return ticket, err
}
