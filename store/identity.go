package store

import (
	"fmt"
	"os"
)

// identity is a file of the database as it was when it was opened. SQLite goes on writing into a file that was deleted or
// replaced as if nothing had happened, and the mail would be gone with the last descriptor.
type identity struct {
	path    string
	was     os.FileInfo
	shrinks bool // as a log does; the database itself only grows
}

func identify(path string, shrinks bool) (identity, error) {
	info, err := os.Stat(path)
	return identity{path, info, shrinks}, err
}

// check returns an error unless the path still leads to the file that was opened, and that is no smaller.
func (i identity) check() error {
	now, err := os.Stat(i.path)
	same := err == nil && os.SameFile(now, i.was)
	if same && (i.shrinks || now.Size() >= i.was.Size()) {
		return nil
	}
	if same {
		return hinted{fmt.Errorf("the database file %s was cut short or written over", i.path), "Stop the server, restore a backup, and start it again."}
	}
	return hinted{fmt.Errorf("the database file %s was deleted or replaced", i.path),
		"Put the file back that was there; if it is gone, stop the server, restore a backup, and start it again."}
}
