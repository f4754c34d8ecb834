package web

import (
	"context"

	"blindcopy/crm"
)

// leadStore is what the pages of leads read, and what they change by one step.
type leadStore interface {
	FindLeads(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Lead], error)
	Lead(ctx context.Context, id int64) (crm.Lead, error)
	DismissLead(ctx context.Context, id int64) (crm.Lead, error)
}

// leadOffice is what they do in more than one step.
type leadOffice interface {
	// ConvertLead makes a contact of a lead, and a deal with it if a title is given.
	ConvertLead(ctx context.Context, id int64, n crm.ConvertLead, deal string) (crm.Converted, error)
}

// leadsPage is the list.
type leadsPage struct {
	listing
	Leads []crm.Lead
}

func (s *Server) leads(r *request) (answer, error) {
	var d leadsPage
	var err error
	if d.listing, err = r.listing(); err != nil {
		return nil, err
	}
	// What nobody has decided on comes first: that is what people look for here.
	if !r.URL.Query().Has("status") {
		d.Status = string(crm.LeadOpen)
	}
	f := d.RecordSearch
	if f.Status == "all" {
		f.Status = ""
	}
	found, err := s.Store.FindLeads(r.Context(), f)
	if err != nil {
		return nil, err
	}
	d.Leads = found.Records
	d.found(found.Total, len(found.Records))
	return page{Template: "leads", Title: "Leads", Nav: "leads", Data: d}, nil
}

// leadPage is one lead, and the form that makes a contact of it.
type leadPage struct {
	crm.Lead
	Form    convertForm
	Near    []crm.Contact // that it may be
	Users   []crm.User
	Problem string
}

type convertForm struct {
	Contact              int64
	Name, Company, Owner string
	Deal                 string
}

func (s *Server) lead(r *request) (answer, error) {
	l, err := s.leadOf(r)
	if err != nil {
		return nil, err
	}
	return s.leadPage(r, leadPage{Lead: l, Form: convertForm{Name: l.Name, Owner: string(l.Responsible)}}, 0)
}

func (s *Server) leadOf(r *request) (crm.Lead, error) {
	id, err := r.id()
	if err != nil {
		return crm.Lead{}, err
	}
	return s.Store.Lead(r.Context(), id)
}

func (s *Server) leadPage(r *request, d leadPage, status int) (answer, error) {
	var err error
	if d.Users, err = s.Store.Users(r.Context()); err != nil {
		return nil, err
	}
	if d.Name != "" {
		near, err := s.Store.FindContacts(r.Context(), crm.RecordSearch{Text: d.Name, Size: 5})
		if err != nil {
			return nil, err
		}
		d.Near = near.Records
	}
	return page{Template: "lead", Title: d.Title, Nav: "leads", Status: status, Data: d}, nil
}

func (s *Server) leadConvert(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	l, err := s.leadOf(r)
	if err != nil {
		return nil, err
	}
	form := convertForm{Contact: r.fieldID("contact"), Name: r.field("name"), Company: r.field("company"), Owner: r.field("owner"), Deal: r.field("deal")}
	n := crm.ConvertLead{Contact: form.Contact, Company: form.Company}
	if n.Contact == 0 { // what is known of a contact that is there is not for this form to change
		n.Name = form.Name
		n.Owner, _ = crm.ParseAddress(form.Owner)
	}
	done, err := s.Office.ConvertLead(r.Context(), l.ID, n, form.Deal)
	if text, ok := problem(err); ok {
		return s.leadPage(r, leadPage{Lead: l, Form: form, Problem: text}, 422)
	}
	if err != nil {
		return nil, err
	}
	if done.Deal != nil {
		r.done("%s is a contact now, with a deal.%s", nameOf(done.Contact), laterWords(done.Later))
		return s.toDeal(r, *done.Deal)
	}
	r.done("%s is a contact now.%s", nameOf(done.Contact), laterWords(done.Later))
	return redirect(recordPath(crm.KindContact, done.Contact.ID)), nil
}

func (s *Server) leadDismiss(r *request) (answer, error) {
	id, err := r.id()
	if err != nil {
		return nil, err
	}
	l, err := s.Store.DismissLead(r.Context(), id)
	if err != nil {
		return nil, err
	}
	r.done("%s is dismissed. Its addresses make no other lead.", l.Title)
	return redirect("/leads"), nil
}
