package main

import (
	"context"

	"github.com/spf13/cobra"

	"blindcopy/crm"
)

// madeToken is a token when it is made: the only time that it is shown.
type madeToken struct {
	crm.APIToken
	User  crm.Address `json:"user"`
	Token crm.Secret  `json:"token"`
}

func (a *app) userToken() *cobra.Command {
	var name string
	cmd := &cobra.Command{
		Use:   "token EMAIL --name N",
		Short: "Make a token with which a program acts as a user",
		Long: `Prints a token for the JSON API, once: we keep only its hash. A program that sends it as
"Authorization: Bearer TOKEN" sees and does what the user may. The user sees and revokes tokens in the
pages, under My address.`,
		Example: `  blindcopy user token anna@example.com --name "nightly export"`,
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			u, err := o.user(ctx, args[0])
			if err != nil {
				return err
			}
			made, secret, err := o.store.AddAPIToken(ctx, u.ID, name)
			if err != nil {
				return err
			}
			return o.show(madeToken{made, u.Email, secret}, func(s *screen) {
				s.line(string(secret))
				o.note("For programs of %s. It is not shown again.", u.Email)
			})
		}),
	}
	cmd.Flags().StringVar(&name, "name", "", "what the token is for, as a `name`")
	return cmd
}
