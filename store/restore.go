package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jmoiron/sqlx"
)

// RestoreReport says what a restore did.
type RestoreReport struct {
	Database string      `json:"database"`
	From     string      `json:"from"`
	Moved    *string     `json:"moved"` // where the database that was there lies now, with its bodies; null if there was none
	Schema   int         `json:"schema"`
	Check    CheckReport `json:"check"` // of the copy, before it was put in its place
	// Live says that the file was copied from a database in use without its log, by whatever made it: the mail of its last
	// moments may be missing. What Backup makes is never so.
	Live bool `json:"live"`
}

// Restore puts the backup from, and the bodies beside it, in the place of the database that o names. It is copied, brought
// up to date, and read whole before anything is touched: what does not pass the check is not put in its place. A
// database that is there and not empty is moved aside if force is set, and ErrExists otherwise; ErrServerRuns
// while anybody uses it. A restore that is cut off is completed by repeating it, with force if it had come to move the old one.
func Restore(ctx context.Context, o Options, from string, force bool) (RestoreReport, error) {
	o = o.withDefaults()
	file, err := path(o.DSN)
	if err != nil {
		return RestoreReport{}, err
	}
	r := &restore{Options: o, file: file, stage: file + ".restoring", force: force, report: RestoreReport{Database: file, From: from}}
	if err := r.run(ctx); err != nil {
		return r.report, wrap(err, "restore %s", from)
	}
	return r.report, wrap(r.note(ctx), "note the restore")
}

// restore is one under way.
type restore struct {
	Options
	file  string // that is restored
	stage string // the copy, until it has passed
	force bool

	report RestoreReport
}

func (r *restore) run(ctx context.Context) error {
	if err := r.look(ctx); err != nil {
		return err
	}
	l, ok, err := takeLock(ctx, r.file, true, time.Second)
	if err == nil && !ok {
		err = hinted{fmt.Errorf("%w, or a command is at work on it", ErrServerRuns), "Stop the server, restore, and start it again."}
	}
	if err != nil {
		return err
	}
	defer l.release()
	there, err := r.makeRoom(ctx)
	if err != nil {
		return err
	}
	if err := r.copy(ctx); err != nil {
		return errors.Join(err, r.forget())
	}
	if err := r.verify(ctx); err != nil {
		return errors.Join(err, r.forget())
	}
	return r.put(there)
}

// look refuses what is no backup of ours.
func (r *restore) look(ctx context.Context) error {
	from := r.report.From
	info, err := os.Stat(from)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return hinted{fmt.Errorf("%w at %s", ErrNoDatabase, from), "Name a file that blindcopy backup has made."}
	case err != nil:
		return err
	case info.IsDir() || info.Size() == 0:
		return invalid("%s is no backup: it is empty, or a folder", from)
	}
	if ours, err := os.Stat(r.file); err == nil && os.SameFile(info, ours) {
		return invalid("%s is the database itself", from)
	}
	if dir := filepath.Dir(r.file); isMissing(dir) {
		return hinted{fmt.Errorf("there is no folder %s to restore to", dir), "mkdir -p -m 700 " + dir}
	}
	version, err := schemaOf(ctx, from)
	if err == nil && version == 0 {
		err = invalid("%s is no backup: there is nothing in it", from)
	}
	if err != nil {
		return err
	}
	r.report.Live = isLiveCopy(from)
	return nil
}

func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, os.ErrNotExist)
}

// isLiveCopy tells that a file is in WAL mode (https://www.sqlite.org/fileformat.html §1.3.3, bytes 18 and 19) and has no
// log: it was copied while a program had it open.
func isLiveCopy(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	header := make([]byte, 20)
	if _, err := f.ReadAt(header, 0); err != nil {
		return false
	}
	return header[18] == 2 && isMissing(file+"-wal")
}

// The files of a database.
var endings = []string{"", "-wal", "-shm", ".files"}

// makeRoom tells what is in the way, and refuses to touch it unless it is empty or force is set.
func (r *restore) makeRoom(ctx context.Context) (there []string, err error) {
	if there = r.there(); len(there) == 0 || r.force {
		return there, nil
	}
	content := r.content(ctx)
	if content == "" {
		return there, nil
	}
	return nil, hinted{exists("%s is there already, with %s", r.file, content), "With --force it is moved aside, and nothing is deleted."}
}

func (r *restore) there() (list []string) {
	for _, ending := range endings {
		if _, err := os.Lstat(r.file + ending); err == nil {
			list = append(list, ending)
		}
	}
	return list
}

