package main

import (
	"context"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// restoreCommand is `blindcopy restore`.
func (a *app) restoreCommand() *cobra.Command {
	var force bool
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: "Put a backup in the place of the database",
		Long: `Copies FILE, which blindcopy backup has made, and the larger messages in FILE.files to where the
configuration says that the database lies. The copy is brought up to date and read to its last byte before
anything is touched. The server must be stopped.

A database that is there is not overwritten. With --force it is moved aside, with its messages, and
nothing is deleted.`,
		Example: `  systemctl stop blindcopy
  blindcopy restore /var/backups/blindcopy-2026-03-02.db --force
  systemctl start blindcopy`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.as != "" {
				return usagef("a restore is the operator's work: leave --as out")
			}
			return a.restore(cmd.Context(), args[0], force)
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "move the database that is there aside")
	return cmd
}

func (a *app) restore(ctx context.Context, from string, force bool) error {
	cfg, err := a.config()
	if err != nil {
		return err
	}
	ctx = crm.WithActor(ctx, crm.Actor{Name: operatorName(a.env), Via: "command"})
	a.note("Copying and reading %s …", from)
	r, err := store.Restore(ctx, store.Options{DSN: cfg.Database, Domain: cfg.Domain, Now: a.now}, from, force)
	if err != nil {
		return err
	}
	if r.Live {
		a.note("%s was copied while a server used it, without its log: the mail of its last moments may be missing. Copies that blindcopy backup makes are whole.", from)
	}
	return a.show(r, func(s *screen) {
		s.linef("Restored %s: %s, %s (%s) as they arrived, schema %d.", r.Database, count(int(r.Check.Intakes), "intake"),
			count(int(r.Check.Bodies), "message"), size(r.Check.Bytes), r.Schema)
		if r.Moved != nil {
			s.linef("What was there before is %s, with %s.files.", *r.Moved, *r.Moved)
		}
		a.hint("Start the server: blindcopy serve, or systemctl start blindcopy")
	})
}
