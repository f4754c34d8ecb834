package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// leadCommand is `blindcopy lead`.
func (a *app) leadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lead",
		Short: "People we began to write with and do not know yet",
		Long: `Mail to an unknown address makes a lead. Convert it once the person matters: its mail goes along.
A dismissed lead keeps its address from making another.`,
		Example: `  blindcopy lead list
  blindcopy lead convert 5 --name "Ben Carter" --company "Client Ltd"`,
	}
	cmd.AddCommand(a.leadList(), a.leadShow(), a.leadConvert(), a.leadDismiss())
	return cmd
}

func (a *app) leadList() *cobra.Command {
	var f store.LeadFilter
	var status string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List leads, newest first",
		Example: "  blindcopy lead list --status open",
		Args:    cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) (err error) {
			if f.Status, err = oneOf("--status", status, crm.LeadOpen, crm.LeadConverted, crm.LeadDismissed); err != nil {
				return err
			}
			return printList(ctx, o, f, f.Limit, o.store.Leads, o.writeLeads)
		}),
	}
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&status, "status", "", "only with this `status`: open, converted or dismissed")
	choices(cmd, "status", crm.LeadOpen, crm.LeadConverted, crm.LeadDismissed)
	cmd.Flags().StringVar(&f.Match, "match", "", "only with this `text` in the title, name or an address")
	return cmd
}

func (o *office) writeLeads(s *screen, leads []crm.Lead, limit int) {
	if len(leads) == 0 {
		o.nothing("No leads.", "They come by themselves, from mail to addresses that nobody knows.")
		return
	}
	t := newTable("ID", "TITLE", "NAME", "E-MAIL", "STATUS", "RESPONSIBLE", "SINCE")
	for _, l := range leads {
		t.row(fmt.Sprint(l.ID), l.Title, l.Name, current(l.Emails), string(l.Status), string(l.Responsible), s.moment(l.CreatedAt))
	}
	t.write(s)
	o.more(len(leads), limit)
}

func (a *app) leadShow() *cobra.Command {
	return showVerb(a, crm.KindLead, "  blindcopy lead show 5", (*store.Store).Lead, writeLead)
}

// convertReport is the lead as it then is, and the contact it became.
type convertReport struct {
	crm.Lead
	Contact crm.Contact `json:"contact"`
}

func (a *app) leadConvert() *cobra.Command {
	var c store.ConvertLead
	var owner string
	cmd := &cobra.Command{
		Use:   "convert ID",
		Short: "Make a contact of a lead; its mail goes along",
		Example: `  blindcopy lead convert 5 --name "Ben Carter" --company "Client Ltd"
  blindcopy lead convert 5 --contact 7`,
		Args: cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			id, err := o.recordID(ctx, crm.KindLead, args[0])
			if err != nil {
				return err
			}
			if c.Owner, err = optionalEmail(owner); err != nil {
				return err
			}
			done, err := o.ConvertLead(ctx, id, c, "")
			if err != nil {
				return err
			}
			o.tell(done.Later)
			r := convertReport{done.Lead, done.Contact}
			return o.show(r, func(s *screen) {
				writeLead(s, r.Lead)
				s.line()
				writeContact(s, r.Contact)
			})
		}),
	}
	cmd.Flags().StringVar(&c.Name, "name", "", "`name` of the contact; the lead's if left out")
	cmd.Flags().StringVar(&c.Company, "company", "", "`name or id` of the company; made if it is new")
	cmd.Flags().Int64Var(&c.Contact, "contact", 0, "`id` of a contact that takes the addresses instead of a new one")
	cmd.Flags().StringVar(&owner, "owner", "", "`e-mail` of the user who looks after the contact")
	return cmd
}

func (a *app) leadDismiss() *cobra.Command {
	return &cobra.Command{
		Use:     "dismiss ID",
		Short:   "Close a lead that leads nowhere; its address makes no other",
		Example: "  blindcopy lead dismiss 5",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			id, err := o.recordID(ctx, crm.KindLead, args[0])
			if err != nil {
				return err
			}
			l, err := o.store.DismissLead(ctx, id)
			if err != nil {
				return err
			}
			return o.show(l, func(s *screen) { writeLead(s, l) })
		}),
	}
}

func writeLead(s *screen, l crm.Lead) {
	became := ""
	if l.ContactID != nil {
		became = fmt.Sprintf("contact:%d", *l.ContactID)
	}
	s.fields(oneLine(l.Title),
		field{"id", fmt.Sprint(l.ID)},
		field{"status", string(l.Status)},
		field{"name", oneLine(l.Name)},
		field{"e-mail", s.emails(l.Emails)},
		field{"responsible", string(l.Responsible)},
		field{"since", s.moment(l.CreatedAt)},
		field{"became", became},
		field{"check", made(l.NeedsCheck, l.CreatedByIntake)})
}
