package store

import (
	"context"

	"blindcopy/crm"
)

// RotateBCC gives a user a new BCC address. The old one is taken for RotationGrace more, its use noted; a
// compromised one no longer, and neither are those that were rotated before.
func (s *Store) RotateBCC(ctx context.Context, id crm.UserID, compromised bool) (crm.User, error) {
	return s.changeUser(ctx, id, func(t *tx, u crm.User) error {
		var mailbox crm.MailboxID
		found, err := t.get(t.ctx, &mailbox, `SELECT id FROM mailbox WHERE owner = ? AND kind = 'bcc'`, int64(id))
		if err != nil || !found {
			return firstOf(err, notFound("BCC mailbox of user", id))
		}
		if compromised {
			_, err = t.do(`UPDATE bcc_address SET state = 'revoked', until = NULL WHERE mailbox = ?`, int64(mailbox))
		} else {
			_, err = t.do(`UPDATE bcc_address SET state = 'rotating', until = ? WHERE mailbox = ? AND state = 'active'`,
				millis(t.now.Add(t.s.RotationGrace)), int64(mailbox))
		}
		if err != nil {
			return err
		}
		if err := t.newBCC(mailbox, u.Email); err != nil {
			return err
		}
		return t.audit("user.rotate", u.Email, map[string]any{"compromised": compromised})
	})
}

// newBCC makes the active address of a mailbox. Two equal tokens would be one in 10^15; the key would refuse
// the second.
func (t *tx) newBCC(mailbox crm.MailboxID, owner crm.Address) error {
	_, err := t.do(`INSERT INTO bcc_address (token, slug, mailbox, state, created_at) VALUES (?, ?, ?, 'active', ?)`,
		crm.NewToken(), crm.Slug(owner), int64(mailbox), millis(t.now))
	return err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
