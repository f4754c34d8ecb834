package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"blindcopy/store"
)

// quickCheckWithin bounds the look at the structure: a large database takes minutes.
const quickCheckWithin = 20 * time.Second

// scarce is the free room on the disk from which on an operator should look for more.
const scarce = 2 << 30

// database looks at the database as it is: it creates none, and brings none up to date.
func (d *doctor) database(ctx context.Context) []finding {
	f := findings{area: "database"}
	o, err := d.openOffice(ctx, d.cfg, store.Options{ReadOnly: true, MinFree: int64(d.cfg.DiskReserve)})
	switch {
	case errors.Is(err, store.ErrNoDatabase):
		f.problem("opens", "Create it with blindcopy init, or name another with --database or the setting database.", "%v", err)
		return f.list
	case errors.Is(err, store.ErrOlderSchema):
		f.warning("opens", "blindcopy migrate, or start the server, which does it by itself.", "%v", err)
		return f.list
	case err != nil:
		f.problem("opens", hintOf(err), "%v", err)
		return f.list
	}
	defer func() { _ = o.close() }() // nothing was written
	f.ok("opens", "%s, schema %d", d.cfg.DatabaseName(), store.SchemaVersion())
	f.structure(ctx, o.store)
	f.people(ctx, o.store)
	f.folder(d.cfg.Database)
	f.disk(o.store)
	return f.list
}

func (f *findings) structure(ctx context.Context, s *store.Store) {
	ctx, cancel := context.WithTimeout(ctx, quickCheckWithin)
	defer cancel()
	lines, err := s.QuickCheck(ctx)
	switch {
	case ctx.Err() != nil:
		f.warning("structure", "blindcopy check takes the time it needs.", "not checked to the end within %s", quickCheckWithin)
	case err != nil:
		f.problem("structure", "blindcopy check", "%v", err)
	case len(lines) > 0:
		f.problem("structure", "Stop the server, keep a copy of the files as they are, and go back to the last backup: see blindcopy backup --help.",
			"damaged: %s", lines[0])
	default:
		f.ok("structure", "whole, at a quick look; blindcopy check reads every message")
	}
}

func (f *findings) people(ctx context.Context, s *store.Store) {
	st, err := s.Stats(ctx)
	switch {
	case err != nil:
		f.problem("content", "blindcopy check", "%v", err)
	case st.Users == 0:
		f.problem("content", "blindcopy user add anna@example.com --admin", "there is no user, and so no address that takes mail")
	default:
		f.ok("content", "%s, %s, %s, %s held", count(int(st.Users), "user"), count(int(st.Activities), "filed mail"),
			count(int(st.Intakes), "intake"), count(int(st.Held), "message"))
	}
}

// folder asks whether SQLite may write beside the database, where it keeps its log, and who
// else may read people's mail.
func (f *findings) folder(dsn string) {
	file := databaseFile(dsn)
	for _, dir := range []string{filepath.Dir(file), file + ".files"} {
		if err := writable(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
			f.problem("writable", "Run doctor as the user of the server; if it is that one, give it the folder with chown.", "%v", err)
			return
		}
	}
	opened, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		f.problem("writable", "Run doctor as the user of the server; if it is that one, give it the file with chown.", "%v", err)
		return
	}
	defer func() { _ = opened.Close() }()
	f.ok("writable", "the file and its folder, for this user")
	if info, err := opened.Stat(); err == nil && info.Mode().Perm()&0o004 != 0 {
		f.warning("private", "chmod o-rwx "+file, "every user of this machine can read the mail in %s (%s)", file, info.Mode().Perm())
	}
}

// writable tries it: permissions, owners and read-only disks all have their say.
func writable(dir string) error {
	probe, err := os.CreateTemp(dir, ".doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func (f *findings) disk(s *store.Store) {
	load, err := s.Load()
	switch {
	case err != nil:
		f.problem("disk", "", "%v", err)
	case load.FreeBytes < load.Reserve:
		f.problem("disk", "Make room. Until then mail is answered 452, and waits at its senders.", "%s are free", size(load.FreeBytes))
	case load.FreeBytes < scarce:
		f.warning("disk", "Make room in time: blindcopy_database_disk_free_bytes at /metrics tells how it goes on.", "%s are free", size(load.FreeBytes))
	default:
		f.ok("disk", "%s are free", size(load.FreeBytes))
	}
}
