package web

import (
	"context"
	"net/url"
	"strconv"

	"blindcopy/crm"
)

// contactStore is what the pages of contacts read.
type contactStore interface {
	Contacts(ctx context.Context, f crm.RecordFilter) ([]crm.Contact, error)
	Contact(ctx context.Context, id int64) (crm.Contact, error)
}

// contactOffice is what they do.
type contactOffice interface {
	// AddContact adds a contact and files the mail that waited for it.
	AddContact(ctx context.Context, n crm.NewContact) (crm.Contact, crm.Later, error)
}

// contactsPage is the list.
type contactsPage struct {
	Match    string
	Owner    string
	Contacts []crm.Contact
	Users    []crm.User
	Older    string // the address of what follows, "" at the end
}

// contactsAPage is how many stand on a page.
const contactsAPage = 50

func (s *Server) contacts(r *request) (answer, error) {
	d := contactsPage{Match: r.query("match"), Owner: r.query("owner")}
	f := crm.RecordFilter{Match: d.Match, Before: r.number("before"), Limit: contactsAPage + 1}
	f.Owner, _ = crm.ParseAddress(d.Owner)
	var err error
	if d.Contacts, err = s.Store.Contacts(r.Context(), f); err != nil {
		return nil, err
	}
	if len(d.Contacts) > contactsAPage {
		d.Contacts = d.Contacts[:contactsAPage]
		d.Older = older(r, d.Contacts[contactsAPage-1].ID)
	}
	if d.Users, err = s.Store.Users(r.Context()); err != nil {
		return nil, err
	}
	return page{Template: "contacts", Title: "Contacts", Nav: "contacts", Data: d}, nil
}

// older is the address of the page that follows, with everything else as it is.
func older(r *request, before int64) string {
	q := r.URL.Query()
	q.Set("before", strconv.FormatInt(before, 10))
	return (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
}

// contact is the page of one contact.
func (s *Server) contact(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	c, err := s.Store.Contact(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return page{Template: "contact", Title: nameOf(c), Nav: "contacts", Data: c}, nil
}

// nameOf is what people call a contact.
func nameOf(c crm.Contact) string {
	if c.Name != "" {
		return c.Name
	}
	return currentEmail(c.Emails)
}
