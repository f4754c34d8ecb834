package store

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// backedUp is a backup with two messages, one of them large, and the file of that.
func backedUp(t *testing.T) (file, body string) {
	t.Helper()
	n := newNouns(t)
	n.keep(small)
	_, body = n.keep(large())
	file = filepath.Join(t.TempDir(), "backup.db")
	if err := n.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	return file, filepath.Join(file+".files", body)
}

// listed is a folder.
func listed(t *testing.T, dir string) string {
	t.Helper()
	var names []string
	for _, e := range must(os.ReadDir(dir))(t) {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestRestoreIntoNothing(t *testing.T) {
	backup, _ := backedUp(t)
	target := Options{DSN: filepath.Join(t.TempDir(), "crm.db"), Domain: "bcc.acme.example"}
	ctx := crm.WithActor(t.Context(), crm.Actor{Name: "operator", Via: "command"})
	r := must(Restore(ctx, target, backup, false))(t)
	if r.Moved != nil || r.Live || r.Check.Intakes != 2 || r.Check.Bodies != 2 || r.Schema != SchemaVersion() {
		t.Errorf("got %+v", r)
	}
	if err := os.RemoveAll(filepath.Dir(backup)); err != nil { // it must not be needed
		t.Fatal(err)
	}
	s := must(Open(ctx, target))(t)
	defer s.Close()
	same(t, "findings", len(checked(t, s)), 0)
	raw := must(s.Raw(ctx, crm.IntakeID(strings.Repeat("0", 25)+"2")))(t)
	defer raw.Release()
	same(t, "the large message", string(raw.Bytes), large())
	last := must(s.Audit(ctx, crm.AuditFilter{Limit: 1}))(t)
	if len(last) != 1 || last[0].Act != "database.restore" || last[0].Actor != "operator" || last[0].Detail["from"] != backup {
		t.Errorf("the audit log says %+v", last)
	}
	same(t, "what lies there", listed(t, filepath.Dir(target.DSN)), "crm.db crm.db-shm crm.db-wal crm.db.files crm.db.lock")
}

func TestRestoreMovesAsideWhatIsThere(t *testing.T) {
	backup, _ := backedUp(t)
	n := newNouns(t)
	n.keep(large())
	o := n.Options
	_, err := Restore(t.Context(), o, backup, true)
	refused(t, "while somebody uses it", err, ErrServerRuns, "or a command is at work")
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Restore(t.Context(), o, backup, false)
	refused(t, "over content", err, ErrExists, "users: 1, records: 0, messages: 1")
	r := must(Restore(t.Context(), o, backup, true))(t)
	if r.Moved == nil {
		t.Fatal("it does not say where the old database lies")
	}
	for path, want := range map[string]int64{o.DSN: 2, *r.Moved: 1} {
		s := must(Open(t.Context(), Options{DSN: path}))(t)
		report := must(s.Check(t.Context(), nil))(t)
		if len(report.Findings) > 0 || report.Intakes != want {
			t.Errorf("%s: %+v, want %d messages and nothing found", path, report, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestRestoreIntoAnEmptyDatabase(t *testing.T) {
	backup, _ := backedUp(t)
	o := Options{DSN: filepath.Join(t.TempDir(), "crm.db")}
	if err := must(Open(t.Context(), o))(t).Close(); err != nil {
		t.Fatal(err)
	}
	must(Restore(t.Context(), o, backup, false))(t)
}

// TestRestoreRefusesWhatIsNoWholeBackup: what is there stays as it is, and nothing is left lying about.
func TestRestoreRefusesWhatIsNoWholeBackup(t *testing.T) {
	overwrite := func(path string, at int64, with []byte) error {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(with, at)
		return errors.Join(err, f.Close())
	}
	for _, row := range []struct {
		rule, want string
		harm       func(backup, body string) error
	}{
		{"it is not there", "there is no database at", func(backup, _ string) error { return os.Remove(backup) }},
		{"it is empty", "is no backup", func(backup, _ string) error { return os.Truncate(backup, 0) }},
		{"it is no database", "is no SQLite database", func(backup, _ string) error { return os.WriteFile(backup, bytes.Repeat([]byte("mail\n"), 1000), 0o600) }},
		{"it is cut short", "", func(backup, _ string) error { return os.Truncate(backup, 40_960) }},
		{"a page is bad", "", func(backup, _ string) error { return overwrite(backup, 20_480, bytes.Repeat([]byte{0xff}, 4096)) }},
		{"its folder was left behind", "keep the two together", func(backup, _ string) error { return os.RemoveAll(backup + ".files") }},
		{"a message is not what it was", "is damaged", func(_, body string) error { return overwrite(body, 50, []byte("X")) }},
		{"a message is cut short", "is damaged", func(_, body string) error { return os.Truncate(body, 100) }},
	} {
		t.Run(row.rule, func(t *testing.T) {
			backup, body := backedUp(t)
			if err := row.harm(backup, body); err != nil {
				t.Fatal(err)
			}
			n := newNouns(t)
			n.keep(small)
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
			before := listed(t, filepath.Dir(n.file))
			_, err := Restore(t.Context(), n.Options, backup, true)
			said := ""
			if err != nil {
				var hint HintError
				if said = err.Error(); errors.As(err, &hint) {
					said += " → " + hint.Hint()
				}
			}
			if err == nil || !strings.Contains(said, row.want) {
				t.Errorf("got %q, want a refusal with %q", said, row.want)
			}
			same(t, "what lies there", listed(t, filepath.Dir(n.file)), before)
			s := must(Open(t.Context(), n.Options))(t)
			defer s.Close()
			same(t, "messages", must(s.Check(t.Context(), nil))(t).Intakes, 1)
		})
	}
}

func TestRestoreOfItself(t *testing.T) {
	file, _ := left(t)
	_, err := Restore(t.Context(), Options{DSN: file}, file, true)
	refused(t, "the database as its own backup", err, ErrInvalid, "is the database itself")
}

// TestRestoreThatWasCutOff leaves pieces of each step; the next one completes it.
func TestRestoreThatWasCutOff(t *testing.T) {
	for _, row := range []struct {
		rule  string
		force bool
		cut   func(t *testing.T, file, backup string) error
	}{
		{"while it copied", false, func(_ *testing.T, file, _ string) error {
			return errors.Join(os.WriteFile(file+".restoring", []byte("half"), 0o600), os.Mkdir(file+".restoring.files", 0o700), os.WriteFile(file+".restoring-wal", []byte("x"), 0o600))
		}},
		{"before the database was put in its place", true, func(t *testing.T, file, backup string) error {
			must(Restore(t.Context(), Options{DSN: file}, backup, false))(t)
			return os.Rename(file, file+".restoring")
		}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			backup, _ := backedUp(t)
			o := Options{DSN: filepath.Join(t.TempDir(), "crm.db")}
			if err := row.cut(t, o.DSN, backup); err != nil {
				t.Fatal(err)
			}
			if row.force {
				if _, err := Open(t.Context(), o); err == nil {
					t.Error("a server starts with half of a restore")
				}
			}
			must(Restore(t.Context(), o, backup, row.force))(t)
			s := must(Open(t.Context(), o))(t)
			defer s.Close()
			same(t, "findings", len(checked(t, s)), 0)
			if strings.Contains(listed(t, filepath.Dir(o.DSN)), "restoring") {
				t.Errorf("left over: %s", listed(t, filepath.Dir(o.DSN)))
			}
		})
	}
}

// TestRestoreOfACopyWithoutItsLog: somebody copied the file of a running server with cp. What it has is restored, and that some
// may be missing is said.
func TestRestoreOfACopyWithoutItsLog(t *testing.T) {
	n := newNouns(t)
	n.keep(small)
	if _, err := n.writer.c.text("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	n.keep(small)
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(copied, must(os.ReadFile(n.file))(t), 0o600); err != nil {
		t.Fatal(err)
	}
	r := must(Restore(t.Context(), Options{DSN: filepath.Join(t.TempDir(), "crm.db")}, copied, false))(t)
	if !r.Live || r.Check.Intakes != 1 {
		t.Errorf("got %+v, want the 1 message that was in the file, and that it is a live copy", r)
	}
}

func TestBackupIntoTheFolderOfBodiesIsRefused(t *testing.T) {
	n := newNouns(t)
	err := n.Backup(t.Context(), filepath.Join(n.bodies.dir, "backup.db"))
	refused(t, "where the sweep would take it for a leaving", err, ErrInvalid, "nothing else may lie")
}

func TestOneServerForADatabase(t *testing.T) {
	o := Options{DSN: filepath.Join(t.TempDir(), "crm.db"), Serve: true}
	first := must(Open(t.Context(), o))(t)
	begun := time.Now()
	_, err := Open(t.Context(), o)
	refused(t, "a second server", err, ErrServerRuns, "process ")
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it was refused after %s, want about a second", took)
	}
	command := must(Open(t.Context(), Options{DSN: o.DSN}))(t)
	if err := errors.Join(command.Close(), first.Close()); err != nil {
		t.Fatal(err)
	}
	if err := must(Open(t.Context(), o))(t).Close(); err != nil {
		t.Errorf("the next server: %v", err)
	}
}
