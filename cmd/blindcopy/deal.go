package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// dealCommand is `blindcopy deal`.
func (a *app) dealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deal",
		Short: "Sales in progress, and those that ended",
		Long: `Mail with the contacts of a deal is filed on the deal where it is the only open one, or where the
conversation is on it already. Where several fit, a person chooses once and the conversation
follows; +deal7 in the BCC address chooses at once.`,
		Example: `  blindcopy deal add --title "New website" --contact 7 --owner anna@example.com
  blindcopy deal close 4 --won`,
	}
	cmd.AddCommand(a.dealAdd(), a.dealList(), a.dealShow(), a.dealEdit(), a.dealClose(), a.dealReopen())
	return cmd
}

func (a *app) dealAdd() *cobra.Command {
	var n store.NewDeal
	var owner string
	cmd := &cobra.Command{
		Use:     "add --title TITLE",
		Short:   "Add a deal",
		Example: `  blindcopy deal add --title "New website" --contact 7 --contact 8 --stage offer`,
		Args:    cobra.NoArgs,
		RunE: a.writing(func(ctx context.Context, o *office, _ []string) (err error) {
			if strings.TrimSpace(n.Title) == "" {
				return usagef("a deal needs --title")
			}
			if n.Owner, err = optionalEmail(owner); err != nil {
				return err
			}
			d, err := o.store.AddDeal(ctx, n)
			if err != nil {
				return err
			}
			return o.showWithOffers(ctx, d)
		}),
	}
	cmd.Flags().StringVar(&n.Title, "title", "", "`title` of the deal")
	cmd.Flags().Int64SliceVar(&n.Contacts, "contact", nil, "`id` of a contact; may be repeated")
	cmd.Flags().Int64Var(&n.Company, "company", 0, "`id` of the company")
	cmd.Flags().StringVar(&owner, "owner", "", "`e-mail` of the user whose deal it is")
	cmd.Flags().StringVar(&n.Stage, "stage", "", "`stage` it is in, in your own words")
	return cmd
}

func (a *app) dealList() *cobra.Command {
	var f store.Filter
	var owner, status string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List deals, newest first",
		Example: "  blindcopy deal list --status open --owner anna@example.com",
		Args:    cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) (err error) {
			if f.Owner, err = optionalEmail(owner); err != nil {
				return err
			}
			if f.Status, err = oneOf("--status", status, crm.DealOpen, crm.DealWon, crm.DealLost); err != nil {
				return err
			}
			return printList(ctx, o, f, f.Limit, o.store.Deals, o.writeDeals)
		}),
	}
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&status, "status", "", "only with this `status`: open, won or lost")
	choices(cmd, "status", crm.DealOpen, crm.DealWon, crm.DealLost)
	cmd.Flags().StringVar(&f.Match, "match", "", "only with this `text` in the title")
	cmd.Flags().Int64Var(&f.Contact, "contact", 0, "only of the contact with this `id`")
	cmd.Flags().Int64Var(&f.Company, "company", 0, "only of the company with this `id`")
	cmd.Flags().StringVar(&owner, "owner", "", "only those of the user with this `e-mail`")
	return cmd
}

func (o *office) writeDeals(s *screen, deals []crm.Deal, limit int) {
	if len(deals) == 0 {
		o.nothing("No deals.", `blindcopy deal add --title "New website" --contact ID`)
		return
	}
	t := newTable("ID", "TITLE", "STATUS", "STAGE", "COMPANY", "CONTACTS", "OWNER")
	for _, d := range deals {
		t.row(fmt.Sprint(d.ID), d.Title, string(d.Status), d.Stage, named(d.Company), namedList(d.Contacts, ", "), string(d.Owner))
	}
	t.write(s)
	o.more(len(deals), limit)
}

func (a *app) dealShow() *cobra.Command {
	return showVerb(a, crm.KindDeal, "  blindcopy deal show 4", (*store.Store).Deal, writeDeal)
}

