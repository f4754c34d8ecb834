package store

import (
	"context"

	"blindcopy/crm"
)

// PasswordHash returns the hash of a user's password in its own text form; false where he has chosen none.
func (s *Store) PasswordHash(ctx context.Context, user crm.UserID) (hash string, ok bool, err error) {
	ok, err = s.reading().get(ctx, &hash, `SELECT hash FROM password WHERE user = ?`, int64(user))
	return hash, ok, wrap(err, "read the password of user %d", user)
}

// HasPasswords tells whether anybody can sign in.
func (s *Store) HasPasswords(ctx context.Context) (bool, error) {
	var one int
	found, err := s.reading().get(ctx, &one, `SELECT 1 FROM password p JOIN crm_user u ON u.id = p.user WHERE u.active = 1 LIMIT 1`)
	return found, wrap(err, "look for passwords")
}

// SetPassword gives a user a password, and ends all his sessions.
func (s *Store) SetPassword(ctx context.Context, user crm.UserID, hash string) error {
	err := s.write(ctx, func(t *tx) error {
		u, err := t.user(user)
		if err != nil {
			return err
		}
		if err := t.setPassword(user, hash); err != nil {
			return err
		}
		return t.audit("user.password", u.Email, nil)
	})
	return wrap(err, "set the password of user %d", user)
}

func (t *tx) setPassword(user crm.UserID, hash string) error {
	_, err := t.do(`INSERT INTO password (user, hash, changed_at) VALUES (?, ?, ?)
		ON CONFLICT (user) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at`, int64(user), hash, millis(t.now))
	if err != nil {
		return err
	}
	_, err = t.do(`DELETE FROM web_session WHERE user = ?`, int64(user))
	return err
}

// SetUp uses a set-up link up: the first admin gets a password. Where the link names no user he is added, or, if
// his address is a user's already, made an admin.
func (s *Store) SetUp(ctx context.Context, secret crm.Secret, n crm.NewUser, hash string) (u crm.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		ticket, err := t.useTicket(secret, crm.TicketSetup)
		if err != nil {
			return err
		}
		id := ticket.User
		if id == 0 {
			if id, err = t.firstAdmin(n); err != nil {
				return err
			}
		}
		if err := t.setPassword(id, hash); err != nil {
			return err
		}
		if u, err = t.user(id); err != nil {
			return err
		}
		return t.auditOwn("user.setup", u, map[string]any{"added": ticket.User == 0})
	})
	return u, wrap(err, "set up %s", n.Email)
}

func (t *tx) firstAdmin(n crm.NewUser) (crm.UserID, error) {
	var id crm.UserID
	found, err := t.get(t.ctx, &id, `SELECT id FROM crm_user WHERE email = ?`, string(n.Email))
	if err != nil {
		return 0, err
	}
	if !found {
		n.Admin = true
		return t.addUser(n)
	}
	_, err = t.do(`UPDATE crm_user SET role = ?, active = 1 WHERE id = ?`, string(crm.RoleAdmin), int64(id))
	t.changedEverything()
	return id, err
}

// AcceptTicket uses an invitation or reset link up: its user gets a password, and his sessions end. A name is taken
// where he has none.
func (s *Store) AcceptTicket(ctx context.Context, secret crm.Secret, name, hash string) (u crm.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		ticket, err := t.useTicket(secret, crm.TicketInvitation, crm.TicketReset)
		if err != nil {
			return err
		}
		if _, err := t.do(`UPDATE crm_user SET name = ? WHERE id = ? AND name = ''`, oneLine(name), int64(ticket.User)); err != nil {
			return err
		}
		if err := t.setPassword(ticket.User, hash); err != nil {
			return err
		}
		t.changedEverything()
		if u, err = t.user(ticket.User); err != nil {
			return err
		}
		return t.auditOwn("user.password", u, map[string]any{"by": ticket.Purpose})
	})
	return u, wrap(err, "accept a link")
}
