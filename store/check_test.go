package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// keep records a message that is held, so that its bytes are kept, and returns the name of its file.
func (n *nouns) keep(body string) (id crm.IntakeID, file string) {
	n.t.Helper()
	n.mails++
	spool := n.NewSpool()
	if _, err := io.WriteString(spool, body); err != nil {
		n.t.Fatal(err)
	}
	raw := must(spool.Finish())(n.t)
	if raw.Release != nil {
		defer raw.Release()
	}
	id = crm.IntakeID(fmt.Sprintf("%026d", n.mails))
	in := &crm.Inbound{ID: id, ReceivedAt: time.Now(), Via: crm.ViaImport, Raw: raw}
	mail := &crm.Mail{MessageID: fmt.Sprintf("%d@acme.example", n.mails), From: []crm.Party{{Address: "anna@acme.example"}}}
	facts := must(n.Gather(n.t.Context(), crm.Question{}))(n.t)
	plan := &crm.Plan{Mailbox: 1, Owner: 1, Visibility: crm.VisibilityLinked, Stamp: facts.Stamp,
		Results: []crm.Result{{Mail: mail, Verdict: crm.Held, Keep: crm.KeepForever}}}
	must(n.Record(n.t.Context(), &crm.Record{Inbound: in, Message: mail, Plan: plan}))(n.t)
	return id, raw.File
}

const small = "Subject: Offer\r\n\r\nDear Ben\r\n"

func large() string {
	return "Subject: Plan\r\n\r\n" + strings.Repeat("a line of it\r\n", spoolMemory/10)
}

// checked is the findings as lines "kind intake: detail".
func checked(t *testing.T, s *Store) (lines []string) {
	t.Helper()
	for _, f := range must(s.Check(t.Context(), nil))(t).Findings {
		line := f.Kind
		if f.Intake != nil {
			line += " " + strings.TrimLeft(*f.Intake, "0")
		}
		lines = append(lines, line+": "+f.Detail)
	}
	return lines
}

