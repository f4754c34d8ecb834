package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// AddContact adds a contact. Several contacts may have one address: a decision then chooses between them, and
// says so.
func (s *Store) AddContact(ctx context.Context, n NewContact) (c crm.Contact, err error) {
	err = s.write(ctx, func(t *tx) error {
		id, err := t.addContact(n)
		if err == nil {
			c, err = t.contact(id)
		}
		if err == nil {
			err = t.auditNew("contact.add", crm.Ref{Kind: crm.KindContact, ID: id}, c)
		}
		return err
	})
	return c, wrap(err, "add contact %s", strings.TrimSpace(n.Name+" "+joined(n.Emails)))
}

func (t *tx) addContact(n NewContact) (int64, error) {
	name := oneLine(n.Name)
	if name == "" && len(n.Emails) == 0 {
		return 0, invalid("a contact needs a name or an e-mail address")
	}
	owner, err := t.owner(n.Owner)
	if err != nil {
		return 0, err
	}
	company, err := t.companyFor(n.Company, n.CompanyDomain)
	if err != nil {
		return 0, err
	}
	if err := t.noColleague(n.Emails); err != nil {
		return 0, err
	}
	id, err := t.insert(`INSERT INTO contact (name, company, owner, created_at) VALUES (?, ?, ?, ?)`,
		name, nullable(company), nullable(owner), millis(t.now))
	if err != nil {
		return 0, err
	}
	t.changedEverything()
	return id, t.hold(crm.Ref{Kind: crm.KindContact, ID: id}, n.Emails)
}

// noColleague refuses addresses of users and mailboxes for a contact: mail to them is never a client's.
func (t *tx) noColleague(addresses []crm.Address) error {
	for _, a := range addresses {
		if err := t.free(a, 0); err != nil {
			return err
		}
	}
	return nil
}

// Contacts lists contacts, newest first.
func (s *Store) Contacts(ctx context.Context, f Filter) ([]crm.Contact, error) {
	q, w := s.reading(), where{}
	if f.Company != 0 {
		w.and("r.company = ?", f.Company)
	}
	if err := w.owned(ctx, q, f.Owner); err != nil {
		return nil, wrap(err, "list contacts")
	}
	list, err := matching(ctx, q, contactSearch, w, f.Match, f.Before, f.Limit, listContacts, func(c crm.Contact) int64 { return c.ID })
	return list, wrap(err, "list contacts")
}

// Contact returns one contact, crm.ErrNotFound with a word on what became of one that was merged.
func (s *Store) Contact(ctx context.Context, id int64) (crm.Contact, error) {
	c, err := oneContact(ctx, s.reading(), id)
	return c, wrap(err, "read contact %d", id)
}

// EditContact changes a contact; from then on a person has checked it.
func (s *Store) EditContact(ctx context.Context, id int64, e ContactEdit) (c crm.Contact, err error) {
	err = s.write(ctx, func(t *tx) error {
		c, err = changing(t, "contact.edit", crm.Ref{Kind: crm.KindContact, ID: id}, t.contact, func(crm.Contact) error { return t.editContact(id, e) })
		return err
	})
	return c, wrap(err, "edit contact %d", id)
}

func (t *tx) editContact(id int64, e ContactEdit) error {
	var u set
	u.to("needs_check", 0)
	if e.Name != nil {
		u.to("name", oneLine(*e.Name))
		u.to("name_guessed", 0)
	}
	if e.Company != nil {
		company, err := t.companyFor(*e.Company, "")
		if err != nil {
			return err
		}
		u.to("company", nullable(company))
	}
	if e.Owner != nil {
		owner, err := t.owner(*e.Owner)
		if err != nil {
			return err
		}
		u.to("owner", nullable(owner))
	}
	t.changedEverything()
	if err := t.setColumns("contact", id, u); err != nil {
		return err
	}
	if err := t.noColleague(e.Add); err != nil {
		return err
	}
	if err := t.editEmails(crm.Ref{Kind: crm.KindContact, ID: id}, e.Add, e.Former, e.Remove); err != nil {
		return err
	}
	return t.forgetLeads(id, e.Remove)
}

func (t *tx) contact(id int64) (crm.Contact, error) { return oneContact(t.ctx, t.session, id) }

func oneContact(ctx context.Context, q session, id int64) (crm.Contact, error) {
	c, err := one(ctx, q, crm.KindContact, id, listContacts)
	if errors.Is(err, crm.ErrNotFound) {
		err = missingContact(ctx, q, id)
	}
	return c, err
}

// missingContact says what became of a contact that is not there.
func missingContact(ctx context.Context, q session, id int64) error {
	var kept int64
	found, err := q.get(ctx, &kept, `SELECT kept FROM merged WHERE kind = ? AND record = ?`, kindNumber(crm.KindContact), id)
	if err != nil || !found {
		return firstOf(err, notFound("contact", id))
	}
	return sentence{crm.ErrNotFound, fmt.Sprintf("contact %d was merged into contact %d", id, kept)}
}

// listContacts reads the n newest contacts before an id, with their addresses.
func listContacts(ctx context.Context, q session, w where, before int64, n int) ([]crm.Contact, error) {
	type row struct {
		ID          int64
		Name        string
		Company     int64
		CompanyName string `db:"company_name"`
		Owner       crm.Address
		NeedsCheck  bool         `db:"needs_check"`
		CreatedBy   crm.IntakeID `db:"created_by_intake"`
	}
	rows, err := selectPage[row](ctx, q, `
		SELECT r.id, r.name, coalesce(r.company, 0) AS company, coalesce(p.name, '') AS company_name, coalesce(u.email, '') AS owner,
		       r.needs_check, r.created_by_intake
		FROM contact r LEFT JOIN company p ON p.id = r.company LEFT JOIN crm_user u ON u.id = r.owner`, w, before, n)
	if err != nil {
		return nil, err
	}
	emails, err := emailsOf(ctx, q, crm.KindContact, ids(rows, func(r row) int64 { return r.ID }))
	if err != nil {
		return nil, err
	}
	list := make([]crm.Contact, 0, len(rows))
	for _, r := range rows {
		list = append(list, crm.Contact{ID: r.ID, Name: r.Name, Emails: emails[r.ID], Company: namedOrNil(r.Company, r.CompanyName),
			Owner: r.Owner, NeedsCheck: r.NeedsCheck, CreatedByIntake: r.CreatedBy})
	}
	return list, nil
}

// oneLine is a name as we keep it: on one line, single spaces.
func oneLine(name string) string { return strings.Join(strings.Fields(name), " ") }

func joined(emails []crm.Address) string {
	texts := make([]string, len(emails))
	for i, a := range emails {
		texts[i] = string(a)
	}
	return strings.Join(slices.Compact(texts), ", ")
}
