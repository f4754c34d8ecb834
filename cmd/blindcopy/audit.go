package main

import (
	"context"
	"fmt"
	"os/user"

	"github.com/spf13/cobra"

	"blindcopy/crm"
)

// auditCommand is `blindcopy audit`.
func (a *app) auditCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Who changed what: people, records, rules, the database",
		Long: `Every act that changes users, records, rules or the database is noted with who did it. What became of
a mail is no act of anybody: blindcopy explain tells that.`,
		Example: `  blindcopy audit list --since 7d
  blindcopy audit list --object contact:7`,
	}
	cmd.AddCommand(a.auditList())
	return cmd
}

func (a *app) auditList() *cobra.Command {
	var f crm.AuditFilter
	var since string
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List acts, newest first",
		Example: "  blindcopy audit list --object anna@example.com --since yesterday",
		Args:    cobra.NoArgs,
		RunE: a.reading(func(ctx context.Context, o *office, _ []string) (err error) {
			if f.Since, err = parseSince(since, o.now(), o.screen.zone); err != nil {
				return err
			}
			return printList(ctx, o, f, f.Limit, o.store.Audit, o.writeAudit)
		}),
	}
	limitFlag(cmd, &f.Limit)
	cmd.Flags().StringVar(&f.Object, "object", "", "only what was done to this `object`: contact:7, contact, a user's e-mail, a pattern, database")
	cmd.Flags().StringVar(&since, "since", "", "only since this `time`: 2h, 7d, today, 2026-03-14")
	return cmd
}

func (o *office) writeAudit(s *screen, list []crm.AuditEntry, limit int) {
	if len(list) == 0 {
		o.nothing("Nothing was changed.", "")
		return
	}
	t := newTable("WHEN", "WHO", "VIA", "ACT", "OBJECT", "DETAIL")
	for _, e := range list {
		t.row(s.moment(e.At), e.Actor, e.Via, e.Act, e.Object, e.DetailText())
	}
	t.write(s)
	o.more(len(list), limit)
}

// acting returns a context in which changes are made in the name of the user of --as, or of the operator.
func (o *office) acting(ctx context.Context) (context.Context, error) {
	if o.as == "" {
		return crm.WithActor(ctx, crm.Actor{Name: operatorName(o.env), Via: "command"}), nil
	}
	u, err := o.user(ctx, o.as)
	if err != nil {
		return ctx, fmt.Errorf("--as %s: %w", o.as, err)
	}
	return crm.WithActor(ctx, crm.Actor{User: u.ID, Name: string(u.Email), Via: "command"}), nil
}

// operatorName is "operator", with the account that a person came from, if that is known.
func operatorName(env environment) string {
	account := env.get("SUDO_USER")
	if account == "" {
		if u, err := user.Current(); err == nil {
			account = u.Username
		}
	}
	if account == "" {
		return "operator"
	}
	return "operator (" + oneLine(account) + ")"
}
