package store

import (
	"context"
	"database/sql"

	"blindcopy/crm"
)

// Leads lists leads, newest first.
func (s *Store) Leads(ctx context.Context, f LeadFilter) ([]crm.Lead, error) {
	var w where
	if f.Status != "" {
		w.and("r.status = ?", string(f.Status))
	}
	list, err := matching(ctx, s.reading(), leadSearch, w, f.Match, f.Before, f.Limit, listLeads, func(l crm.Lead) int64 { return l.ID })
	return list, wrap(err, "list leads")
}

// Lead returns one lead.
func (s *Store) Lead(ctx context.Context, id int64) (crm.Lead, error) {
	l, err := oneLead(ctx, s.reading(), id)
	return l, wrap(err, "read lead %d", id)
}

// ConvertLead makes a contact of a lead, or gives it to one. The contact gets the addresses, and the lead's mail
// on its timeline; the lead keeps both, as its history. ErrInvalid for one that was converted before.
func (s *Store) ConvertLead(ctx context.Context, id int64, n ConvertLead) (l crm.Lead, c crm.Contact, err error) {
	err = s.write(ctx, func(t *tx) error {
		if l, err = t.openLead(id); err != nil {
			return err
		}
		contact, err := t.contactOfLead(l, n)
		if err != nil {
			return err
		}
		if err := t.convertLead(l.ID, contact); err != nil {
			return err
		}
		if l, err = t.lead(id); err == nil {
			c, err = t.contact(contact)
		}
		if err == nil {
			err = t.audit("lead.convert", crm.Ref{Kind: crm.KindLead, ID: id}, map[string]any{"contact": contact, "name": c.Name})
		}
		return err
	})
	return l, c, wrap(err, "convert lead %d", id)
}

// DismissLead closes a lead that leads nowhere. Its addresses make no other.
func (s *Store) DismissLead(ctx context.Context, id int64) (l crm.Lead, err error) {
	err = s.write(ctx, func(t *tx) error {
		l, err = changing(t, "lead.dismiss", crm.Ref{Kind: crm.KindLead, ID: id}, t.openLead, func(crm.Lead) error {
			var u set
			u.to("status", string(crm.LeadDismissed))
			u.to("needs_check", 0)
			return t.closeLead(id, u)
		})
		return err
	})
	return l, wrap(err, "dismiss lead %d", id)
}

// openLead reads a lead that is not converted. A dismissed one may still become a contact.
func (t *tx) openLead(id int64) (crm.Lead, error) {
	l, err := t.lead(id)
	if err == nil && l.Status == crm.LeadConverted {
		err = invalid("lead %d was converted already", id)
		if l.ContactID != nil {
			err = invalid("lead %d was converted to contact %d already", id, *l.ContactID)
		}
	}
	return l, err
}

// contactOfLead finds or makes the contact that a lead becomes, with what the person said of it.
func (t *tx) contactOfLead(l crm.Lead, n ConvertLead) (int64, error) {
	if n.Contact == 0 {
		var err error
		if n.Contact, err = t.contactWith(l.Emails); err != nil {
			return 0, err
		}
	}
	if n.Contact != 0 {
		return n.Contact, t.completeContact(n)
	}
	if n.Owner == "" {
		n.Owner = l.Responsible
	}
	guessed := false
	if n.Name == "" {
		var err error
		if n.Name, guessed, err = t.leadName(l); err != nil {
			return 0, err
		}
	}
	id, err := t.addContact(NewContact{Name: n.Name, Company: n.Company, CompanyDomain: n.CompanyDomain, Owner: n.Owner})
	if err == nil && guessed {
		err = t.exec(`UPDATE contact SET name_guessed = 1 WHERE id = ?`, id)
	}
	return id, err
}

// leadName is what a lead is called, its title where it has no name.
func (t *tx) leadName(l crm.Lead) (name string, guessed bool, err error) {
	if l.Name == "" {
		return l.Title, true, nil
	}
	n, err := t.c.number(`SELECT name_guessed FROM lead WHERE id = ?`, l.ID)
	return l.Name, n != 0, err
}

// contactWith finds the first contact that has one of the addresses now, 0 for none.
func (t *tx) contactWith(emails []crm.Email) (int64, error) {
	for _, e := range emails {
		id, err := t.c.number(`
			SELECT coalesce(min(h.record), 0) FROM address a JOIN holder h ON h.address = a.id AND h.kind = 1 AND h.former = 0
			WHERE a.domain = ? AND a.local = ?`, e.Address.Domain(), e.Address.Local())
		if id != 0 || err != nil {
			return id, err
		}
	}
	return 0, nil
}

