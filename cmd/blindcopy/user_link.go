package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

func (a *app) userInvite() *cobra.Command {
	var n store.NewUser
	var file string
	cmd := &cobra.Command{
		Use:   "invite EMAIL | --file FILE",
		Short: "Print a link with which a user chooses a first password",
		Long: `Prints a link to the pages, for the user alone: whoever has it can choose the password. It works once,
for 7 days. A user who is not there yet is added.

A file is CSV with columns such as name, email and role, or has one person a line. Who signs in already is left
alone; lines that cannot be read are named, and the others invited.`,
		Example: `  blindcopy user invite karl@example.com --name "Karl Brandt"
  blindcopy user invite --file team.csv
  blindcopy user invite --file team.csv --dry-run`,
	}
	dryRun := cmd.Flags().Bool("dry-run", false, "of a file, say what would happen and write nothing")
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if file != "" {
			return cobra.NoArgs(cmd, args)
		}
		return cobra.ExactArgs(1)(cmd, args)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if file == "" {
			return a.writing(func(ctx context.Context, o *office, args []string) error { return o.userInvite(ctx, n, args[0]) })(cmd, args)
		}
		role := crm.RoleManager
		if n.Admin {
			role = crm.RoleAdmin
		}
		data, err := a.readInput(file, maxInviteList)
		if err != nil {
			return err
		}
		in := a.writing
		if *dryRun {
			in = a.reading
		}
		return in(func(ctx context.Context, o *office, _ []string) error {
			return o.userInviteFile(ctx, data, role, *dryRun)
		})(cmd, args)
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "`name` of a user who is added")
	cmd.Flags().BoolVar(&n.Admin, "admin", false, "a user who is added is an admin; of a file, who has no role in it")
	cmd.Flags().StringVar(&file, "file", "", "invite all of a list; - is the standard input")
	return cmd
}

func (o *office) userInvite(ctx context.Context, n crm.NewUser, email string) error {
	u, err := o.user(ctx, email)
	if n.Email = u.Email; errors.Is(err, crm.ErrNotFound) {
		n.Email, err = parseEmail(email)
	}
	if err != nil {
		return err
	}
	link, later, err := o.Invite(ctx, n)
	o.tell(later)
	return o.printLink(link, err)
}

// userInviteFile invites all of a list, or shows what that would do.
func (o *office) userInviteFile(ctx context.Context, data []byte, role crm.Role, dryRun bool) error {
	rows, err := o.PlanInvitations(ctx, data, role)
	if err != nil {
		return err
	}
	var people []crm.NewUser
	for _, row := range rows {
		if row.State.Makes() {
			people = append(people, row.Person)
		} else if !dryRun {
			o.note("Line %d is left out: %s.", row.Line, row.Why)
		}
	}
	if dryRun {
		return o.show(rows, func(s *screen) { writeInvitationRows(s, rows) })
	}
	done, later, err := o.InviteAll(ctx, people)
	o.tell(later)
	if err != nil {
		return err
	}
	if done == nil {
		done = []crm.Invited{}
	}
	return o.show(done, func(s *screen) {
		t := newTable("NAME", "E-MAIL", "BCC ADDRESS", "LINK")
		for _, one := range done {
			t.row(one.User.Name, string(one.User.Email), string(one.User.BCCAddress), one.Link.URL+one.Problem)
		}
		t.write(s)
	})
}

func writeInvitationRows(s *screen, rows []crm.InvitationRow) {
	t := newTable("LINE", "NAME", "E-MAIL", "ROLE", "WOULD")
	words := map[crm.InvitationState]string{crm.InviteNew: "be added", crm.InviteAgain: "get a fresh link"}
	for _, row := range rows {
		role := crm.RoleManager
		if row.Person.Admin {
			role = crm.RoleAdmin
		}
		would := words[row.State]
		if would == "" {
			would = "be left out: " + row.Why
		}
		t.row(fmt.Sprint(row.Line), row.Person.Name, string(row.Person.Email), string(role), would)
	}
	t.write(s)
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
