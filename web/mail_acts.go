package web

import (
	"context"
	"slices"

	"blindcopy/crm"
)

// What people do to a mail. Each leads back to the page that it was opened in.

// mailLink puts a mail on the timeline of a record; a deal pins the conversation.
func (s *Server) mailLink(r *request) (answer, error) {
	act, ref, err := s.namedRecord(r, "to")
	if err != nil {
		return nil, err
	}
	name, err := s.nameOfRecord(r, ref)
	if notThere(err) {
		r.sorry("That record is gone.")
		return r.backToMail(act.ID), nil
	}
	if err == nil {
		_, err = s.Store.LinkActivity(r.Context(), act.ID, ref)
	}
	if err != nil {
		return nil, err
	}
	if ref.Kind == crm.KindDeal {
		r.done("Pinned to %s. What follows in this conversation goes there, too.", name)
	} else {
		r.done("Linked to %s.", name)
	}
	return r.backToMail(act.ID), nil
}

// mailUnlink takes it from a timeline.
func (s *Server) mailUnlink(r *request) (answer, error) {
	act, ref, err := s.namedRecord(r, "from")
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(act.Links, func(l crm.Link) bool { return l.Ref() == ref }) {
		r.sorry("It is not on that timeline any more.")
		return r.backToMail(act.ID), nil
	}
	if _, err := s.Store.UnlinkActivity(r.Context(), act.ID, ref); err != nil {
		return nil, err
	}
	r.done("Taken from that timeline. No rule puts it there again.")
	return r.backToMail(act.ID), nil
}

// namedRecord is the mail of the path, and the record that a field of the form names as deal:4.
func (s *Server) namedRecord(r *request, field string) (act crm.Activity, ref crm.Ref, err error) {
	if err := r.form(); err != nil {
		return act, ref, err
	}
	if act, err = s.activity(r); err != nil {
		return act, ref, err
	}
	ref, ok := crm.ParseRef(r.field(field))
	if !ok {
		return act, ref, invalid("choose a contact, company, lead or deal")
	}
	return act, ref, nil
}

// mailUndo takes back what rules did.
func (s *Server) mailUndo(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	after, err := s.Store.UndoActivity(r.Context(), act.ID)
	if err != nil {
		return nil, err
	}
	if len(after.Links) == len(act.Links) {
		r.sorry("Nothing that the program did was left on it.")
	} else {
		r.done("Taken back. What people linked stays.")
	}
	return r.backToMail(act.ID), nil
}

// mailPrivate hides it from all but those who captured it.
func (s *Server) mailPrivate(r *request) (answer, error) {
	if err := r.form(); err != nil {
		return nil, err
	}
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	if _, err := s.Store.MakePrivate(r.Context(), act.ID, r.user.Email); err != nil {
		return nil, err
	}
	r.done("Only those who captured this mail see it now.")
	return r.backToMail(act.ID), nil
}

// linkPage is where a record is looked for that a mail belongs to.
type linkPage struct {
	Mail  crm.Activity
	Match string
	Back  string // the page that it was opened in
	Found []found
}

// found is a record of a search.
type found struct {
	Ref    crm.Ref
	Name   string
	More   string // beside the name
	Linked bool
}

// linkChoices is how many of each kind are offered.
const linkChoices = 8

// mailRecordStore finds records for it.
type mailRecordStore interface {
	Contacts(ctx context.Context, f crm.RecordFilter) ([]crm.Contact, error)
	Companies(ctx context.Context, f crm.RecordFilter) ([]crm.Company, error)
	Leads(ctx context.Context, f crm.LeadFilter) ([]crm.Lead, error)
	Deals(ctx context.Context, f crm.RecordFilter) ([]crm.Deal, error)
}

// mailLinkForm looks for the record to link a mail to.
func (s *Server) mailLinkForm(r *request) (answer, error) {
	act, err := s.activity(r)
	if err != nil {
		return nil, err
	}
	d := linkPage{Mail: act, Match: r.query("match"), Back: r.query("back")}
	if d.Match != "" {
		if d.Found, err = s.find(r, d.Match); err != nil {
			return nil, err
		}
	}
	for i := range d.Found {
		d.Found[i].Linked = slices.ContainsFunc(act.Links, func(l crm.Link) bool { return l.Ref() == d.Found[i].Ref })
	}
	return page{Template: "mail_link", Title: "Link a mail", Data: d}, nil
}

func (s *Server) find(r *request, match string) (list []found, err error) {
	f := crm.RecordFilter{Match: match, Limit: linkChoices}
	deals, err := s.Store.Deals(r.Context(), f)
	if err != nil {
		return nil, err
	}
	for _, d := range deals {
		list = append(list, found{Ref: crm.Ref{Kind: crm.KindDeal, ID: d.ID}, Name: d.Title, More: string(d.Status)})
	}
	contacts, err := s.Store.Contacts(r.Context(), f)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		list = append(list, found{Ref: crm.Ref{Kind: crm.KindContact, ID: c.ID}, Name: nameOf(c), More: currentEmail(c.Emails)})
	}
	companies, err := s.Store.Companies(r.Context(), f)
	if err != nil {
		return nil, err
	}
	for _, c := range companies {
		list = append(list, found{Ref: crm.Ref{Kind: crm.KindCompany, ID: c.ID}, Name: c.Name})
	}
	leads, err := s.Store.Leads(r.Context(), crm.LeadFilter{Match: match, Limit: linkChoices})
	if err != nil {
		return nil, err
	}
	for _, l := range leads {
		list = append(list, found{Ref: crm.Ref{Kind: crm.KindLead, ID: l.ID}, Name: l.Title, More: currentEmail(l.Emails)})
	}
	return list, nil
}
