package web

import (
	"context"

	"blindcopy/crm"
)

// contactStore is what the pages of contacts read.
type contactStore interface {
	FindContacts(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Contact], error)
	Contact(ctx context.Context, id int64) (crm.Contact, error)
}

// contactOffice is what they do.
type contactOffice interface {
	// AddContact adds a contact and files the mail that waited for it.
	AddContact(ctx context.Context, n crm.NewContact) (crm.Contact, crm.Later, error)
	EditContact(ctx context.Context, id int64, e crm.ContactEdit) (crm.Contact, crm.Later, error)
	// MergeContacts makes one contact of two; keep stays.
	MergeContacts(ctx context.Context, keep, gone int64) (crm.Contact, crm.Later, error)
}

// contactsPage is the list.
type contactsPage struct {
	listing
	Contacts []crm.Contact
}

func (s *Server) contacts(r *request) (answer, error) {
	var d contactsPage
	var err error
	if d.listing, err = r.listing(); err != nil {
		return nil, err
	}
	found, err := s.Store.FindContacts(r.Context(), d.RecordSearch)
	if err != nil {
		return nil, err
	}
	d.Contacts = found.Records
	d.found(found.Total, len(found.Records))
	return page{Template: "contacts", Title: "Contacts", Nav: "contacts", Data: d}, nil
}

// contactPage is one contact.
type contactPage struct {
	crm.Contact
	Deals []crm.Deal
}

func (s *Server) contact(r *request) (answer, error) {
	c, err := s.contactOf(r)
	if err != nil {
		return nil, err
	}
	deals, err := s.Store.FindDeals(r.Context(), crm.RecordSearch{Contact: c.ID})
	if err != nil {
		return nil, err
	}
	return page{Template: "contact", Title: nameOf(c), Nav: "contacts", Data: contactPage{c, deals.Records}}, nil
}

// contactOf is the contact that the address names.
func (s *Server) contactOf(r *request) (crm.Contact, error) {
	id, err := r.id()
	if err != nil {
		return crm.Contact{}, err
	}
	return s.Store.Contact(r.Context(), id)
}

// nameOf is what people call a contact.
func nameOf(c crm.Contact) string {
	if c.Name != "" {
		return c.Name
	}
	return currentEmail(c.Emails)
}