func TestCheckReadsEveryMessage(t *testing.T) {
	n := newNouns(t)
	n.keep(small)
	n.keep(large())
	report := must(n.Check(t.Context(), nil))(t)
	if want := int64(len(small) + len(large())); len(report.Findings) > 0 || report.Intakes != 2 || report.Bodies != 2 || report.Bytes != want {
		t.Errorf("got %+v, want 2 intakes, 2 bodies, %d bytes and nothing found", report, want)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	test := func(rule, want string, harm func(t *testing.T, n *nouns, path string)) {
		t.Run(rule, func(t *testing.T) {
			n := newNouns(t)
			n.keep(small)
			_, file := n.keep(large())
			harm(t, n, filepath.Join(n.bodies.dir, file))
			got := checked(t, n.Store)
			if len(got) != 1 || !strings.Contains(got[0], want) {
				t.Errorf("got %q, want one finding with %q", got, want)
			}
		})
	}
	change := func(sql string) func(*testing.T, *nouns, string) {
		return func(t *testing.T, n *nouns, _ string) {
			if err := n.write(t.Context(), func(x *tx) error { _, err := x.do(sql); return err }); err != nil {
				t.Fatal(err)
			}
		}
	}
	test("a file that is gone", "body 2: open ", func(t *testing.T, _ *nouns, path string) {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	})
	test("a file that is short", "body 2: the message has 100 bytes instead of", func(t *testing.T, _ *nouns, path string) {
		if err := os.Truncate(path, 100); err != nil {
			t.Fatal(err)
		}
	})
	test("a file of which one byte changed", "body 2: the message is not the one that was received", func(t *testing.T, _ *nouns, path string) {
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteAt([]byte{'X'}, 50); err != nil {
			t.Fatal(err)
		}
	})
	test("a row that is gone", "body 1: the bytes of the message are gone", change(`DELETE FROM raw WHERE intake = 1`))
	test("a row that does not unpack", "body 1: ", change(`UPDATE raw SET codec = 1, data = x'0102' WHERE intake = 1`))
	test("a row of another message", "body 1: the message has", change(`UPDATE raw SET codec = 0, data = x'0102' WHERE intake = 1`))
	test("a row without an intake", "orphan: 1 stored messages belong to no intake", change(`INSERT INTO raw (intake, codec, size, sha256, file) VALUES (99, 0, 0, x'', '')`))
	test("a contact without words", "reference: 1 rows of contact are not in the index of words",
		change(`INSERT INTO contact (id, name, created_at) VALUES (7, 'Ben', 0); DELETE FROM contact_words WHERE rowid = 7`))
	test("words of nobody", "reference: 1 rows of lead_words_docsize refer to a row of lead that is not there", change(`INSERT INTO lead_words (rowid, title, name) VALUES (7, 'Offer', 'Ben')`))
	test("a file that nothing refers to", "orphan: no intake refers to this file", func(t *testing.T, n *nouns, path string) {
		stray := filepath.Join(filepath.Dir(path), "stray.eml")
		if err := os.WriteFile(stray, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := checked(t, n.Store); len(got) > 0 {
			t.Errorf("a file of this moment may be waiting for its intake: %q", got)
		}
		old := time.Now().Add(-2 * orphanAge)
		if err := os.Chtimes(stray, old, old); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCheckFindsATornPage spoils the file as a bad disk would.
func TestCheckFindsATornPage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "crm.db")
	s := must(Open(t.Context(), Options{DSN: file}))(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := must(f.Stat())(t)
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, 4096), info.Size()-4096)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	s = must(Open(t.Context(), Options{DSN: file, ReadOnly: true}))(t)
	defer s.Close()
	if got := checked(t, s); len(got) == 0 || !strings.HasPrefix(got[0], CheckStructure) {
		t.Errorf("got %q, want a finding about the structure", got)
	}
	if got := must(s.QuickCheck(t.Context()))(t); len(got) == 0 {
		t.Error("the quick check finds nothing")
	}
}

func TestPingTellsWhetherMailCanBeWritten(t *testing.T) {
	n := newNouns(t)
	if err := n.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if l, err := n.Load(); err != nil || l.QueueRoom == 0 || l.FreeBytes <= 0 || l.WALBytes <= 0 {
		t.Errorf("got %+v, %v: there is room, and a log", l, err)
	}
	if err := os.Rename(n.file, n.file+".away"); err != nil {
		t.Fatal(err)
	}
	if err := n.Ping(t.Context()); err == nil {
		t.Error("a database that was taken away answers")
	}
}

func TestABackupIsADatabase(t *testing.T) {
	n := newNouns(t)
	n.keep(small)
	id, file := n.keep(large())
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := n.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := n.Backup(t.Context(), copied); !errors.Is(err, ErrExists) {
		t.Errorf("a second backup to the same file: %v, want ErrExists", err)
	}
	if err := os.Remove(filepath.Join(n.bodies.dir, file)); err != nil { // it must not need the original
		t.Fatal(err)
	}
	s := must(Open(t.Context(), Options{DSN: copied}))(t)
	defer s.Close()
	if got := checked(t, s); len(got) > 0 {
		t.Errorf("the copy has findings: %q", got)
	}
	raw := must(s.Raw(t.Context(), id))(t)
	defer raw.Release()
	if string(raw.Bytes) != large() {
		t.Errorf("the copy has %d bytes of a message of %d", len(raw.Bytes), len(large()))
	}
}

func TestABackupOfADatabaseThatCameAlone(t *testing.T) {
	n := newNouns(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.db"), filepath.Join(dir, "second.db")
	if err := n.Backup(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(first + ".files"); err != nil {
		t.Fatal(err)
	}
	s := must(Open(t.Context(), Options{DSN: first, ReadOnly: true}))(t)
	defer s.Close()
	if err := s.Backup(t.Context(), second); err != nil {
		t.Error(err)
	}
	if got := checked(t, s); len(got) > 0 {
		t.Errorf("findings: %q", got)
	}
}

// TestCheckFindsWhatRefersToNothing: what no transaction of ours writes.
func TestCheckFindsWhatRefersToNothing(t *testing.T) {
	for _, row := range []struct{ harm, want string }{
		{`DELETE FROM activity WHERE id = 1`, "reference: 1 rows of link refer to a row of activity that is not there"},
		{`DELETE FROM contact WHERE id = 1`, "reference: 1 rows of holder refer to a row of contact that is not there"},
		{`DELETE FROM contact WHERE id = 1`, "reference: 1 rows of link refer to a row of contact that is not there"},
		{`DELETE FROM thread`, "reference: 1 rows of activity refer to a row of thread that is not there"},
		{`DELETE FROM address WHERE local = 'ben'`, "reference: 1 rows of holder refer to a row of address that is not there"},
		{`UPDATE activity SET people = '[{'`, "reference: 1 rows of activity hold JSON that does not parse"},
		{`UPDATE intake SET trace = 'x'`, "reference: 1 rows of intake hold JSON that does not parse"},
		{`UPDATE intake SET verdict = 'lost'`, "reference: 1 intakes have a verdict that there is not"},
		{`UPDATE audit SET detail = '{'`, "reference: 2 rows of audit hold JSON that does not parse"},
	} {
		n := newNouns(t)
		ben := n.contact("Ben", "", "ben@client.example")
		n.take(letter{to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
		if got := checked(t, n.Store); len(got) > 0 {
			t.Fatalf("before any harm: %q", got)
		}
		if err := n.write(t.Context(), func(x *tx) error { _, err := x.do(row.harm); return err }); err != nil {
			t.Fatalf("%s: %v", row.harm, err)
		}
		if got := checked(t, n.Store); !slices.Contains(got, row.want) {
			t.Errorf("%s: got %q, want %q among them", row.harm, got, row.want)
		}
	}
}
