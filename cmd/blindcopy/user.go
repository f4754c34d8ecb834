package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// userCommand is `blindcopy user`.
func (a *app) userCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Managers of the company and their BCC addresses",
		Long: `A user is a manager whose mail is tracked. Each has a secret BCC address, and the addresses he
writes from: mail is believed to be his only from those.`,
		Example: `  blindcopy user add anna@example.com --name "Anna Weber" --address a.weber@example.com
  blindcopy user card anna@example.com --qr
  blindcopy user absent anna@example.com --until 2026-12-01
  blindcopy user rotate anna@example.com`,
	}
	cmd.AddCommand(a.userAdd(), a.userList(), a.userShow(), a.userActive("disable", false), a.userActive("enable", true),
		a.userAbsent(), a.userPresent(), a.userAddress(), a.userRotate(), a.userCard(),
		a.userInvite(), a.userReset(), a.userToken())
	return cmd
}

func (a *app) userAdd() *cobra.Command {
	var n store.NewUser
	var addresses []string
	cmd := &cobra.Command{
		Use:     "add EMAIL",
		Short:   "Add a user and make a BCC address",
		Example: `  blindcopy user add anna@example.com --name "Anna Weber" --admin`,
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) (err error) {
			if n.Email, err = parseEmail(args[0]); err != nil {
				return err
			}
			if n.Addresses, err = parseEmails(addresses); err != nil {
				return err
			}
			u, err := o.store.AddUser(ctx, n)
			if err != nil {
				return err
			}
			return o.changedUser(ctx, u, append(n.Addresses, n.Email))
		}),
	}
	cmd.Flags().StringVar(&n.Name, "name", "", "`name` for people")
	cmd.Flags().BoolVar(&n.Admin, "admin", false, "may change other users and the company's rules")
	cmd.Flags().StringArrayVar(&addresses, "address", nil, "a further `address` the user writes from; may be repeated")
	return cmd
}

// changedUser prints a user after a change, once mail that waited for it is filed.
func (o *office) changedUser(ctx context.Context, u crm.User, addresses []crm.Address) error {
	if err := o.rerun(ctx, addresses, nil); err != nil {
		return err
	}
	return o.showUser(u)
}

func (a *app) userList() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List users, newest first",
		Args:  cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) error {
			if err := checkLimit(limit); err != nil {
				return err
			}
			users, err := o.store.Users(ctx)
			if err != nil {
				return err
			}
			v, err := o.viewer(ctx)
			if err != nil {
				return err
			}
			users = head(users, limit)
			for i := range users {
				users[i] = v.User(users[i])
			}
			shown := make([]shownUser, len(users))
			for i, u := range users {
				shown[i] = o.shownUser(u)
			}
			return o.show(shown, func(s *screen) { o.writeUsers(s, users) })
		}),
	}
	limitFlag(cmd, &limit)
	return cmd
}

func (o *office) writeUsers(s *screen, users []crm.User) {
	if len(users) == 0 {
		o.nothing("There are no users yet.", "blindcopy user add EMAIL --admin")
		return
	}
	t := newTable("ID", "NAME", "E-MAIL", "ROLE", "BCC ADDRESS")
	for _, u := range users {
		role := string(u.Role)
		if !u.Active {
			role += ", disabled"
		}
		if away := o.absence(u); away.Covers(o.now()) {
			role += ", absent"
		}
		t.row(fmt.Sprint(u.ID), u.Name, string(u.Email), role, string(u.BCCAddress))
	}
	t.write(s)
}

func (a *app) userShow() *cobra.Command {
	return &cobra.Command{
		Use:   "show EMAIL",
		Short: "Show a user",
		Args:  cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			v, err := o.viewer(ctx)
			if err != nil {
				return err
			}
			u, err := o.user(ctx, args[0])
			if err != nil {
				return err
			}
			return o.showUser(v.User(u))
		}),
	}
}

// user finds a user by any of his addresses, or by his number.
func (o *office) user(ctx context.Context, text string) (crm.User, error) {
	if !strings.Contains(text, "@") {
		id, err := parseID("user", text)
		if err != nil {
			return crm.User{}, usagef("%q is no e-mail address of a user", text)
		}
		return o.store.UserByID(ctx, crm.UserID(id))
	}
	email, err := parseEmail(text)
	if err != nil {
		return crm.User{}, err
	}
	return o.store.User(ctx, email)
}

