package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"blindcopy/crm"
)

// What a person does to contacts, companies and leads in more than one step, for the command line and the pages alike.

// EditContact changes a contact and files the mail that waited for it.
func (o *office) EditContact(ctx context.Context, id int64, e crm.ContactEdit) (c crm.Contact, later crm.Later, err error) {
	if c, err = o.store.EditContact(ctx, id, e); err != nil {
		return c, later, err
	}
	warnings, err := o.sharedAddresses(ctx, crm.Ref{Kind: crm.KindContact, ID: id}, e.Add)
	if err != nil {
		return c, later, err
	}
	later, err = o.lookAgain(ctx, append(addresses(c.Emails), e.Remove...), nil)
	later.Warnings = warnings
	return c, later, err
}

// MergeContacts makes one contact of two that are one person; keep stays.
func (o *office) MergeContacts(ctx context.Context, keep, gone int64) (c crm.Contact, later crm.Later, err error) {
	if c, err = o.store.MergeContacts(ctx, keep, gone); err != nil {
		return c, later, err
	}
	warnings, err := o.sharedAddresses(ctx, crm.Ref{Kind: crm.KindContact, ID: c.ID}, addresses(c.Emails))
	if err != nil {
		return c, later, err
	}
	later, err = o.lookAgain(ctx, addresses(c.Emails), nil)
	later.Warnings = warnings
	return c, later, err
}

// AddCompany adds a company and files the mail that waited for it.
func (o *office) AddCompany(ctx context.Context, n crm.NewCompany) (c crm.Company, later crm.Later, err error) {
	if n.Domains, err = normalDomains(n.Domains); err != nil {
		return c, later, err
	}
	if c, err = o.store.AddCompany(ctx, n); err != nil {
		return c, later, err
	}
	later, err = o.companyChanged(ctx, c, n.Emails, n.Domains, nil)
	return c, later, err
}

// EditCompany changes a company and files the mail that waited for it.
func (o *office) EditCompany(ctx context.Context, id int64, e crm.CompanyEdit) (c crm.Company, later crm.Later, err error) {
	if e.AddDomains, err = normalDomains(e.AddDomains); err != nil {
		return c, later, err
	}
	if c, err = o.store.EditCompany(ctx, id, e); err != nil {
		return c, later, err
	}
	later, err = o.companyChanged(ctx, c, e.Add, e.AddDomains, e.Remove, e.RemoveDomains...)
	return c, later, err
}

// companyChanged warns of what was added to a company, and looks again at mail with all it has and had.
func (o *office) companyChanged(ctx context.Context, c crm.Company, added []crm.Address, domains []string, gone []crm.Address, goneDomains ...string) (later crm.Later, err error) {
	warnings, err := o.sharedAddresses(ctx, crm.Ref{Kind: crm.KindCompany, ID: c.ID}, added)
	if err != nil {
		return later, err
	}
	shared, err := o.sharedDomains(ctx, c.ID, domains)
	if err != nil {
		return later, err
	}
	later, err = o.lookAgain(ctx, append(addresses(c.Emails), gone...), append(slices.Clone(c.Domains), goneDomains...))
	later.Warnings = slices.Concat(o.uselessDomains(domains), warnings, shared)
	return later, err
}

// normalDomains reads domains that a person typed, as client.example or @client.example.
func normalDomains(texts []string) (list []string, err error) {
	for _, text := range texts {
		d := crm.NormalDomain(strings.TrimPrefix(strings.TrimSpace(text), "@"))
		if !strings.Contains(d, ".") {
			return nil, noDomain(text)
		}
		list = append(list, d)
	}
	return list, nil
}

// noDomain is a text that should be a domain.
type noDomain string

func (d noDomain) Error() string {
	return fmt.Sprintf("%q is no domain: write client.example", string(d))
}
func (noDomain) Unwrap() error { return crm.ErrInvalid }

// uselessDomains tells of domains that never find a company.
func (o *office) uselessDomains(domains []string) (warnings []string) {
	for _, d := range domains {
		if o.free.Has(d) {
			warnings = append(warnings, d+" gives mailboxes to everybody, so it never finds a company by itself.")
		}
		if o.internal(d) {
			warnings = append(warnings, d+" is a domain of your own, so mail there is never a client's.")
		}
	}
	return warnings
}

// sharedDomains tells of other companies with one of the domains: from then on it finds none of
// them (domain_ambiguous).
func (o *office) sharedDomains(ctx context.Context, company int64, domains []string) (warnings []string, err error) {
	for _, d := range domains {
		found, err := o.store.FindCompanies(ctx, crm.RecordSearch{Text: "@" + d})
		if err != nil {
			return nil, err
		}
		for _, c := range found.Records {
			if c.ID != company && slices.Contains(c.Domains, d) {
				warnings = append(warnings, fmt.Sprintf("%s (company:%d) has %s too, so the domain finds neither of the two.", oneLine(c.Name), c.ID, d))
			}
		}
	}
	return warnings, nil
}

// ConvertLead makes a contact of a lead, and a deal with it where a title is given. A deal that cannot be made leaves the
// lead converted: it is added by hand then.
func (o *office) ConvertLead(ctx context.Context, id int64, n crm.ConvertLead, deal string) (done crm.Converted, err error) {
	lead, err := o.store.Lead(ctx, id)
	if err != nil {
		return done, err
	}
	n.CompanyDomain = o.corporateDomain(addresses(lead.Emails))
	if done.Lead, done.Contact, err = o.store.ConvertLead(ctx, id, n); err != nil {
		return done, err
	}
	if deal = oneLine(deal); deal != "" {
		d := crm.NewDeal{Title: deal, Contacts: []int64{done.Contact.ID}, Owner: done.Contact.Owner}
		if done.Contact.Company != nil {
			d.Company = done.Contact.Company.ID
		}
		made, err := o.store.AddDeal(ctx, d)
		if err != nil {
			return done, fmt.Errorf("the lead is converted, but its deal was not added: %w", err)
		}
		done.Deal = &made
	}
	warnings, err := o.sharedAddresses(ctx, crm.Ref{Kind: crm.KindContact, ID: done.Contact.ID}, addresses(done.Contact.Emails))
	if err != nil {
		return done, err
	}
	done.Later, err = o.lookAgain(ctx, addresses(done.Contact.Emails), nil)
	done.Later.Warnings = warnings
	return done, err
}
