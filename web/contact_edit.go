package web

import (
	"slices"
	"strings"

	"blindcopy/crm"
)

// contactEditPage is the form of a contact: what stands in it, and what was wrong with it.
type contactEditPage struct {
	ID                                   int64
	Name, Emails, Former, Company, Owner string
	Users                                []crm.User
	Problem                              string
}

func (s *Server) contactEditForm(r *request) (answer, error) {
	c, err := s.contactOf(r)
	if err != nil {
		return nil, err
	}
	d := contactEditPage{ID: c.ID, Name: c.Name, Owner: string(c.Owner)}
	d.Emails, d.Former = emailLines(c.Emails)
	if c.Company != nil {
		d.Company = c.Company.Name
	}
	return s.contactEditPage(r, d, 0)
}

func (s *Server) contactEditPage(r *request, d contactEditPage, status int) (answer, error) {
	var err error
	d.Users, err = s.Store.Users(r.Context())
	return page{Template: "contact_edit", Title: "Edit contact", Nav: "contacts", Status: status, Data: d}, err
}

func (s *Server) contactEdit(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	old, err := s.contactOf(r)
	if err != nil {
		return nil, err
	}
	c, later, err := s.editContact(r, old)
	if text, ok := problem(err); ok {
		d := contactEditPage{ID: old.ID, Name: r.field("name"), Emails: r.field("emails"), Former: r.field("former"), Company: r.field("company"),
			Owner: r.field("owner"), Problem: text}
		return s.contactEditPage(r, d, 422)
	}
	if err != nil {
		return nil, err
	}
	r.done("Saved.%s", laterWords(later))
	return redirect(recordPath(crm.KindContact, c.ID)), nil
}

func (s *Server) editContact(r *request, old crm.Contact) (c crm.Contact, later crm.Later, err error) {
	var e crm.ContactEdit
	if e.Add, e.Former, e.Remove, err = r.emailChanges(old.Emails); err != nil {
		return c, later, err
	}
	company := ""
	if old.Company != nil {
		company = old.Company.Name
	}
	e.Name, e.Company = r.changed("name", old.Name), r.changed("company", company)
	e.Owner = r.changedOwner("owner", old.Owner)
	return s.Office.EditContact(r.Context(), old.ID, e)
}

// changed is a field that is not as it was, nil for one that is.
func (r *request) changed(name, was string) *string {
	if now := r.field(name); now != was {
		return &now
	}
	return nil
}

// changedOwner is as changed; what is no address is nobody.
func (r *request) changedOwner(name string, was crm.Address) *crm.Address {
	now, _ := crm.ParseAddress(r.field(name))
	if now == was {
		return nil
	}
	return &now
}

// emailLines writes addresses for the two fields of a form, one a line.
func emailLines(emails []crm.Email) (current, former string) {
	for _, e := range emails {
		if e.Former {
			former += e.Address.Unicode() + "\n"
		} else {
			current += e.Address.Unicode() + "\n"
		}
	}
	return strings.TrimSpace(current), strings.TrimSpace(former)
}

// emailChanges compares the fields emails and former of a form with what was.
func (r *request) emailChanges(was []crm.Email) (add, former, remove []crm.Address, err error) {
	current, err := r.addresses("emails")
	if err != nil {
		return nil, nil, nil, err
	}
	past, err := r.addresses("former")
	if err != nil {
		return nil, nil, nil, err
	}
	had := map[crm.Address]crm.Email{}
	for _, e := range was {
		had[e.Address] = e
		if !slices.Contains(current, e.Address) && !slices.Contains(past, e.Address) {
			remove = append(remove, e.Address)
		}
	}
	for _, a := range current {
		if e, ok := had[a]; !ok || e.Former {
			add = append(add, a)
		}
	}
	for _, a := range past {
		if e, ok := had[a]; (!ok || !e.Former) && !slices.Contains(current, a) {
			former = append(former, a)
		}
	}
	return add, former, remove, nil
}
