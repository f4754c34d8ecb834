package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"blindcopy/crm"
)

// AddUser adds a user with a mailbox and a BCC address. ErrExists if an address is another user's.
func (s *Store) AddUser(ctx context.Context, n NewUser) (u crm.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		id, err := t.addUser(n)
		if err == nil {
			u, err = t.user(id)
		}
		if err == nil {
			err = t.auditNew("user.add", u.Email, u)
		}
		return err
	})
	return u, wrap(err, "add user %s", n.Email)
}

func (t *tx) addUser(n NewUser) (crm.UserID, error) {
	if n.Email == "" {
		return 0, invalid("a user needs an e-mail address")
	}
	role := crm.RoleManager
	if n.Admin {
		role = crm.RoleAdmin
	}
	for _, a := range append([]crm.Address{n.Email}, n.Addresses...) {
		if err := t.free(a, 0); err != nil {
			return 0, err
		}
	}
	id, err := t.insert(`INSERT INTO crm_user (email, name, role, active, created_at) VALUES (?, ?, ?, 1, ?)`,
		string(n.Email), n.Name, string(role), millis(t.now))
	if err != nil {
		return 0, err
	}
	for _, a := range append([]crm.Address{n.Email}, n.Addresses...) {
		if err := t.giveUser(crm.UserID(id), a); err != nil {
			return 0, err
		}
	}
	mailbox, err := t.insert(`INSERT INTO mailbox (kind, owner, visibility) VALUES (?, ?, ?)`, string(crm.MailboxBCC), id, string(crm.VisibilityLinked))
	if err != nil {
		return 0, err
	}
	t.changedEverything()
	return crm.UserID(id), t.newBCC(crm.MailboxID(mailbox), n.Email)
}

// free refuses an address that identifies another user or a mailbox.
func (t *tx) free(a crm.Address, user crm.UserID) error {
	var holder struct {
		ID    crm.UserID
		Email string
	}
	found, err := t.get(t.ctx, &holder, `
		SELECT u.id, u.email FROM address a JOIN holder h ON h.address = a.id AND h.kind = 5 JOIN crm_user u ON u.id = h.record
		WHERE a.domain = ? AND a.local = ?`, a.Domain(), a.Local())
	if err != nil {
		return err
	}
	if found && holder.ID != user {
		return exists("%s is already an address of the user %s", a, holder.Email)
	}
	var mailbox int64
	found, err = t.get(t.ctx, &mailbox, `SELECT id FROM mailbox WHERE address = ?`, string(a))
	if err == nil && found {
		err = exists("%s is already the address of mailbox %d", a, mailbox)
	}
	return err
}

// giveUser adds an address that the user writes from.
func (t *tx) giveUser(id crm.UserID, a crm.Address) error {
	if err := t.hold(crm.Ref{Kind: crm.KindUser, ID: int64(id)}, []crm.Address{a}); err != nil {
		return err
	}
	address, err := t.addressID(a)
	if err != nil {
		return err
	}
	_, err = t.do(`UPDATE holder SET verified = 1 WHERE address = ? AND kind = 5 AND record = ?`, address, int64(id))
	return err
}

// Users lists all users, newest first.
func (s *Store) Users(ctx context.Context) ([]crm.User, error) {
	users, err := listUsers(ctx, s.reading(), s.Domain, s.Now(), 0)
	return users, wrap(err, "list users")
}

// User finds a user by any of his addresses.
func (s *Store) User(ctx context.Context, a crm.Address) (crm.User, error) {
	id, err := userAt(ctx, s.reading(), a)
	if err != nil {
		return crm.User{}, wrap(err, "find user %s", a)
	}
	return s.UserByID(ctx, id)
}

// UserByID returns one user.
func (s *Store) UserByID(ctx context.Context, id crm.UserID) (crm.User, error) {
	u, err := oneUser(ctx, s.reading(), s.Domain, s.Now(), id)
	return u, wrap(err, "read user %d", id)
}

