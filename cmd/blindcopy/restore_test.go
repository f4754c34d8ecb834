package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"blindcopy/crm"
	"blindcopy/store"
)

func TestRestoreIsOneCommand(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	id := s.send(anna, w.bcc(anna), bodyOf("kept", true))
	backup := filepath.Join(t.TempDir(), "backup.db")
	w.must("backup", backup)
	s.send(anna, w.bcc(anna), bodyOf("later", false))

	test := func(rule string, code int, want string, args ...string) {
		t.Helper()
		r := w.run(append([]string{"restore"}, args...)...)
		if r.code != code || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", rule, r.code, code, want, r.stdout, r.stderr)
		}
		if sentence, _, _ := strings.Cut(r.stderr, "\n  → "); strings.Count(strings.TrimSpace(sentence), "\n") > 1 {
			t.Errorf("%s: more than a sentence:\n%s", rule, r.stderr)
		}
	}
	test("while the server runs", exitFailed, "Stop the server, restore, and start it again.", backup, "--force")
	s.stop()
	test("over what is there", exitFailed, "With --force it is moved aside", backup)
	test("of what is not there", exitFailed, "Name a file that blindcopy backup has made", backup+".none")
	test("of itself", exitFailed, "is the database itself", filepath.Join(w.dir, "blindcopy.db"), "--force")
	test("in the name of a user", exitUsage, "leave --as out", backup, "--as", anna)
	test("of nothing", exitUsage, "needs FILE")

	var r store.RestoreReport
	w.json(&r, "restore", backup, "--force")
	if r.Check.Intakes != 1 || r.Check.Bodies != 1 || r.Moved == nil {
		t.Errorf("got %+v", r)
	}
	if raw := w.must("intake", "raw", string(id)); !strings.HasSuffix(raw, strings.Repeat("A line of a longer mail.\r\n", 4000)) {
		t.Errorf("the message came back with %d bytes", len(raw))
	}
	w.holds(1)
	var acts []crm.AuditEntry
	w.json(&acts, "audit", "list", "--object", "database")
	if len(acts) != 1 || acts[0].Act != "database.restore" {
		t.Errorf("the audit log says %+v", acts)
	}
	var old []crm.AuditEntry // of the database that was there: it holds the note of the backup
	w.json(&old, "audit", "list", "--object", "database", "--database", *r.Moved)
	if len(old) != 1 || old[0].Act != "database.backup" || old[0].Detail["file"] != backup {
		t.Errorf("the audit log of the old database says %+v", old)
	}
	after := w.serve()
	after.send(anna, w.bcc(anna), bodyOf("new", false))
}

// TestFilesAreTheirOwnersAlone, whatever the umask is: mail is other people's.
func TestFilesAreTheirOwnersAlone(t *testing.T) {
	defer setUmask(setUmask(0))
	w := newWorld(t)
	s := w.serve()
	s.send(anna, w.bcc(anna), bodyOf("large", true))
	backup := filepath.Join(w.dir, "copy.db")
	w.must("backup", backup)
	look := func() {
		t.Helper()
		err := filepath.WalkDir(w.dir, func(path string, e os.DirEntry, err error) error {
			if err != nil || path == w.dir {
				return err
			}
			info, err := e.Info()
			if err != nil {
				return err
			}
			want := os.FileMode(0o600)
			if e.IsDir() {
				want = 0o700
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s is %s, want %s", path, got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look()
	s.stop()
	w.must("restore", backup, "--force")
	look()
}
