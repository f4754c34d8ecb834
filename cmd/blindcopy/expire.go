package main

import (
	"context"

	"github.com/spf13/cobra"
)

// expireCommand is `blindcopy expire`.
func (a *app) expireCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "expire",
		Short: "Drop what retention.* gives up, now",
		Long: `Drops the content of mail that was not filed after retention.unfiled, and its trace after
retention.traces. The server does it by itself every hour; this does it once, in short pieces beside it.
Filed mail is never dropped.`,
		Example: "  blindcopy expire",
		Args:    cobra.NoArgs,
		RunE: a.writing(func(ctx context.Context, o *office, _ []string) error {
			r, err := o.store.Expire(ctx)
			if err != nil {
				return err
			}
			return o.show(r, func(s *screen) {
				s.linef("Dropped the content of %s, forgot %s, removed %s that belonged to nothing.", count(r.Bodies, "message"), count(r.Traces, "trace"), count(r.Files, "file"))
			})
		}),
	}
}