// SetUserActive enables or disables a user. Mail to the BCC address of a disabled one is refused as if it did not
// exist.
func (s *Store) SetUserActive(ctx context.Context, id crm.UserID, active bool) (crm.User, error) {
	act := "user.disable"
	if active {
		act = "user.enable"
	}
	return s.changeUser(ctx, id, func(t *tx, u crm.User) error {
		if u.Active == active {
			return nil
		}
		if _, err := t.do(`UPDATE crm_user SET active = ? WHERE id = ?`, active, int64(id)); err != nil {
			return err
		}
		return t.audit(act, u.Email, nil)
	})
}

// SetUserAbsence says when a user is given no leads; nil: he is back.
func (s *Store) SetUserAbsence(ctx context.Context, id crm.UserID, away *crm.Absence) (crm.User, error) {
	return s.changeUser(ctx, id, func(t *tx, u crm.User) error {
		var from, until any
		act, detail := "user.present", map[string]any{}
		if away != nil {
			from, act, detail["from"] = millis(away.From), "user.absent", away.From.UTC()
			if !away.Until.IsZero() {
				until, detail["until"] = millis(away.Until), away.Until.UTC()
			}
		}
		if _, err := t.do(`UPDATE crm_user SET away_from = ?, away_until = ? WHERE id = ?`, from, until, int64(id)); err != nil {
			return err
		}
		return t.audit(act, u.Email, detail)
	})
}

// AddUserAddress lets a user write from one more address, verified. ErrExists if it is another user's.
func (s *Store) AddUserAddress(ctx context.Context, id crm.UserID, a crm.Address) (crm.User, error) {
	return s.changeUser(ctx, id, func(t *tx, u crm.User) error {
		if err := t.free(a, id); err != nil {
			return err
		}
		if err := t.giveUser(id, a); err != nil {
			return err
		}
		return t.audit("user.address.add", u.Email, map[string]any{"address": a})
	})
}

// RemoveUserAddress takes an address away, but never the primary.
func (s *Store) RemoveUserAddress(ctx context.Context, id crm.UserID, a crm.Address) (crm.User, error) {
	return s.changeUser(ctx, id, func(t *tx, u crm.User) error {
		if a == u.Email {
			return invalid("%s is the primary address of the user", a)
		}
		if !slices.ContainsFunc(u.Addresses, func(have crm.UserAddress) bool { return have.Address == a }) {
			return notFound("address", a)
		}
		if err := t.unhold(crm.Ref{Kind: crm.KindUser, ID: int64(id)}, a); err != nil {
			return err
		}
		return t.audit("user.address.remove", u.Email, map[string]any{"address": a})
	})
}

func (s *Store) changeUser(ctx context.Context, id crm.UserID, change func(*tx, crm.User) error) (u crm.User, err error) {
	err = s.write(ctx, func(t *tx) error {
		if u, err = t.user(id); err != nil {
			return err
		}
		if err := change(t, u); err != nil {
			return err
		}
		t.changedEverything()
		u, err = t.user(id)
		return err
	})
	return u, wrap(err, "change user %d", id)
}

func (t *tx) user(id crm.UserID) (crm.User, error) {
	return oneUser(t.ctx, t.session, t.s.Domain, t.now, id)
}

func oneUser(ctx context.Context, q session, domain string, now time.Time, id crm.UserID) (crm.User, error) {
	if id == 0 {
		return crm.User{}, notFound("user", id)
	}
	users, err := listUsers(ctx, q, domain, now, id)
	if err == nil && len(users) == 0 {
		err = notFound("user", id)
	}
	if err != nil {
		return crm.User{}, err
	}
	return users[0], nil
}

