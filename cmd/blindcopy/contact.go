package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// contactCommand is `blindcopy contact`.
func (a *app) contactCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "contact",
		Short: "People at your clients",
		Long: `A contact is a person at a client. Mail with any of its addresses, former ones too, is filed on
its timeline. What you add here also finds the mail that came before.`,
		Example: `  blindcopy contact add --name "Ben Carter" --email ben@client.example --company "Client Ltd"
  blindcopy contact import contacts.csv
  blindcopy contact edit 7 --former ben@old.example`,
	}
	cmd.AddCommand(a.contactAdd(), a.contactList(), a.contactShow(), a.contactEdit(), a.contactMerge(), a.contactImport())
	return cmd
}

func (a *app) contactAdd() *cobra.Command {
	var n store.NewContact
	var emails []string
	var owner string
	cmd := &cobra.Command{
		Use:     "add --name NAME --email ADDRESS...",
		Short:   "Add a contact; mail that was waiting for it is filed",
		Example: `  blindcopy contact add --name "Ben Carter" --email ben@client.example --company "Client Ltd"`,
		Args:    cobra.NoArgs,
		RunE: a.writing(func(ctx context.Context, o *office, _ []string) (err error) {
			if n.Emails, err = parseEmails(emails); err != nil {
				return err
			}
			if n.Owner, err = optionalEmail(owner); err != nil {
				return err
			}
			if n.Name == "" && len(n.Emails) == 0 {
				return usagef("a contact needs --name or --email")
			}
			c, later, err := o.AddContact(ctx, n)
			if err != nil {
				return err
			}
			return o.changedContact(c, later)
		}),
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "`name` of the person")
	cmd.Flags().StringArrayVar(&emails, "email", nil, "an e-mail `address`; may be repeated")
	cmd.Flags().StringVar(&n.Company, "company", "", "`name or id` of the company; made if it is new")
	cmd.Flags().StringVar(&owner, "owner", "", "`e-mail` of the user who looks after the contact")
	return cmd
}

// changedContact prints a contact after a change, and what that did to mail.
func (o *office) changedContact(c crm.Contact, later crm.Later) error {
	o.tell(later)
	return o.show(c, func(s *screen) { writeContact(s, c) })
}

func (a *app) contactList() *cobra.Command {
	var f store.Filter
	var owner string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List contacts, newest first",
		Example: "  blindcopy contact list --match client --limit 20",
		Args:    cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) (err error) {
			if f.Owner, err = optionalEmail(owner); err != nil {
				return err
			}
			return printList(ctx, o, f, f.Limit, o.store.Contacts, o.writeContacts)
		}),
	}
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&f.Match, "match", "", "only with this `text` in the name or an address")
	cmd.Flags().Int64Var(&f.Company, "company", 0, "only of the company with this `id`")
	cmd.Flags().StringVar(&owner, "owner", "", "only those of the user with this `e-mail`")
	return cmd
}

func (o *office) writeContacts(s *screen, contacts []crm.Contact, limit int) {
	if len(contacts) == 0 {
		o.nothing("No contacts.", `blindcopy contact add --name "Ben Carter" --email ben@client.example, or: blindcopy contact import FILE.csv`)
		return
	}
	t := newTable("ID", "NAME", "E-MAIL", "COMPANY", "OWNER")
	for _, c := range contacts {
		t.row(fmt.Sprint(c.ID), c.Name+mark(c.NeedsCheck), current(c.Emails), named(c.Company), string(c.Owner))
	}
	t.write(s)
	if slices.ContainsFunc(contacts, func(c crm.Contact) bool { return c.NeedsCheck }) {
		o.note("* made from mail, not looked at by a person yet")
	}
	o.more(len(contacts), limit)
}

func (a *app) contactShow() *cobra.Command {
	return showVerb(a, crm.KindContact, "  blindcopy contact show 7\n  blindcopy contact show ben@client.example", (*store.Store).Contact, writeContact)
}

func (a *app) contactEdit() *cobra.Command {
	var add, former, remove []string
	cmd := &cobra.Command{
		Use:   "edit ID",
		Short: "Change a contact",
		Long: `Changes what the flags name and leaves the rest. A former address still finds mail, but is no
longer written to; a removed one is forgotten, and what is filed stays.`,
		Example: `  blindcopy contact edit 7 --email ben@new.example --former ben@old.example
  blindcopy contact edit 7 --company ""`,
		Args: cobra.ExactArgs(1),
	}
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		e, err := contactEdit(cmd, add, former, remove)
		if err != nil {
			return err
		}
		id, err := o.recordID(ctx, crm.KindContact, args[0])
		if err != nil {
			return err
		}
		c, later, err := o.EditContact(ctx, id, e)
		if err != nil {
			return err
		}
		return o.changedContact(c, later)
	})
	cmd.Flags().String("name", "", "new `name`")
	cmd.Flags().String("company", "", `new company by `+"`name or id`"+`, made if new; "" for none`)
	cmd.Flags().String("owner", "", `new owner by `+"`e-mail`"+`; "" for none`)
	cmd.Flags().StringArrayVar(&add, "email", nil, "add this `address`; may be repeated")
	cmd.Flags().StringArrayVar(&former, "former", nil, "mark this `address` as former; may be repeated")
	cmd.Flags().StringArrayVar(&remove, "remove-email", nil, "remove this `address`; may be repeated")
	return cmd
}

func contactEdit(cmd *cobra.Command, add, former, remove []string) (e store.ContactEdit, err error) {
	if err := somethingChanged(cmd); err != nil {
		return e, err
	}
	e.Name, e.Company = changed(cmd, "name"), changed(cmd, "company")
	if e.Owner, err = changedEmail(cmd, "owner"); err != nil {
		return e, err
	}
	if e.Add, err = parseEmails(add); err != nil {
		return e, err
	}
	if e.Former, err = parseEmails(former); err != nil {
		return e, err
	}
	e.Remove, err = parseEmails(remove)
	return e, err
}

func (a *app) contactMerge() *cobra.Command {
	return &cobra.Command{
		Use:   "merge KEEP GONE",
		Short: "Merge two contacts that are one person; the first stays",
		Long: `Moves addresses, mail and deals of the second contact to the first, and removes the second.
This cannot be undone.`,
		Example: "  blindcopy contact merge 7 12",
		Args:    cobra.ExactArgs(2),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			keep, err := o.recordID(ctx, crm.KindContact, args[0])
			if err != nil {
				return err
			}
			gone, err := o.recordID(ctx, crm.KindContact, args[1])
			if err != nil {
				return err
			}
			if keep == gone {
				return usagef("contact %d cannot be merged with itself", keep)
			}
			c, later, err := o.MergeContacts(ctx, keep, gone)
			if err != nil {
				return err
			}
			return o.changedContact(c, later)
		}),
	}
}

func writeContact(s *screen, c crm.Contact) {
	s.fields(oneLine(title(c.Name, c.Emails)),
		field{"id", fmt.Sprint(c.ID)},
		field{"e-mail", s.emails(c.Emails)},
		field{"company", oneLine(named(c.Company))},
		field{"owner", string(c.Owner)},
		field{"check", made(c.NeedsCheck, c.CreatedByIntake)})
}
