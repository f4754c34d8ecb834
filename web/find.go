package web

import (
	"context"

	"blindcopy/crm"
)

// recordFinder looks for records by name, title, address or domain.
type recordFinder interface {
	Contacts(ctx context.Context, f crm.RecordFilter) ([]crm.Contact, error)
	Companies(ctx context.Context, f crm.RecordFilter) ([]crm.Company, error)
	Leads(ctx context.Context, f crm.LeadFilter) ([]crm.Lead, error)
	Deals(ctx context.Context, f crm.RecordFilter) ([]crm.Deal, error)
}

// foundPage is what a small search came to, with a button for each.
type foundPage struct {
	Intake   crm.Intake
	Original string // which mail of the message is meant, "" where it brought one
	Match    string
	Back     string
	Found    []crm.Candidate
}

// foundOfAKind bounds how many of each kind are offered: whoever sees too many types one more letter.
const foundOfAKind = 5

func (s *Server) reviewFind(r *request) (answer, error) {
	in, err := s.deciding(r, r.PathValue("intake"))
	if err != nil {
		return nil, err
	}
	d := foundPage{Intake: in, Original: r.query("original"), Match: r.query("q"), Back: localPath(r.query("back"))}
	if d.Match != "" {
		if d.Found, err = s.findRecords(r.Context(), d.Match); err != nil {
			return nil, err
		}
	}
	return page{Template: "found", Title: "Find a record", Nav: "review", Data: d}, nil
}

func (s *Server) findRecords(ctx context.Context, match string) (list []crm.Candidate, err error) {
	f := crm.RecordFilter{Match: match, Limit: foundOfAKind}
	contacts, err := s.Store.Contacts(ctx, f)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		list = append(list, crm.Candidate{Kind: crm.KindContact, ID: c.ID, Title: nameOf(c), Why: currentEmail(c.Emails)})
	}
	deals, err := s.Store.Deals(ctx, f)
	if err != nil {
		return nil, err
	}
	for _, d := range deals {
		list = append(list, crm.Candidate{Kind: crm.KindDeal, ID: d.ID, Title: d.Title, Why: string(d.Status)})
	}
	leads, err := s.Store.Leads(ctx, crm.LeadFilter{Match: match, Status: crm.LeadOpen, Limit: foundOfAKind})
	if err != nil {
		return nil, err
	}
	for _, l := range leads {
		list = append(list, crm.Candidate{Kind: crm.KindLead, ID: l.ID, Title: l.Title, Why: currentEmail(l.Emails)})
	}
	companies, err := s.Store.Companies(ctx, f)
	if err != nil {
		return nil, err
	}
	for _, c := range companies {
		list = append(list, crm.Candidate{Kind: crm.KindCompany, ID: c.ID, Title: c.Name})
	}
	return list, nil
}
