//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestRootLeavesFilesToTheirAccount: a command of root's beside the service, which could not open what belongs to root.
func TestRootLeavesFilesToTheirAccount(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files for others")
	}
	const nobody = 65534
	backup, _ := backedUp(t)
	dir := t.TempDir()
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	o := Options{DSN: filepath.Join(dir, "crm.db"), Serve: true}
	s := must(Open(t.Context(), o))(t)
	spool := s.NewSpool()
	if _, err := spool.Write([]byte(large())); err != nil {
		t.Fatal(err)
	}
	look := func(rule string) {
		t.Helper()
		err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := e.Info()
			if err == nil && info.Sys().(*syscall.Stat_t).Uid != nobody {
				t.Errorf("%s: %s belongs to root", rule, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look("while it runs")
	spool.Discard()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	must(Restore(t.Context(), Options{DSN: o.DSN}, backup, true))(t)
	look("after a restore")
}
