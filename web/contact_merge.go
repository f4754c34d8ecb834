package web

import (
	"fmt"
	"slices"

	"blindcopy/crm"
)

// contactMergePage is the choice of the other contact, or what would come of the two.
type contactMergePage struct {
	Contact crm.Contact // whose page it was begun on
	Match   string
	Others  []crm.Contact

	Keep, Gone *crm.Contact // once the other is chosen
	Result     crm.Contact
	KeepDeals  int
	GoneDeals  int
	Swap       string // the same the other way round
}

// contactMergeForm shows what a merge would do before anybody does it: it cannot be undone.
func (s *Server) contactMergeForm(r *request) (answer, error) {
	c, err := s.contactOf(r)
	if err != nil {
		return nil, err
	}
	d := contactMergePage{Contact: c, Match: c.Name}
	if r.URL.Query().Has("match") {
		d.Match = r.query("match")
	}
	if other := r.number("with"); other != 0 && other != c.ID {
		err = s.mergePreview(r, &d, other)
	} else {
		err = s.mergeCandidates(r, &d)
	}
	return page{Template: "contact_merge", Title: "Merge contacts", Nav: "contacts", Data: d}, err
}

func (s *Server) mergeCandidates(r *request, d *contactMergePage) error {
	found, err := s.Store.FindContacts(r.Context(), crm.RecordSearch{Text: d.Match, Size: 20})
	if err != nil {
		return err
	}
	d.Others = slices.DeleteFunc(found.Records, func(c crm.Contact) bool { return c.ID == d.Contact.ID })
	return nil
}

// mergePreview tells what would be: the contact of the page stays.
func (s *Server) mergePreview(r *request, d *contactMergePage, other int64) error {
	gone, err := s.Store.Contact(r.Context(), other)
	if err != nil {
		return err
	}
	keep := d.Contact
	d.Keep, d.Gone, d.Result = &keep, &gone, merged(keep, gone)
	d.Swap = fmt.Sprintf("/contacts/%d/merge?with=%d", gone.ID, keep.ID)
	for id, n := range map[int64]*int{keep.ID: &d.KeepDeals, gone.ID: &d.GoneDeals} {
		deals, err := s.Store.FindDeals(r.Context(), crm.RecordSearch{Contact: id, Size: 1})
		if err != nil {
			return err
		}
		*n = deals.Total
	}
	return nil
}

// merged is about what the store makes of two contacts: the one that stays gets what it lacks.
func merged(keep, gone crm.Contact) crm.Contact {
	if keep.Name == "" {
		keep.Name = gone.Name
	}
	if keep.Company == nil {
		keep.Company = gone.Company
	}
	if keep.Owner == "" {
		keep.Owner = gone.Owner
	}
	keep.Emails = slices.Clone(keep.Emails)
	for _, e := range gone.Emails {
		if at := slices.IndexFunc(keep.Emails, func(have crm.Email) bool { return have.Address == e.Address }); at < 0 {
			keep.Emails = append(keep.Emails, e)
		} else {
			keep.Emails[at].Former = keep.Emails[at].Former && e.Former
		}
	}
	return keep
}

func (s *Server) contactMerge(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	keep, err := r.id()
	if err != nil {
		return nil, err
	}
	gone := r.fieldID("with")
	if gone == 0 {
		return nil, invalid("choose the other contact first")
	}
	c, later, err := s.Office.MergeContacts(r.Context(), keep, gone)
	if err != nil {
		return nil, err
	}
	r.done("The two are one now: %s.%s", nameOf(c), laterWords(later))
	return redirect(recordPath(crm.KindContact, c.ID)), nil
}
