package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"blindcopy/crm"
)

// Mailboxes lists all ways in, newest first.
func (s *Store) Mailboxes(ctx context.Context) ([]crm.Mailbox, error) {
	list, err := listMailboxes(ctx, s.reading(), s.Domain, 0)
	return list, wrap(err, "list mailboxes")
}

// Mailbox returns one way in.
func (s *Store) Mailbox(ctx context.Context, id crm.MailboxID) (crm.Mailbox, error) {
	m, err := oneMailbox(ctx, s.reading(), s.Domain, id)
	return m, wrap(err, "read mailbox %d", id)
}

// AddMailbox adds a shared mailbox. ErrExists if its address is a user's or another mailbox's.
func (s *Store) AddMailbox(ctx context.Context, n NewMailbox) (m crm.Mailbox, err error) {
	if n.Visibility == "" {
		n.Visibility = crm.VisibilityLinked
	}
	err = s.write(ctx, func(t *tx) error {
		if n.Address == "" {
			return invalid("a shared mailbox needs an address")
		}
		if err := t.free(n.Address, 0); err != nil {
			return err
		}
		if err := t.settle(n.Distribution); err != nil {
			return err
		}
		id, err := t.insert(`INSERT INTO mailbox (kind, address, visibility, distribution) VALUES (?, ?, ?, ?)`,
			string(crm.MailboxShared), string(n.Address), string(n.Visibility), distributionJSON(n.Distribution))
		if err != nil {
			return err
		}
		t.changedEverything()
		if m, err = oneMailbox(t.ctx, t.session, s.Domain, crm.MailboxID(id)); err != nil {
			return err
		}
		return t.auditNew("mailbox.add", fmt.Sprintf("mailbox:%d", id), m)
	})
	return m, wrap(err, "add mailbox %s", n.Address)
}

// EditMailbox changes policies and visibility.
func (s *Store) EditMailbox(ctx context.Context, id crm.MailboxID, e MailboxEdit) (m crm.Mailbox, err error) {
	err = s.write(ctx, func(t *tx) error {
		if m, err = oneMailbox(t.ctx, t.session, s.Domain, id); err != nil {
			return err
		}
		unknown, incoming, visibility := edited(m.Unknown, e.Unknown), edited(m.UnknownIncoming, e.UnknownIncoming), m.Visibility
		if e.Visibility != nil {
			visibility = *e.Visibility
		}
		distribution := m.Distribution
		if e.Distribution != nil {
			if m.Kind != crm.MailboxShared {
				return invalid("only a shared mailbox gives out leads: what comes to %s is its owner's", m.Address)
			}
			distribution = e.Distribution
			if err := t.settle(distribution); err != nil {
				return err
			}
		}
		_, err := t.do(`UPDATE mailbox SET unknown_own = ?, unknown_incoming = ?, visibility = ?, distribution = ? WHERE id = ?`,
			unknown, incoming, string(visibility), distributionJSON(distribution), int64(id))
		if err != nil {
			return err
		}
		t.changedEverything()
		was := m
		if m, err = oneMailbox(t.ctx, t.session, s.Domain, id); err != nil {
			return err
		}
		return t.auditEdit("mailbox.edit", fmt.Sprintf("mailbox:%d", id), was, m)
	})
	return m, wrap(err, "edit mailbox %d", id)
}

// edited is the column of a policy after an edit.
func edited(have, edit *crm.Policy) any {
	if edit != nil {
		have = edit
	}
	if have == nil || *have == "" {
		return nil
	}
	return string(*have)
}

// settle finds the users of a distribution, by any of their addresses, and names them by the primary, which
// stays theirs. ErrNotFound if there is no such user.
func (t *tx) settle(d *crm.Distribution) error {
	if d == nil {
		return nil
	}
	d.Rules, d.Queue = slices.Clone(d.Rules), slices.Clone(d.Queue)
	named := []*crm.Address{&d.Fallback}
	for i := range d.Rules {
		named = append(named, &d.Rules[i].User)
	}
	for i := range d.Queue {
		named = append(named, &d.Queue[i].User)
	}
	for _, a := range named {
		if *a == "" {
			continue
		}
		id, err := userAt(t.ctx, t.session, *a)
		if err != nil {
			return err
		}
		u, err := t.user(id)
		if err != nil {
			return err
		}
		*a = u.Email
	}
	seen := map[crm.Address]bool{}
	for _, member := range d.Queue {
		if seen[member.User] {
			return invalid("%s stands in the queue twice: a weight gives a larger share", member.User)
		}
		seen[member.User] = true
	}
	return nil
}

// distributionJSON is the column of a distribution; one that names nobody is none.
func distributionJSON(d *crm.Distribution) any {
	if d == nil || len(d.Rules)+len(d.Queue) == 0 && d.Fallback == "" {
		return nil
	}
	kept := *d
	kept.Rules, kept.Queue = orEmpty(slices.Clone(d.Rules)), orEmpty(d.Queue)
	for i := range kept.Rules {
		kept.Rules[i].Words = orEmpty(kept.Rules[i].Words)
	}
	if kept.Order == "" {
		kept.Order = crm.QueueInOrder
	}
	return jsonOf(kept)
}

func oneMailbox(ctx context.Context, q session, domain string, id crm.MailboxID) (crm.Mailbox, error) {
	list, err := listMailboxes(ctx, q, domain, max(id, -1))
	if err == nil && (id == 0 || len(list) == 0) {
		err = notFound("mailbox", id)
	}
	if err != nil {
		return crm.Mailbox{}, err
	}
	return list[0], nil
}

// listMailboxes reads one mailbox, or with id 0 all of them.
func listMailboxes(ctx context.Context, q session, domain string, id crm.MailboxID) ([]crm.Mailbox, error) {
	var rows []struct {
		ID         crm.MailboxID
		Kind       crm.MailboxKind
		Owner      sql.NullInt64
		Email      sql.NullString
		Address    sql.NullString
		Own, Other sql.NullString
		Visibility crm.Visibility
		Token      sql.NullString
		Slug       sql.NullString

		Distribution sql.NullString
	}
	err := q.list(ctx, &rows, `
		SELECT m.id, m.kind, m.owner, u.email, m.address, m.unknown_own AS own, m.unknown_incoming AS other, m.visibility, b.token, b.slug, m.distribution
		FROM mailbox m LEFT JOIN crm_user u ON u.id = m.owner LEFT JOIN bcc_address b ON b.mailbox = m.id AND b.state = 'active'
		WHERE m.id = ? OR ? = 0 ORDER BY m.id DESC`, int64(id), int64(id))
	if err != nil {
		return nil, err
	}
	list := make([]crm.Mailbox, 0, len(rows))
	for _, r := range rows {
		m := crm.Mailbox{ID: r.ID, Kind: r.Kind, Owner: crm.Address(r.Email.String), OwnerID: crm.UserID(r.Owner.Int64),
			Address: crm.Address(r.Address.String), Unknown: policyIn(r.Own), UnknownIncoming: policyIn(r.Other), Visibility: r.Visibility}
		if r.Token.Valid {
			m.Address = crm.FormatBCC(r.Slug.String, r.Token.String, domain)
		}
		if r.Distribution.Valid {
			if err := json.Unmarshal([]byte(r.Distribution.String), &m.Distribution); err != nil {
				return nil, fmt.Errorf("read who the leads of mailbox %d go to: %w", m.ID, err)
			}
		}
		list = append(list, m)
	}
	return list, nil
}

func policyIn(s sql.NullString) *crm.Policy {
	if !s.Valid {
		return nil
	}
	p := crm.Policy(s.String)
	return &p
}