// userActive makes `user disable` and `user enable`.
func (a *app) userActive(verb string, active bool) *cobra.Command {
	short := "Refuse mail to a user's BCC address; what is filed stays"
	if active {
		short = "Take mail to a user's BCC address again"
	}
	return &cobra.Command{
		Use:   verb + " EMAIL",
		Short: short,
		Args:  cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			u, err := o.user(ctx, args[0])
			if err != nil {
				return err
			}
			u, later, err := o.SetUserActive(ctx, u.ID, active)
			return o.told(u, later, err)
		}),
	}
}

func userAddresses(u crm.User) []crm.Address {
	var list []crm.Address
	for _, ua := range u.Addresses {
		list = append(list, ua.Address)
	}
	return list
}

// told prints a user after an act, and what it did besides.
func (o *office) told(u crm.User, later crm.Later, err error) error {
	o.tell(later)
	if err != nil {
		return err
	}
	return o.showUser(u)
}

func (a *app) userAddress() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "address",
		Short:   "The addresses a user writes from",
		Example: "  blindcopy user address add anna@example.com a.weber@example.com",
	}
	change := func(verb, short string, do func(*office, context.Context, crm.UserID, crm.Address) (crm.User, crm.Later, error)) {
		cmd.AddCommand(&cobra.Command{
			Use:   verb + " EMAIL ADDRESS",
			Short: short,
			Args:  cobra.ExactArgs(2),
			RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
				address, err := parseEmail(args[1])
				if err != nil {
					return err
				}
				u, err := o.user(ctx, args[0])
				if err != nil {
					return err
				}
				u, later, err := do(o, ctx, u.ID, address)
				return o.told(u, later, err)
			}),
		})
	}
	change("add", "Add a verified address; mail that was held for it is filed", (*office).ConfirmAddress)
	change("remove", "Remove an address; mail filed under it stays", (*office).DropAddress)
	return cmd
}

func (a *app) userRotate() *cobra.Command {
	var compromised bool
	cmd := &cobra.Command{
		Use:   "rotate EMAIL",
		Short: "Make a new BCC address; the old one works for a grace period",
		Long: `Makes a new BCC address. Mail to the old one is still taken for bcc.rotation_grace (30 days), so
that the user has time to save the new one. A compromised address is refused at once.`,
		Example: "  blindcopy user rotate anna@example.com --compromised",
		Args:    cobra.ExactArgs(1),
		RunE: a.writing(func(ctx context.Context, o *office, args []string) error {
			u, err := o.user(ctx, args[0])
			if err != nil {
				return err
			}
			if u, err = o.store.RotateBCC(ctx, u.ID, compromised); err != nil {
				return err
			}
			if err := o.showUser(u); err != nil {
				return err
			}
			o.hint("Give the new address to the user: blindcopy user card %s --qr", u.Email)
			return nil
		}),
	}
	cmd.Flags().BoolVar(&compromised, "compromised", false, "refuse the old address from now on")
	return cmd
}

func (o *office) writeUser(s *screen, u crm.User) {
	role := string(u.Role)
	if !u.Active {
		role += ", disabled: mail to the BCC address is refused"
	}
	var addresses, past []string
	for _, ua := range u.Addresses {
		text := string(ua.Address)
		if !ua.Verified {
			text += " (not verified)"
		}
		addresses = append(addresses, text)
	}
	for _, b := range u.BCCAddresses {
		if b.Address != u.BCCAddress {
			past = append(past, s.pastBCC(b))
		}
	}
	s.fields(oneLine(crm.Party{Name: u.Name, Address: u.Email}.String()),
		field{"id", fmt.Sprint(u.ID)},
		field{"role", role},
		field{"absent", o.absenceWords(u)},
		field{"writes from", strings.Join(addresses, "\n")},
		field{"BCC address", string(u.BCCAddress)},
		field{"earlier", strings.Join(past, "\n")})
}

func (s *screen) pastBCC(b crm.BCCAddress) string {
	text := fmt.Sprintf("%s (%s", b.Address, b.State)
	if b.Until != nil && b.State == crm.BCCRotating {
		text += " until " + b.Until.In(s.zone).Format(dateLayout)
	}
	if b.LastUsedAt != nil {
		text += ", last used " + b.LastUsedAt.In(s.zone).Format(dateLayout)
	}
	return text + ")"
}