// userAt returns the id of the user with an address, 0 for none.
func userAt(ctx context.Context, q session, a crm.Address) (id crm.UserID, err error) {
	found, err := q.get(ctx, &id, `
		SELECT h.record FROM address a JOIN holder h ON h.address = a.id AND h.kind = 5 WHERE a.domain = ? AND a.local = ?`, a.Domain(), a.Local())
	if err == nil && !found {
		err = notFound("user", a)
	}
	return id, err
}

// owner turns an e-mail address into a user; "" is nobody.
func (t *tx) owner(a crm.Address) (crm.UserID, error) {
	if a == "" {
		return 0, nil
	}
	return userAt(t.ctx, t.session, a)
}

// listUsers reads one user, or with id 0 all of them, with addresses and BCC addresses.
func listUsers(ctx context.Context, q session, domain string, now time.Time, id crm.UserID) ([]crm.User, error) {
	var rows []struct {
		crm.User
		From  sql.NullInt64 `db:"away_from"`
		Until sql.NullInt64 `db:"away_until"`
	}
	err := q.list(ctx, &rows, `SELECT id, email, name, role, active, away_from, away_until FROM crm_user WHERE id = ? OR ? = 0 ORDER BY id DESC`, int64(id), int64(id))
	if err != nil {
		return nil, err
	}
	users := make([]crm.User, len(rows))
	at := map[crm.UserID]*crm.User{}
	for i, row := range rows {
		users[i] = row.User
		if row.From.Valid {
			users[i].Absence = &crm.Absence{From: moment(row.From.Int64)}
			if row.Until.Valid {
				users[i].Absence.Until = moment(row.Until.Int64)
			}
		}
		users[i].Addresses, users[i].BCCAddresses = []crm.UserAddress{}, []crm.BCCAddress{}
		at[users[i].ID] = &users[i]
	}
	var addresses []struct {
		Record   crm.UserID
		Address  crm.Address
		Verified bool
	}
	err = q.list(ctx, &addresses, `
		SELECT h.record, a.local || '@' || a.domain AS address, h.verified FROM holder h JOIN address a ON a.id = h.address
		WHERE h.kind = 5 AND (h.record = ? OR ? = 0) ORDER BY h.record, h.position`, int64(id), int64(id))
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if u := at[a.Record]; u != nil {
			u.Addresses = append(u.Addresses, crm.UserAddress{Address: a.Address, Verified: a.Verified})
		}
	}
	return users, addBCC(ctx, q, at, domain, now, id)
}

// addBCC gives the users their BCC addresses, newest first.
func addBCC(ctx context.Context, q session, users map[crm.UserID]*crm.User, domain string, now time.Time, id crm.UserID) error {
	var rows []struct {
		Owner       crm.UserID
		Token, Slug string
		State       crm.BCCState
		Until, Used sql.NullInt64
	}
	err := q.list(ctx, &rows, `
		SELECT m.owner, b.token, b.slug, b.state, b.until, b.last_used_at AS used FROM bcc_address b JOIN mailbox m ON m.id = b.mailbox
		WHERE m.owner = ? OR ? = 0
		ORDER BY CASE b.state WHEN 'active' THEN 0 ELSE 1 END, b.created_at DESC, b.token`, int64(id), int64(id))
	if err != nil {
		return err
	}
	for _, r := range rows {
		u := users[r.Owner]
		if u == nil {
			continue
		}
		b := crm.BCCAddress{Address: crm.FormatBCC(r.Slug, r.Token, domain), Until: optionalMoment(r.Until), LastUsedAt: optionalMoment(r.Used), State: r.State}
		if b.Until != nil {
			b.State = stateAt(r.State, *b.Until, now)
		}
		if len(u.BCCAddresses) == 0 {
			u.BCCAddress, u.BCCState = b.Address, b.State
		}
		u.BCCAddresses = append(u.BCCAddresses, b)
	}
	return nil
}

// wrap says what we were doing; nil stays nil, and so does "there is no contact 7", which says it all.
func wrap(err error, doing string, args ...any) error {
	if err == nil || errors.Is(err, crm.ErrNotFound) {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(doing, args...), err)
}
