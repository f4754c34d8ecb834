package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupWhileTheServerRuns takes a copy between two mails, spoils the original, and finds the first mail whole
// in the copy.
func TestBackupWhileTheServerRuns(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	message := mail("Anna <anna@acme.example>", "Ben <ben@client.example>", "Plan", "plan") + strings.Repeat("A long plan.\r\n", 20_000)
	id := s.send(anna, w.bcc(anna), message)

	copied := filepath.Join(t.TempDir(), "copy.db")
	var r backupReport
	w.json(&r, "backup", copied)
	if r.File != copied || r.Bodies != 1 || r.Bytes < int64(len(message)) {
		t.Errorf("got %+v, want %s, 1 body, %d bytes or more", r, copied, len(message))
	}
	s.send(anna, w.bcc(anna), mail("Anna <anna@acme.example>", "Zoe <zoe@client.example>", "Later", "later"))
	s.stop()
	if err := os.RemoveAll(filepath.Join(w.dir, "blindcopy.db.files")); err != nil {
		t.Fatal(err)
	}

	if raw := w.must("intake", "raw", string(id), "--database", copied); !strings.HasSuffix(raw, message) {
		t.Errorf("the copy has %d bytes of the message, want %d and our trace fields", len(raw), len(message))
	}
	var list []map[string]any
	if w.json(&list, "intake", "list", "--database", copied); len(list) != 1 {
		t.Errorf("the copy has %d intakes, want 1: the other came later", len(list))
	}
	var good checkReport
	if w.json(&good, "check", "--database", copied); !good.OK || good.Bodies != 1 {
		t.Errorf("check of the copy: %+v", good)
	}
}

func TestBackupReplacesNothing(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	test := func(rule, file, want string) {
		t.Helper()
		if r := w.run("backup", file); r.code != exitFailed || !strings.Contains(r.stderr, want) {
			t.Errorf("%s: exit %d, want %d and %q\n%s", rule, r.code, exitFailed, want, r.stderr)
		}
	}
	taken := filepath.Join(dir, "taken.db")
	if err := os.WriteFile(taken, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	test("a file that is there", taken, "replaces nothing")
	if b, _ := os.ReadFile(taken); string(b) != "mine" {
		t.Errorf("the file is now %q", b)
	}
	if err := os.Mkdir(filepath.Join(dir, "half.db.files"), 0o700); err != nil {
		t.Fatal(err)
	}
	test("a folder of bodies that is there", filepath.Join(dir, "half.db"), "replaces nothing")
	test("the database itself", filepath.Join(w.dir, "blindcopy.db"), "replaces nothing")
	test("a folder that is not there", filepath.Join(dir, "none", "copy.db"), "mkdir -p ")
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("refused backups left something behind: %v, %v", left, err)
	}
}

func TestCheckEndsWithOneIfItFindsSomething(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	s.send(anna, w.bcc(anna), mail("Anna <anna@acme.example>", "Ben <ben@client.example>", "Plan", "plan")+strings.Repeat("A long plan.\r\n", 20_000))
	if out := w.must("check"); !strings.Contains(out, "Read 1 intake, 1 filed mail and 1 message (") || !strings.Contains(out, "all is well") {
		t.Errorf("check beside the server says\n%s", out)
	}
	if err := os.RemoveAll(filepath.Join(w.dir, "blindcopy.db.files")); err != nil {
		t.Fatal(err)
	}
	r := w.run("check")
	if r.code != exitFailed || !strings.Contains(r.stdout, "1 finding") || !strings.Contains(r.stderr, "backup") {
		t.Errorf("without its bodies: exit %d, want %d, the finding and what to do\n%s%s", r.code, exitFailed, r.stdout, r.stderr)
	}
	if r := w.run("check", "--json"); r.code != exitFailed || !strings.Contains(r.stdout, `"ok": false`) || !strings.Contains(r.stdout, `"kind": "body"`) {
		t.Errorf("as JSON: exit %d\n%s", r.code, r.stdout)
	}
}
