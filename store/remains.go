package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// What a database consists of lies in several files, and people move, copy and mount them. Where one is missing, going on
// would lie: a new database beside the bodies of another would sweep them away, and one without its bodies has lost
// mail that was promised.

// createDatabase creates the file of a database unless there is one, and refuses where only the rest of one is left.
func createDatabase(path string) error {
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return nil
	}
	if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 {
		return hinted{fmt.Errorf("the database %s is missing or empty, but its log %s-wal is there", path, path),
			"Put the database back beside its log. To begin anew, move the log away."}
	}
	bodies, err := bodyFiles(path + ".files")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("look for the bodies of %s: %w", path, err)
	}
	if len(bodies) > 0 {
		return hinted{fmt.Errorf("the database %s is missing or empty, but %s.files holds %d messages of it", path, path, len(bodies)),
			"Put the database back, or restore a backup: blindcopy restore FILE. To begin anew, move the folder away."}
	}
	return createFile(path)
}

// bodyFiles lists the larger bodies in a folder.
func bodyFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), bodyEnding) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// checkBodies refuses a database whose larger bodies are gone, as when their folder was left behind or is a disk that is
// not mounted: what comes now would lie somewhere else than what came before. Single ones that are missing are for
// check to find.
func (s *Store) checkBodies(ctx context.Context) error {
	dir := s.file + ".files"
	if !isBare(dir) {
		return nil
	}
	n, err := countBodies(ctx, s.file)
	if err != nil || n == 0 {
		return err
	}
	return hinted{fmt.Errorf("the database %s refers to %d messages in %s, and there is nothing", s.file, n, dir),
		fmt.Sprintf("Put the folder back beside the database, or mount its disk. If it is lost for good, say so: mkdir -p -m 700 %s && touch %s/LOST", dir, dir)}
}

// isBare tells whether a folder is missing or has nothing in it.
func isBare(dir string) bool {
	d, err := os.Open(dir)
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	defer func() { _ = d.Close() }()
	_, err = d.Readdirnames(1)
	return errors.Is(err, io.EOF)
}
