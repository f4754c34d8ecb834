package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// companyCommand is `blindcopy company`.
func (a *app) companyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "company",
		Short: "Organisations of your clients",
		Long: `A company is found by its own addresses and, where nobody there is a contact, by its domains. Mail
with its contacts is on its timeline too.`,
		Example: `  blindcopy company add --name "Client Ltd" --domain client.example
  blindcopy timeline company:3`,
	}
	cmd.AddCommand(a.companyAdd(), a.companyList(), a.companyShow(), a.companyEdit())
	return cmd
}

func (a *app) companyAdd() *cobra.Command {
	var n store.NewCompany
	var domains, emails []string
	var owner string
	cmd := &cobra.Command{
		Use:     "add --name NAME",
		Short:   "Add a company",
		Example: `  blindcopy company add --name "Client Ltd" --domain client.example --domain client.test`,
		Args:    cobra.NoArgs,
		RunE: a.writing(func(ctx context.Context, o *office, _ []string) (err error) {
			if strings.TrimSpace(n.Name) == "" {
				return usagef("a company needs --name")
			}
			if n.Domains, err = parseDomains(domains); err != nil {
				return err
			}
			if n.Emails, err = parseEmails(emails); err != nil {
				return err
			}
			if n.Owner, err = optionalEmail(owner); err != nil {
				return err
			}
			c, later, err := o.AddCompany(ctx, n)
			if err != nil {
				return err
			}
			return o.changedCompany(c, later)
		}),
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "`name` of the company")
	cmd.Flags().StringArrayVar(&domains, "domain", nil, "an e-mail `domain` of the company; may be repeated")
	cmd.Flags().StringArrayVar(&emails, "email", nil, "an `address` of the company itself, such as office@...; may be repeated")
	cmd.Flags().StringVar(&owner, "owner", "", "`e-mail` of the user who looks after it")
	return cmd
}

// parseDomains reads the domains of flags.
func parseDomains(texts []string) ([]string, error) {
	list, err := normalDomains(texts)
	if err != nil {
		return nil, usageError{err.Error()}
	}
	return list, nil
}

func (o *office) changedCompany(c crm.Company, later crm.Later) error {
	o.tell(later)
	return o.show(c, func(s *screen) { writeCompany(s, c) })
}

func (a *app) companyList() *cobra.Command {
	var f store.Filter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List companies, newest first",
		Args:  cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) error {
			return printList(ctx, o, f, f.Limit, o.store.Companies, o.writeCompanies)
		}),
	}
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&f.Match, "match", "", "only with this `text` in the name, a domain or an address")
	return cmd
}

func (o *office) writeCompanies(s *screen, companies []crm.Company, limit int) {
	if len(companies) == 0 {
		o.nothing("No companies.", `blindcopy company add --name "Client Ltd" --domain client.example`)
		return
	}
	t := newTable("ID", "NAME", "DOMAINS", "E-MAIL", "OWNER")
	for _, c := range companies {
		t.row(fmt.Sprint(c.ID), c.Name+mark(c.NeedsCheck), domainsOf(c.Domains, ", "), current(c.Emails), string(c.Owner))
	}
	t.write(s)
	o.more(len(companies), limit)
}

func (a *app) companyShow() *cobra.Command {
	return showVerb(a, crm.KindCompany, "  blindcopy company show 3", (*store.Store).Company, writeCompany)
}

func (a *app) companyEdit() *cobra.Command {
	var domains, noDomains, add, former, remove []string
	cmd := &cobra.Command{
		Use:     "edit ID",
		Short:   "Change a company",
		Example: "  blindcopy company edit 3 --domain client.test --remove-domain old.example",
		Args:    cobra.ExactArgs(1),
	}
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		people, err := contactEdit(cmd, add, former, remove) // the same flags mean the same
		if err != nil {
			return err
		}
		e := store.CompanyEdit{Name: people.Name, Add: people.Add, Former: people.Former, Remove: people.Remove, Owner: people.Owner}
		if e.AddDomains, err = parseDomains(domains); err != nil {
			return err
		}
		if e.RemoveDomains, err = parseDomains(noDomains); err != nil {
			return err
		}
		id, err := o.recordID(ctx, crm.KindCompany, args[0])
		if err != nil {
			return err
		}
		c, later, err := o.EditCompany(ctx, id, e)
		if err != nil {
			return err
		}
		return o.changedCompany(c, later)
	})
	cmd.Flags().String("name", "", "new `name`")
	cmd.Flags().String("owner", "", `new owner by `+"`e-mail`"+`; "" for none`)
	cmd.Flags().StringArrayVar(&domains, "domain", nil, "add this `domain`; may be repeated")
	cmd.Flags().StringArrayVar(&noDomains, "remove-domain", nil, "remove this `domain`; may be repeated")
	cmd.Flags().StringArrayVar(&add, "email", nil, "add this `address`; may be repeated")
	cmd.Flags().StringArrayVar(&former, "former", nil, "mark this `address` as former; may be repeated")
	cmd.Flags().StringArrayVar(&remove, "remove-email", nil, "remove this `address`; may be repeated")
	return cmd
}

func writeCompany(s *screen, c crm.Company) {
	s.fields(oneLine(c.Name),
		field{"id", fmt.Sprint(c.ID)},
		field{"domains", domainsOf(c.Domains, "\n")},
		field{"e-mail", s.emails(c.Emails)},
		field{"owner", string(c.Owner)},
		field{"check", made(c.NeedsCheck, c.CreatedByIntake)})
}
