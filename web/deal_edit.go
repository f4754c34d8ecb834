package web

import (
	"slices"
	"strconv"

	"blindcopy/crm"
)

// dealEditPage is the form of a deal, new or not: what stands in it, what can be chosen, and what was wrong with it.
type dealEditPage struct {
	ID                  int64 // 0 for a new one
	Title, Stage, Owner string
	Company             *crm.Named
	Contacts            []crm.Named
	Stages              []crm.Stage
	Users               []crm.User
	Problem             string

	Match     string // whom somebody looks for to add
	People    []crm.Contact
	Companies []crm.Company
}

func (s *Server) dealForm(r *request) (answer, error) {
	d := dealEditPage{Title: r.query("title"), Stage: r.query("stage"), Owner: string(r.user.Email)}
	if id := r.number("contact"); id != 0 {
		c, err := s.Store.Contact(r.Context(), id)
		if err != nil {
			return nil, err
		}
		d.Contacts, d.Company = []crm.Named{{ID: c.ID, Name: nameOf(c)}}, c.Company
	}
	if id := r.number("company"); id != 0 {
		c, err := s.Store.Company(r.Context(), id)
		if err != nil {
			return nil, err
		}
		d.Company = &crm.Named{ID: c.ID, Name: c.Name}
	}
	return s.dealEditPage(r, d, 0)
}

func (s *Server) dealEditForm(r *request) (answer, error) {
	d, err := s.dealOf(r)
	if err != nil {
		return nil, err
	}
	return s.dealEditPage(r, dealEditPage{ID: d.ID, Title: d.Title, Stage: d.Stage, Owner: string(d.Owner), Company: d.Company, Contacts: d.Contacts}, 0)
}

// dealEditPage shows the form, with the people and companies that were looked for.
func (s *Server) dealEditPage(r *request, d dealEditPage, status int) (answer, error) {
	var err error
	if d.Users, err = s.Store.Users(r.Context()); err != nil {
		return nil, err
	}
	if d.Stages, err = s.stages(r.Context()); err != nil {
		return nil, err
	}
	if d.Match == "" {
		d.Match = r.query("match")
	}
	if d.Match != "" {
		people, err := s.Store.FindContacts(r.Context(), crm.RecordSearch{Text: d.Match, Size: 8})
		if err != nil {
			return nil, err
		}
		companies, err := s.Store.FindCompanies(r.Context(), crm.RecordSearch{Text: d.Match, Size: 8})
		if err != nil {
			return nil, err
		}
		d.People, d.Companies = people.Records, companies.Records
	}
	title := "New deal"
	if d.ID != 0 {
		title = "Edit deal"
	}
	return page{Template: "deal_edit", Title: title, Nav: "deals", Status: status, Data: d}, nil
}

// typedDeal is the form as it was sent. Who is on it comes as numbers; names are read again.
func (s *Server) typedDeal(r *request, id int64) (d dealEditPage, err error) {
	d = dealEditPage{ID: id, Title: r.field("title"), Stage: r.field("stage"), Owner: r.field("owner"), Match: r.field("match")}
	for _, n := range r.ids("contact") {
		c, err := s.Store.Contact(r.Context(), n)
		if err != nil {
			return d, err
		}
		d.Contacts = append(d.Contacts, crm.Named{ID: c.ID, Name: nameOf(c)})
	}
	if n := r.fieldID("company"); n != 0 {
		c, err := s.Store.Company(r.Context(), n)
		if err != nil {
			return d, err
		}
		d.Company = &crm.Named{ID: c.ID, Name: c.Name}
	}
	return d, nil
}

func (s *Server) dealAdd(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	typed, err := s.typedDeal(r, 0)
	if err != nil {
		return nil, err
	}
	if r.PostForm.Has("find") {
		return s.dealEditPage(r, typed, 0)
	}
	n := crm.NewDeal{Title: typed.Title, Stage: typed.Stage, Contacts: r.ids("contact"), Company: r.fieldID("company")}
	n.Owner, _ = crm.ParseAddress(typed.Owner)
	d, err := s.Store.AddDeal(r.Context(), n)
	return s.dealSaved(r, typed, d, len(n.Contacts) > 0, err)
}

func (s *Server) dealEdit(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	old, err := s.dealOf(r)
	if err != nil {
		return nil, err
	}
	typed, err := s.typedDeal(r, old.ID)
	if err != nil {
		return nil, err
	}
	if r.PostForm.Has("find") {
		return s.dealEditPage(r, typed, 0)
	}
	e := crm.DealEdit{Title: r.changed("title", old.Title), Stage: r.changed("stage", old.Stage), Owner: r.changedOwner("owner", old.Owner)}
	now, had := r.ids("contact"), make([]int64, len(old.Contacts))
	for i, c := range old.Contacts {
		had[i] = c.ID
		if !slices.Contains(now, c.ID) {
			e.RemoveContacts = append(e.RemoveContacts, c.ID)
		}
	}
	e.AddContacts = slices.DeleteFunc(now, func(id int64) bool { return slices.Contains(had, id) })
	if company := r.fieldID("company"); old.Company == nil && company != 0 || old.Company != nil && old.Company.ID != company {
		e.Company = &company
	}
	d, err := s.Store.EditDeal(r.Context(), old.ID, e)
	return s.dealSaved(r, typed, d, len(e.AddContacts) > 0, err)
}

// dealSaved goes on to the deal, or back to the form. Of people who are new on it, conversations are offered first.
func (s *Server) dealSaved(r *request, typed dealEditPage, d crm.Deal, newPeople bool, err error) (answer, error) {
	if text, ok := problem(err); ok {
		typed.Problem = text
		return s.dealEditPage(r, typed, 422)
	}
	if err != nil {
		return nil, err
	}
	r.done("%s is saved.", d.Title)
	if newPeople {
		return s.toDeal(r, d)
	}
	return redirect(recordPath(crm.KindDeal, d.ID)), nil
}

// ids are the numbers of a field that comes several times, each once.
func (r *request) ids(name string) (list []int64) {
	for _, text := range r.PostForm[name] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	return list
}
