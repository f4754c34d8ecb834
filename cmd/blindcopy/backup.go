package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"blindcopy/store"
)

// backupReport is what `backup --json` prints.
type backupReport struct {
	File   string `json:"file"`
	Bytes  int64  `json:"bytes"`  // of the file and of the bodies beside it
	Bodies int    `json:"bodies"` // files in FILE.files
}

// backupCommand is `blindcopy backup`.
func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the database while mail comes in",
		Long: `Writes a copy of the database as it is at one moment to FILE, and the larger messages to the folder
FILE.files beside it; keep the two together. The server goes on meanwhile. Nothing is ever overwritten.

The copy is a database: look into it with --database FILE. To go back to it: blindcopy restore FILE.`,
		Example: `  blindcopy backup /var/backups/blindcopy-$(date +%F).db
  blindcopy check --database /var/backups/blindcopy-2026-03-02.db`,
		Args: cobra.ExactArgs(1),
		RunE: a.reading(backUp),
	}
}

func backUp(ctx context.Context, o *office, args []string) error {
	r := backupReport{File: args[0]}
	if info, err := os.Stat(filepath.Dir(r.File)); err != nil || !info.IsDir() {
		return withHint(errors.New("there is no folder "+filepath.Dir(r.File)), "mkdir -p %s", filepath.Dir(r.File))
	}
	if info, err := os.Stat(o.cfg.Database); err == nil {
		o.note("Copying %s (%s) …", o.cfg.Database, size(info.Size()))
	}
	if err := o.store.Backup(ctx, r.File); err != nil {
		return err
	}
	if err := r.measure(); err != nil {
		return err
	}
	if err := o.noteBackup(ctx, r); err != nil {
		o.note("The backup is made, but not noted in the audit log: %v", err)
	}
	return o.show(r, func(s *screen) {
		s.linef("Wrote %s with %s beside it, %s in all.", r.File, count(r.Bodies, "larger message"), size(r.Bytes))
		o.hint("blindcopy check --database %s", r.File)
	})
}

// noteBackup opens the database for a second time: a backup itself reads, and works where nothing can be written.
func (o *office) noteBackup(ctx context.Context, r backupReport) error {
	w, err := o.openOffice(ctx, o.cfg, store.Options{})
	if err != nil {
		return err
	}
	return errors.Join(w.store.Note(ctx, "database.backup", map[string]any{"file": r.File, "bytes": r.Bytes, "bodies": r.Bodies}), w.close())
}

// measure looks at what was written.
func (r *backupReport) measure() error {
	info, err := os.Stat(r.File)
	if err != nil {
		return err
	}
	r.Bytes = info.Size()
	return filepath.WalkDir(r.File+".files", func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		r.Bodies, r.Bytes = r.Bodies+1, r.Bytes+info.Size()
		return nil
	})
}
