package main

import (
	"context"
	"fmt"
	"slices"

	"blindcopy/crm"
)

// sharedAddresses tells of other contacts, or companies, that have one of the addresses too. It is
// allowed, a couple may share one; but mail then goes to one of them (SEMANTICS §4: contact_ambiguous).
func (o *office) sharedAddresses(ctx context.Context, ref crm.Ref, list []crm.Address) (warnings []string, err error) {
	for _, a := range list {
		holders, err := o.store.FindParty(ctx, a)
		if err != nil {
			return nil, err
		}
		for _, other := range holders {
			if other.Kind != ref.Kind || other.ID == ref.ID {
				continue
			}
			name, emails, err := o.holder(ctx, other)
			if err != nil {
				return nil, err
			}
			if inUse(emails, a) {
				warnings = append(warnings, fmt.Sprintf("%s (%s) has %s too; mail with it is filed with one of the two.", oneLine(name), other, a))
			}
		}
	}
	return warnings, nil
}

// holder is the name and the addresses of a contact or company.
func (o *office) holder(ctx context.Context, ref crm.Ref) (string, []crm.Email, error) {
	if ref.Kind == crm.KindCompany {
		c, err := o.store.Company(ctx, ref.ID)
		return c.Name, c.Emails, err
	}
	c, err := o.store.Contact(ctx, ref.ID)
	return title(c.Name, c.Emails), c.Emails, err
}

// inUse tells whether an address is among these, and not as a former one.
func inUse(emails []crm.Email, a crm.Address) bool {
	return slices.ContainsFunc(emails, func(e crm.Email) bool { return e.Address == a && !e.Former })
}
