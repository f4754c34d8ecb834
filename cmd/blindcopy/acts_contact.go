package main

import (
	"context"
	"fmt"

	"blindcopy/crm"
)

// What a person does to contacts, for the command line and the pages alike.

// AddContact adds a contact, at a company of its domain if it has to be made, and files the mail that waited for it.
func (o *office) AddContact(ctx context.Context, n crm.NewContact) (c crm.Contact, later crm.Later, err error) {
	n.CompanyDomain = o.corporateDomain(n.Emails)
	if c, err = o.store.AddContact(ctx, n); err != nil {
		return c, later, err
	}
	warnings, err := o.sharedAddresses(ctx, crm.Ref{Kind: crm.KindContact, ID: c.ID}, n.Emails)
	if err != nil {
		return c, later, err
	}
	later, err = o.lookAgain(ctx, n.Emails, nil)
	later.Warnings = warnings
	return c, later, err
}

// lookAgain files and links mail that was waiting for a change: SEMANTICS §14 promises it before the act is over.
func (o *office) lookAgain(ctx context.Context, addresses []crm.Address, domains []string) (crm.Later, error) {
	if len(addresses)+len(domains) == 0 {
		return crm.Later{}, nil
	}
	report, err := o.linker.Rerun(ctx, o.store, addresses, domains)
	if err != nil {
		return crm.Later{}, fmt.Errorf("the change is made, but mail that waited for it was not looked at: %w",
			withHint(err, "blindcopy relink --held"))
	}
	return crm.Later{Filed: report.Filed, Linked: report.Linked}, nil
}