// completeContact tells a contact that takes a lead what the person said.
func (t *tx) completeContact(n ConvertLead) error {
	if _, err := t.contact(n.Contact); err != nil {
		return err
	}
	var e ContactEdit
	if n.Name != "" {
		e.Name = &n.Name
	}
	if n.Owner != "" {
		e.Owner = &n.Owner
	}
	company, err := t.companyFor(n.Company, n.CompanyDomain)
	if err != nil {
		return err
	}
	if err := t.editContact(n.Contact, e); err != nil || company == 0 {
		return err
	}
	return t.exec(`UPDATE contact SET company = ? WHERE id = ?`, company, n.Contact)
}

// convertLead gives addresses and mail of a lead to the contact it has become.
func (t *tx) convertLead(id, contact int64) error {
	err := t.passOn(crm.Ref{Kind: crm.KindLead, ID: id}, crm.Ref{Kind: crm.KindContact, ID: contact})
	if err != nil {
		return err
	}
	err = t.exec(`
		INSERT INTO link (kind, record, at, activity, code, manual)
		SELECT 1, ?, l.at, l.activity, ?, 0 FROM link l
		WHERE l.kind = 3 AND l.record = ?
		  AND NOT EXISTS (SELECT 1 FROM unlinked x WHERE x.activity = l.activity AND x.kind = 1 AND x.record = ?)
		ON CONFLICT (kind, record, at, activity) DO NOTHING`, contact, string(crm.LeadWasConverted), id, contact)
	if err != nil {
		return err
	}
	var u set
	u.to("status", string(crm.LeadConverted))
	u.to("contact", contact)
	u.to("needs_check", 0)
	return t.closeLead(id, u)
}

// closeLead ends a lead: nothing is found by its domain any more.
func (t *tx) closeLead(id int64, u set) error {
	domain, err := t.c.text(`SELECT domain FROM lead WHERE id = ?`, id)
	if err != nil {
		return err
	}
	t.changed(domain)
	t.changedEverything()
	return t.setColumns("lead", id, u)
}

// forgetLeads takes addresses that a contact has lost from the leads it once was, or they would find it still.
func (t *tx) forgetLeads(contact int64, addresses []crm.Address) error {
	for _, a := range addresses {
		address, err := t.addressID(a)
		if err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM holder WHERE address = ? AND kind = 3 AND record IN (SELECT id FROM lead WHERE contact = ?)`, address, contact); err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) lead(id int64) (crm.Lead, error) { return oneLead(t.ctx, t.session, id) }

func oneLead(ctx context.Context, q session, id int64) (crm.Lead, error) {
	return one(ctx, q, crm.KindLead, id, listLeads)
}

// listLeads reads the n newest leads before an id, with their addresses.
func listLeads(ctx context.Context, q session, w where, before int64, n int) ([]crm.Lead, error) {
	type row struct {
		ID          int64
		Title, Name string
		Status      crm.LeadStatus
		Responsible crm.Address
		Contact     sql.NullInt64
		NeedsCheck  bool         `db:"needs_check"`
		CreatedBy   crm.IntakeID `db:"created_by_intake"`
		CreatedAt   int64        `db:"created_at"`
	}
	rows, err := selectPage[row](ctx, q, `
		SELECT r.id, r.title, r.name, r.status, coalesce(u.email, '') AS responsible, r.contact, r.needs_check, r.created_by_intake, r.created_at
		FROM lead r LEFT JOIN crm_user u ON u.id = r.responsible`, w, before, n)
	if err != nil {
		return nil, err
	}
	emails, err := emailsOf(ctx, q, crm.KindLead, ids(rows, func(r row) int64 { return r.ID }))
	if err != nil {
		return nil, err
	}
	list := make([]crm.Lead, 0, len(rows))
	for _, r := range rows {
		l := crm.Lead{ID: r.ID, Title: r.Title, Name: r.Name, Emails: emails[r.ID], Status: r.Status, Responsible: r.Responsible,
			NeedsCheck: r.NeedsCheck, CreatedByIntake: r.CreatedBy, CreatedAt: moment(r.CreatedAt)}
		if r.Contact.Valid {
			l.ContactID = &r.Contact.Int64
		}
		list = append(list, l)
	}
	return list, nil
}
