package web

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// companyStore is what the pages of companies read.
type companyStore interface {
	FindCompanies(ctx context.Context, f crm.RecordSearch) (crm.Found[crm.Company], error)
	Company(ctx context.Context, id int64) (crm.Company, error)
}

// companyOffice is what they do: mail that waited is filed.
type companyOffice interface {
	AddCompany(ctx context.Context, n crm.NewCompany) (crm.Company, crm.Later, error)
	EditCompany(ctx context.Context, id int64, e crm.CompanyEdit) (crm.Company, crm.Later, error)
}

// companiesPage is the list.
type companiesPage struct {
	listing
	Companies []crm.Company
}

func (s *Server) companies(r *request) (answer, error) {
	var d companiesPage
	var err error
	if d.listing, err = r.listing(); err != nil {
		return nil, err
	}
	found, err := s.Store.FindCompanies(r.Context(), d.RecordSearch)
	if err != nil {
		return nil, err
	}
	d.Companies = found.Records
	d.found(found.Total, len(found.Records))
	return page{Template: "companies", Title: "Companies", Nav: "companies", Data: d}, nil
}

// companyPage is one company, with its people and deals.
type companyPage struct {
	crm.Company
	Contacts crm.Found[crm.Contact]
	Deals    crm.Found[crm.Deal]
}

func (s *Server) company(r *request) (answer, error) {
	c, err := s.companyOf(r)
	if err != nil {
		return nil, err
	}
	d := companyPage{Company: c}
	if d.Contacts, err = s.Store.FindContacts(r.Context(), crm.RecordSearch{Company: c.ID, Size: 20, Sort: crm.ByName}); err != nil {
		return nil, err
	}
	if d.Deals, err = s.Store.FindDeals(r.Context(), crm.RecordSearch{Company: c.ID, Size: 20}); err != nil {
		return nil, err
	}
	return page{Template: "company", Title: c.Name, Nav: "companies", Data: d}, nil
}

func (s *Server) companyOf(r *request) (crm.Company, error) {
	id, err := r.id()
	if err != nil {
		return crm.Company{}, err
	}
	return s.Store.Company(r.Context(), id)
}

// companyForm is the form of a company, new or not: what stands in it, and what was wrong with it.
type companyEditPage struct {
	ID                                   int64 // 0 for a new one
	Name, Domains, Emails, Former, Owner string
	Users                                []crm.User
	Problem                              string
}

func (s *Server) companyForm(r *request) (answer, error) {
	return s.companyEditPage(r, companyEditPage{Name: r.query("name"), Domains: r.query("domain"), Owner: string(r.user.Email)}, 0)
}

func (s *Server) companyEditForm(r *request) (answer, error) {
	c, err := s.companyOf(r)
	if err != nil {
		return nil, err
	}
	d := companyEditPage{ID: c.ID, Name: c.Name, Domains: strings.Join(c.Domains, "\n"), Owner: string(c.Owner)}
	d.Emails, d.Former = emailLines(c.Emails)
	return s.companyEditPage(r, d, 0)
}

func (s *Server) companyEditPage(r *request, d companyEditPage, status int) (answer, error) {
	var err error
	d.Users, err = s.Store.Users(r.Context())
	title := "New company"
	if d.ID != 0 {
		title = "Edit company"
	}
	return page{Template: "company_edit", Title: title, Nav: "companies", Status: status, Data: d}, err
}

// typedCompany is the form as it was sent, to be shown again.
func typedCompany(r *request, id int64, problem string) companyEditPage {
	return companyEditPage{ID: id, Name: r.field("name"), Domains: r.field("domains"), Emails: r.field("emails"), Former: r.field("former"),
		Owner: r.field("owner"), Problem: problem}
}

func (s *Server) companyAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	n := crm.NewCompany{Name: r.field("name"), Domains: r.words("domains")}
	n.Owner, _ = crm.ParseAddress(r.field("owner"))
	var c crm.Company
	var later crm.Later
	emails, err := r.addresses("emails")
	if err == nil {
		n.Emails = emails
		c, later, err = s.Office.AddCompany(r.Context(), n)
	}
	return s.companySaved(r, 0, c, later, err)
}

func (s *Server) companyEdit(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	old, err := s.companyOf(r)
	if err != nil {
		return nil, err
	}
	e := crm.CompanyEdit{Name: r.changed("name", old.Name), Owner: r.changedOwner("owner", old.Owner)}
	now := r.words("domains")
	for i, d := range now {
		if normal := crm.NormalDomain(strings.TrimPrefix(d, "@")); normal != "" {
			now[i] = normal
		}
	}
	e.AddDomains, e.RemoveDomains = without(now, old.Domains), without(old.Domains, now)
	var later crm.Later
	if e.Add, e.Former, e.Remove, err = r.emailChanges(old.Emails); err == nil {
		old, later, err = s.Office.EditCompany(r.Context(), old.ID, e)
	}
	id, _ := r.id() // it was read above
	return s.companySaved(r, id, old, later, err)
}

// companySaved goes on to the company, or back to the form.
func (s *Server) companySaved(r *request, id int64, c crm.Company, later crm.Later, err error) (answer, error) {
	if text, ok := problem(err); ok {
		return s.companyEditPage(r, typedCompany(r, id, text), 422)
	}
	if err != nil {
		return nil, err
	}
	r.done("%s is saved.%s", c.Name, laterWords(later))
	return redirect(recordPath(crm.KindCompany, c.ID)), nil
}

// words reads a field with one word a line, or with commas between.
func (r *request) words(name string) []string {
	return strings.FieldsFunc(r.field(name), func(c rune) bool { return strings.ContainsRune(",; \r\n\t", c) })
}

// fieldID is the number of a record in a form, 0 where there is none.
func (r *request) fieldID(name string) int64 {
	id, _ := strconv.ParseInt(r.field(name), 10, 64)
	return max(id, 0)
}

// without is what of a list is not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}
