package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

func (a *app) userInvite() *cobra.Command {
	var n store.NewUser
	cmd := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Print a link with which a user chooses a first password",
		Long: `Prints a link to the pages, for the user alone: whoever has it can choose the password. It works once,
for 7 days. A user who is not there yet is added.`,
		Example: `  blindcopy user invite karl@example.com --name "Karl Brandt"`,
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			u, err := o.user(ctx, args[0])
			if n.Email = u.Email; errors.Is(err, crm.ErrNotFound) {
				n.Email, err = parseEmail(args[0])
			}
			if err != nil {
				return err
			}
			link, later, err := o.Invite(ctx, n)
			o.tell(later)
			return o.printLink(link, err)
		}),
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "`name` of a user who is added")
	cmd.Flags().BoolVar(&n.Admin, "admin", false, "a user who is added is an admin")
	return cmd
}

func (a *app) userReset() *cobra.Command {
	return &cobra.Command{
		Use:   "reset EMAIL",
		Short: "Print a link with which a user chooses a new password",
		Long: `Prints a link to the pages, for the user alone: whoever has it can choose the password. It works once,
for an hour, and signs the user out everywhere when it is used.`,
		Example: "  blindcopy user reset karl@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			u, err := o.user(ctx, args[0])
			if err != nil {
				return err
			}
			return o.printLink(o.SignInLink(ctx, crm.TicketReset, u.ID))
		}),
	}
}

func (o *office) printLink(link crm.SignInLink, err error) error {
	if err != nil {
		return err
	}
	if o.cfg.Web.Listen == "" {
		o.note("Warning: web.listen is none, so no page answers.")
	}
	return o.show(link, func(s *screen) {
		s.line(link.URL)
		o.note("For %s alone. It works once, until %s.", link.User, s.moment(link.Expires))
	})
}
