package store

import (
	"fmt"
	"os"
)

// identity is a file of the database as it was when it was opened. SQLite goes on writing into a file that was deleted or
// replaced as if nothing had happened, and the mail would be gone with the last descriptor.
type identity struct {
	path string
	was  os.FileInfo
}

func identify(path string) (identity, error) {
	info, err := os.Stat(path)
	return identity{path, info}, err
}

// check returns an error unless the path still leads to the file that was opened.
func (i identity) check() error {
	now, err := os.Stat(i.path)
	if err == nil && os.SameFile(now, i.was) {
		return nil
	}
	return hinted{fmt.Errorf("the database file %s was deleted or replaced", i.path),
		"Put the file back that was there; if it is gone, stop the server, restore a backup, and start it again."}
}
