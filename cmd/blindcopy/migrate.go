package main

import (
	"github.com/spf13/cobra"

	"blindcopy/store"
)

// migrateReport is what `migrate --json` prints.
type migrateReport struct {
	Database string `json:"database"`
	From     int    `json:"from"`
	To       int    `json:"to"`
}

// migrateCommand is `blindcopy migrate`.
func (a *app) migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Create the database, or bring it up to date",
		Long: `Brings the schema of the database up to date. The server and every writing command do so by
themselves; this does it alone, and says what it did. It refuses while a server runs.`,
		Example: "  blindcopy migrate --database /var/lib/blindcopy/blindcopy.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := a.config()
			if err != nil {
				return err
			}
			from, to, err := store.Migrate(cmd.Context(), store.Options{DSN: cfg.Database, Domain: cfg.Domain, Now: a.now})
			if err != nil {
				return err
			}
			r := migrateReport{cfg.Database, from, to}
			return a.show(r, func(s *screen) {
				if r.From == r.To {
					s.linef("%s is up to date (schema %d).", r.Database, r.To)
					return
				}
				s.linef("%s: schema %d → %d.", r.Database, r.From, r.To)
			})
		},
	}
}
