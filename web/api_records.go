package web

import (
	"context"
	"net/http"
	"slices"

	"blindcopy/crm"
)

// apiStore is what the API reads besides the pages.
type apiStore interface {
	Contacts(ctx context.Context, f crm.RecordFilter) ([]crm.Contact, error)
	Companies(ctx context.Context, f crm.RecordFilter) ([]crm.Company, error)
	Leads(ctx context.Context, f crm.LeadFilter) ([]crm.Lead, error)
	Deals(ctx context.Context, f crm.RecordFilter) ([]crm.Deal, error)
	UserOfAPIToken(ctx context.Context, token crm.Secret) (crm.User, error)
}

// apiContact is a contact to be.
type apiContact struct {
	Name    string   `json:"name"`
	Emails  []string `json:"emails"`  // the primary first
	Company string   `json:"company"` // name or id; made if it is a new name
	Owner   *string  `json:"owner"`   // e-mail address of a user; yourself where it is left out, nobody for ""
}

// apiContactChange is what is to be changed of one.
type apiContactChange struct {
	Name         *string  `json:"name"`
	AddEmails    []string `json:"add_emails"`
	FormerEmails []string `json:"former_emails"`
	RemoveEmails []string `json:"remove_emails"`
	Company      *string  `json:"company"` // "" is none
	Owner        *string  `json:"owner"`   // "" is nobody
}

// records reads what the lists of records have in common.
func (r *request) records() (f crm.RecordFilter, err error) {
	f.Match = r.query("match")
	if f.Limit, err = r.limit(); err != nil {
		return f, err
	}
	if f.Before, err = r.whole("before"); err != nil {
		return f, err
	}
	if f.Company, err = r.whole("company"); err != nil {
		return f, err
	}
	if f.Contact, err = r.whole("contact"); err != nil {
		return f, err
	}
	f.Owner, err = r.colleague("owner", r.query("owner"))
	return f, err
}

func (s *Server) apiContacts(r *request) (answer, error) {
	f, err := r.records()
	if err != nil {
		return nil, err
	}
	return listed(s.Store.Contacts(r.Context(), f))
}

func (s *Server) apiCompanies(r *request) (answer, error) {
	f, err := r.records()
	if err != nil {
		return nil, err
	}
	return listed(s.Store.Companies(r.Context(), f))
}

func (s *Server) apiDeals(r *request) (answer, error) {
	f, err := r.records()
	if err != nil {
		return nil, err
	}
	status, err := r.oneOf("status", string(crm.DealOpen), string(crm.DealWon), string(crm.DealLost))
	if err != nil {
		return nil, err
	}
	f.Status = crm.DealStatus(status)
	return listed(s.Store.Deals(r.Context(), f))
}

func (s *Server) apiLeads(r *request) (answer, error) {
	f, err := r.records()
	if err != nil {
		return nil, err
	}
	status, err := r.oneOf("status", string(crm.LeadOpen), string(crm.LeadConverted), string(crm.LeadDismissed))
	if err != nil {
		return nil, err
	}
	return listed(s.Store.Leads(r.Context(), crm.LeadFilter{Match: f.Match, Status: crm.LeadStatus(status), Before: f.Before, Limit: f.Limit}))
}

// one answers with the record whose number is in the path.
func one[T any](r *request, read func(context.Context, int64) (T, error)) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	v, err := read(r.Context(), id)
	return document{v: v}, err
}

func (s *Server) apiContact(r *request) (answer, error) { return one(r, s.Store.Contact) }
func (s *Server) apiCompany(r *request) (answer, error) { return one(r, s.Store.Company) }
func (s *Server) apiLead(r *request) (answer, error)    { return one(r, s.Store.Lead) }
func (s *Server) apiDeal(r *request) (answer, error)    { return one(r, s.Store.Deal) }

func (s *Server) apiUsers(r *request) (answer, error) {
	users, err := s.Store.Users(r.Context())
	for i := range users {
		users[i] = r.viewer.User(users[i])
	}
	return listed(users, err)
}

func (s *Server) apiContactAdd(r *request) (answer, error) {
	var c apiContact
	err := r.read(&c)
	if err != nil {
		return nil, err
	}
	n := crm.NewContact{Name: c.Name, Company: c.Company, Owner: r.user.Email}
	if n.Emails, err = addressesOf("emails", c.Emails); err != nil {
		return nil, err
	}
	if c.Owner != nil {
		if n.Owner, err = r.colleague("owner", *c.Owner); err != nil {
			return nil, err
		}
	}
	made, _, err := s.Office.AddContact(r.Context(), n)
	return document{v: made, status: http.StatusCreated}, err
}

func (s *Server) apiContactEdit(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	var c apiContactChange
	if err := r.read(&c); err != nil {
		return nil, err
	}
	e, err := c.edit()
	if err == nil && c.Owner != nil {
		var owner crm.Address
		owner, err = r.colleague("owner", *c.Owner)
		e.Owner = &owner
	}
	if err != nil {
		return nil, err
	}
	changed, _, err := s.Office.EditContact(r.Context(), id, e)
	return document{v: changed}, err
}

// edit is all but the owner.
func (c apiContactChange) edit() (e crm.ContactEdit, err error) {
	e.Name, e.Company = c.Name, c.Company
	if e.Add, err = addressesOf("add_emails", c.AddEmails); err != nil {
		return e, err
	}
	if e.Former, err = addressesOf("former_emails", c.FormerEmails); err != nil {
		return e, err
	}
	e.Remove, err = addressesOf("remove_emails", c.RemoveEmails)
	return e, err
}

func addressesOf(name string, texts []string) (list []crm.Address, err error) {
	for _, text := range texts {
		a, err := addressOf(name, text)
		if err != nil {
			return nil, err
		}
		if a != "" && !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list, nil
}
