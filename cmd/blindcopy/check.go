package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"blindcopy/store"
)

// checkReport is what `check --json` prints.
type checkReport struct {
	OK bool `json:"ok"`
	store.CheckReport
}

// checkCommand is `blindcopy check`.
func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Read the whole database, and every message in it",
		Long: `Checks the structure of the database and what its rows refer to, reads every message that was kept and compares it with the
SHA-256 taken when it arrived, and looks for files that belong to nothing. It changes nothing, and may
run beside the server. It ends with 1 if it found something.`,
		Example: `  blindcopy check
  blindcopy check --database /var/backups/blindcopy-2026-03-02.db`,
		Args: cobra.NoArgs,
		RunE: a.reading(checkDatabase),
	}
}

func checkDatabase(ctx context.Context, o *office, _ []string) error {
	stats, err := o.store.Stats(ctx)
	if err != nil {
		stats.Intakes = 0 // a damaged database is what we are here for
	}
	progress := newBar(o.app, int(stats.Intakes))
	found, err := o.store.Check(ctx, func(intakes int64) { progress.show(int(intakes)) })
	progress.clear()
	if err != nil {
		return err
	}
	r := checkReport{len(found.Findings) == 0, found}
	if err := o.show(r, r.write); err != nil {
		return err
	}
	if r.OK {
		return nil
	}
	o.hint("%s", r.advice())
	return reported{errors.New("the database has faults")}
}

func (r checkReport) write(s *screen) {
	if !r.OK {
		t := newTable("FOUND", "INTAKE", "FILE", "WHAT")
		for _, f := range r.Findings {
			t.row(f.Kind, orNothing(f.Intake), orNothing(f.File), f.Detail)
		}
		t.write(s)
	}
	if r.Omitted > 0 {
		s.linef("and %s more", thousands(int(r.Omitted)))
	}
	word := "all is well"
	if !r.OK {
		word = count(len(r.Findings)+int(r.Omitted), "finding")
	}
	s.linef("Read %s, %s and %s (%s): %s.", count(int(r.Intakes), "intake"), count(int(r.Activities), "filed mail"), count(int(r.Bodies), "message"), size(r.Bytes), word)
}

// advice is for the worst of the findings.
func (r checkReport) advice() string {
	worst := store.CheckOrphan
	for _, f := range r.Findings {
		if f.Kind == store.CheckStructure || f.Kind == store.CheckReference {
			return "Stop the server, keep a copy of the files as they are, and go back to the last backup: see blindcopy backup --help."
		}
		if f.Kind == store.CheckBody {
			worst = f.Kind
		}
	}
	if worst == store.CheckBody {
		return "The message is lost here, its activity is not. Take the file, or the database, from a backup that passes this check."
	}
	return "Nothing is missing: a crash left it behind. The server removes files without an intake when it starts, and every hour."
}

func orNothing(text *string) string {
	if text == nil {
		return "-"
	}
	return *text
}