func (a *app) dealEdit() *cobra.Command {
	var add, remove []int64
	cmd := &cobra.Command{
		Use:     "edit ID",
		Short:   "Change a deal",
		Example: "  blindcopy deal edit 4 --stage negotiation --contact 9",
		Args:    cobra.ExactArgs(1),
	}
	company := cmd.Flags().Int64("company", 0, "new company by `id`; 0 for none")
	cmd.RunE = a.writing(func(ctx context.Context, o *office, args []string) error {
		if err := somethingChanged(cmd); err != nil {
			return err
		}
		id, err := parseID("deal", args[0])
		if err != nil {
			return err
		}
		e := store.DealEdit{Title: changed(cmd, "title"), Stage: changed(cmd, "stage"), AddContacts: add, RemoveContacts: remove}
		if cmd.Flags().Changed("company") {
			e.Company = company
		}
		if e.Owner, err = changedEmail(cmd, "owner"); err != nil {
			return err
		}
		d, err := o.store.EditDeal(ctx, id, e)
		if err != nil {
			return err
		}
		if len(add) > 0 {
			return o.showWithOffers(ctx, d)
		}
		return o.show(d, func(s *screen) { writeDeal(s, d) })
	})
	cmd.Flags().String("title", "", "new `title`")
	cmd.Flags().String("stage", "", "new `stage`")
	cmd.Flags().String("owner", "", `new owner by `+"`e-mail`"+`; "" for none`)
	cmd.Flags().Int64SliceVar(&add, "contact", nil, "add the contact with this `id`; may be repeated")
	cmd.Flags().Int64SliceVar(&remove, "remove-contact", nil, "remove the contact with this `id`; may be repeated")
	return cmd
}

func (a *app) dealClose() *cobra.Command {
	var won, lost bool
	cmd := &cobra.Command{
		Use:     "close ID --won|--lost",
		Short:   "Close a deal",
		Long:    "Closes a deal. Mail of its conversations is still filed on it for 30 days.",
		Example: "  blindcopy deal close 4 --won",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			id, err := parseID("deal", args[0])
			if err != nil {
				return err
			}
			d, err := o.store.CloseDeal(ctx, id, won)
			if err != nil {
				return err
			}
			return o.show(d, func(s *screen) { writeDeal(s, d) })
		}),
	}
	cmd.Flags().BoolVar(&won, "won", false, "it was won")
	cmd.Flags().BoolVar(&lost, "lost", false, "it was lost")
	cmd.MarkFlagsOneRequired("won", "lost")
	cmd.MarkFlagsMutuallyExclusive("won", "lost")
	return cmd
}

func (a *app) dealReopen() *cobra.Command {
	return &cobra.Command{
		Use:   "reopen ID",
		Short: "Take back that a deal ended",
		Long: `The deal is open again, and mail of its conversations is filed on it. Conversations that went on
without it while it was closed are offered: nothing moves by itself.`,
		Example: "  blindcopy deal reopen 4",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			id, err := parseID("deal", args[0])
			if err != nil {
				return err
			}
			d, err := o.store.ReopenDeal(ctx, id)
			if err != nil {
				return err
			}
			return o.showWithOffers(ctx, d)
		}),
	}
}

func writeDeal(s *screen, d crm.Deal) {
	s.fields(oneLine(d.Title),
		field{"id", fmt.Sprint(d.ID)},
		field{"status", s.dealStatus(d)},
		field{"stage", oneLine(d.Stage)},
		field{"company", oneLine(named(d.Company))},
		field{"contacts", namedList(d.Contacts, "\n")},
		field{"owner", string(d.Owner)})
}

func (s *screen) dealStatus(d crm.Deal) string {
	if d.ClosedAt == nil {
		return string(d.Status)
	}
	return string(d.Status) + " on " + d.ClosedAt.In(s.zone).Format(dateLayout)
}