// fold moves the log of the old database into it, so that fewer pieces have to be kept together. One that is damaged
// keeps its log.
func (r *restore) fold() {
	db := sql.OpenDB(newConnector(r.file, false))
	_, _ = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	_ = db.Close()
}

// content says what would be replaced, "" for nothing worth a word.
func (r *restore) content(ctx context.Context) string {
	if info, err := os.Stat(r.file); err != nil || info.Size() == 0 {
		if isBare(r.file + ".files") {
			return ""
		}
		return "its folder of messages, but no database"
	}
	db := sqlx.NewDb(sql.OpenDB(newConnector(r.file, true)), "sqlite3")
	defer func() { _ = db.Close() }()
	var n struct{ Users, Records, Intakes int64 }
	_, err := (session{db}).get(ctx, &n, `
		SELECT (SELECT count(*) FROM crm_user) AS users, (SELECT count(*) FROM intake) AS intakes,
		       (SELECT count(*) FROM contact) + (SELECT count(*) FROM company) + (SELECT count(*) FROM lead) + (SELECT count(*) FROM deal) AS records`)
	switch {
	case err != nil:
		return "content that cannot be read"
	case n.Users+n.Records+n.Intakes == 0:
		return ""
	}
	return fmt.Sprintf("users: %d, records: %d, messages: %d", n.Users, n.Records, n.Intakes)
}

// copy makes the copy beside the database, so that putting it in its place is a rename.
func (r *restore) copy(ctx context.Context) error {
	if err := r.forget(); err != nil { // of a restore that was cut off
		return err
	}
	if err := vacuumInto(ctx, r.report.From, r.stage); err != nil {
		return err
	}
	if err := makeFolder(r.stage + ".files"); err != nil {
		return err
	}
	files, err := bodiesIn(ctx, r.stage)
	if err != nil {
		return err
	}
	from := r.report.From + ".files"
	for name := range files { // copied, not linked: whoever they belong to, the backup stays as it is
		err := copyFile(filepath.Join(from, filepath.Base(name)), filepath.Join(r.stage+".files", filepath.Base(name)))
		if errors.Is(err, os.ErrNotExist) {
			return hinted{fmt.Errorf("the message %s is missing from %s", name, from), "A backup is the file and the folder beside it: keep the two together."}
		}
		if err != nil {
			return fmt.Errorf("copy the message %s: %w", name, classify(err))
		}
	}
	return syncDir(r.stage + ".files")
}

// verify brings the copy up to date and reads all of it.
func (r *restore) verify(ctx context.Context) error {
	var err error
	if r.report.Schema, err = migrate(ctx, r.stage, time.Second); err != nil {
		return err
	}
	s, err := Open(ctx, Options{DSN: r.stage, Domain: r.Domain, Now: r.Now, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if r.report.Check, err = s.Check(ctx, nil); err != nil {
		return err
	}
	for _, f := range r.report.Check.Findings {
		if f.Kind != CheckOrphan {
			return hinted{fmt.Errorf("the backup is damaged, and was not put in place: %s", f.Detail), "All of it: blindcopy check --database " + r.report.From}
		}
	}
	return nil
}

// put moves the old database aside and the copy in its place. The database comes last: while it is missing, no server
// starts beside what is left of it.
func (r *restore) put(there []string) error {
	if len(there) > 0 {
		r.fold()
		aside := r.file + ".before-" + r.Now().UTC().Format("20060102T150405")
		for _, ending := range there {
			if err := os.Rename(r.file+ending, aside+ending); err != nil && !errors.Is(err, os.ErrNotExist) { // folded
				return fmt.Errorf("move the old database aside: %w", err)
			}
		}
		r.report.Moved = &aside
	}
	for _, ending := range []string{".files", ""} {
		if err := os.Rename(r.stage+ending, r.file+ending); err != nil {
			return fmt.Errorf("put the copy in its place: %w", err)
		}
	}
	return errors.Join(r.forget(), syncDir(filepath.Dir(r.file)))
}

// forget removes the copy, or what is left of it.
func (r *restore) forget() error {
	errs := []error{os.RemoveAll(r.stage + ".lock")}
	for _, ending := range endings {
		errs = append(errs, os.RemoveAll(r.stage+ending))
	}
	return errors.Join(errs...)
}

// note writes the restore into the audit log of what was restored.
func (r *restore) note(ctx context.Context) error {
	s, err := Open(ctx, r.Options)
	if err != nil {
		return err
	}
	detail := map[string]any{"from": r.report.From, "messages": r.report.Check.Intakes}
	if r.report.Moved != nil {
		detail["moved"] = *r.report.Moved
	}
	return errors.Join(s.Note(ctx, "database.restore", detail), s.Close())
}
