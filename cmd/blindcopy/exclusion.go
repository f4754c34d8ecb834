package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"blindcopy/crm"
)

// exclusionCommand is `blindcopy exclusion`.
func (a *app) exclusionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "exclusion",
		Short: "The never-log list",
		Long: `Mail with an excluded address is not filed to it and makes nothing of it; where nobody else is in
the mail, its content is not kept. A pattern is an address, a domain or *.domain.`,
		Example: `  blindcopy exclusion add lawyer@firm.example
  blindcopy exclusion add "*.bank.example" --user anna@example.com`,
	}
	cmd.AddCommand(a.exclusionAdd(), a.exclusionList(), a.exclusionRemove())
	return cmd
}

func (a *app) exclusionAdd() *cobra.Command {
	var user string
	cmd := &cobra.Command{
		Use:     "add PATTERN",
		Short:   "Keep an address or domain out of the CRM; what is filed stays",
		Example: "  blindcopy exclusion add bank.example",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			pattern, err := crm.NormalPattern(args[0])
			if err != nil {
				return usageError{err.Error()}
			}
			email, err := optionalEmail(user)
			if err != nil {
				return err
			}
			e, later, err := o.Exclude(ctx, pattern, email)
			return o.changedExclusion(e, later, err)
		}),
	}
	cmd.Flags().StringVar(&user, "user", "", "only for mail of the user with this `e-mail`")
	return cmd
}

// changedExclusion prints an exclusion after a change, and what it did to held mail.
func (o *office) changedExclusion(e crm.Exclusion, later crm.Later, err error) error {
	o.tell(later)
	if err != nil {
		return err
	}
	return o.show(e, func(s *screen) { writeExclusion(s, e) })
}

func (a *app) exclusionList() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List exclusions, newest first",
		Args:  cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) error {
			if err := checkLimit(limit); err != nil {
				return err
			}
			list, err := o.store.Exclusions(ctx)
			if err != nil {
				return err
			}
			list = head(list, limit)
			return o.show(orEmpty(list), func(s *screen) { o.writeExclusions(s, list) })
		}),
	}
	limitFlag(cmd, &limit)
	return cmd
}

func (o *office) writeExclusions(s *screen, list []crm.Exclusion) {
	if len(list) == 0 {
		o.nothing("Nothing is excluded.", "blindcopy exclusion add lawyer@firm.example")
		return
	}
	t := newTable("ID", "PATTERN", "FOR", "SINCE")
	for _, e := range list {
		t.row(fmt.Sprint(e.ID), e.Pattern, everybody(e.User), s.moment(e.CreatedAt))
	}
	t.write(s)
}

func everybody(user crm.Address) string {
	if user == "" {
		return "everybody"
	}
	return string(user)
}

func (a *app) exclusionRemove() *cobra.Command {
	return &cobra.Command{
		Use:     "remove ID-OR-PATTERN",
		Short:   "Track an address or domain again",
		Example: "  blindcopy exclusion remove bank.example",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			e, later, err := o.Include(ctx, args[0])
			return o.changedExclusion(e, later, err)
		}),
	}
}

func writeExclusion(s *screen, e crm.Exclusion) {
	s.fields(e.Pattern, field{"id", fmt.Sprint(e.ID)}, field{"for", everybody(e.User)}, field{"since", s.moment(e.CreatedAt)})
}
