package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"
)

// Backup writes a consistent copy of the database to path while the server runs; the larger bodies lie beside it in
// path.files. A backup is a database: it opens with its path. ErrExists if there is something at path already.
func (s *Store) Backup(ctx context.Context, path string) error {
	err := s.backup(ctx, path)
	return wrap(err, "back up to %s", path)
}

func (s *Store) backup(ctx context.Context, path string) error {
	dir := path + ".files"
	if s.isOurs(path) {
		return invalid("%s lies in the folder of the larger messages, where nothing else may lie", path)
	}
	for _, name := range []string{path, dir} {
		if _, err := os.Lstat(name); err == nil {
			return exists("%s is there already, and a backup replaces nothing", name)
		}
	}
	if err := makeFolder(dir); err != nil {
		return fmt.Errorf("create the folder of bodies: %w", classify(err))
	}
	part := path + unfinished
	err := s.backupBodies(ctx, part, dir)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return errors.Join(err, os.RemoveAll(part), os.RemoveAll(dir))
	}
	return nil
}

// isOurs tells whether a path leads into our folder of bodies: what is there and belongs to no intake is swept.
func (s *Store) isOurs(path string) bool {
	folder, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return false
	}
	ours, err := os.Stat(s.bodies.dir)
	return err == nil && os.SameFile(folder, ours)
}

// backupBodies takes the bodies before the database, for retention may remove one in between, and then those that came
// while the database was copied. What the copy does not refer to goes again.
func (s *Store) backupBodies(ctx context.Context, part, dir string) error {
	there, err := os.ReadDir(s.bodies.dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // a database brought here alone has no folder yet
		return err
	}
	for _, e := range there {
		err := s.bodies.copyTo(dir, e.Name())
		if err != nil && !errors.Is(err, os.ErrNotExist) { // removed since we looked
			return err
		}
	}
	if err := vacuumInto(ctx, s.file, part); err != nil {
		return err
	}
	files, err := bodiesIn(ctx, part)
	if err != nil {
		return err
	}
	for name := range files {
		if err := s.bodies.copyTo(dir, name); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	for _, e := range there {
		if !files[e.Name()] {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return syncDir(dir)
}

// vacuumInto copies a database as it is at one moment, its log included.
func vacuumInto(ctx context.Context, from, to string) error {
	if err := createFile(to); err != nil { // SQLite fills an empty file, and would create one that others may read
		return err
	}
	db := sql.OpenDB(copyConnector(from))
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return fmt.Errorf("copy the database: %w", classify(err))
	}
	f, err := os.Open(to)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// bodiesIn lists the files that a database refers to.
func bodiesIn(ctx context.Context, file string) (map[string]bool, error) {
	db := sqlx.NewDb(sql.OpenDB(newConnector(file, true)), "sqlite3")
	defer func() { _ = db.Close() }()
	var names []string
	if err := (session{db}).list(ctx, &names, `SELECT file FROM raw WHERE file <> ''`); err != nil {
		return nil, fmt.Errorf("read the copy: %w", err)
	}
	files := make(map[string]bool, len(names))
	for _, name := range names {
		files[name] = true
	}
	return files, nil
}

// countBodies counts the files that a database refers to.
func countBodies(ctx context.Context, file string) (n int, err error) {
	db := sqlx.NewDb(sql.OpenDB(newConnector(file, true)), "sqlite3")
	defer func() { _ = db.Close() }()
	_, err = (session{db}).get(ctx, &n, `SELECT count(*) FROM raw WHERE file <> ''`)
	return n, wrap(err, "look for the bodies of %s", file)
}

// copyTo puts a body into another folder, without a second copy of its bytes where the file system can: a body
// never changes once it has its name. os.ErrExist if it is there already.
func (b *bodies) copyTo(dir, name string) error {
	from, to := filepath.Join(b.dir, filepath.Base(name)), filepath.Join(dir, filepath.Base(name))
	err := os.Link(from, to)
	if err == nil || errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist) {
		return err
	}
	return copyFile(from, to)
}

// copyFile makes a second copy that lasts.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	giveAway(out)
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
