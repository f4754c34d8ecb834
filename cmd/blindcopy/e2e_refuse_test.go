//go:build unix

package main_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// testRefusals: who can never be reached is refused at RCPT, and nothing of it is stored.
func testRefusals(t *testing.T, p program) {
	s := newSite(t, p)
	s.must("user", "add", "zoe@corp.example")
	s.must("mailbox", "add", "info@corp.example")
	anna, uwe, zoe := s.bcc("anna@corp.example"), s.bcc("uwe@corp.example"), s.bcc("zoe@corp.example")
	s.start()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	rcpt := func(rule, path, want string) {
		t.Helper()
		if err := c.say("RSET", "250"); err != nil {
			t.Fatal(err)
		}
		if err := c.say("MAIL FROM:<anna@corp.example>", "250"); err != nil {
			t.Fatal(err)
		}
		if err := c.say("RCPT TO:<"+path+">", want); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
	}
	local, domain, _ := strings.Cut(anna, "@")
	rcpt("a BCC address", anna, "250 ")
	rcpt("in capitals", strings.ToUpper(anna), "250 ")
	rcpt("with tags", local+"+deal1+private@"+domain, "250 ")
	rcpt("with another slug: the token alone identifies", "x-"+local[strings.LastIndexByte(local, '-')+1:]+"@"+domain, "250 ")
	rcpt("an unknown token", "anna-2222222222@"+domain, "550 5.1.1")
	rcpt("no token at all", "anna@"+domain, "550 5.1.1")
	rcpt("a foreign domain", "ben@acme.example", "550 5.7.1")
	rcpt("a shared mailbox on its own domain", "info@corp.example", "250 ")
	rcpt("another address there", "sales@corp.example", "550 5.7.1")
	rcpt("the postmaster", "postmaster", "250 ")

	// What a command has committed holds for the next SMTP command.
	s.must("user", "disable", "zoe@corp.example")
	rcpt("a disabled user's address", zoe, "550 5.1.1")
	s.must("user", "rotate", "anna@corp.example")
	rcpt("a rotated address, in its grace", anna, "250 ")
	rcpt("the new address", s.bcc("anna@corp.example"), "250 ")
	s.must("user", "rotate", "uwe@corp.example", "--compromised")
	rcpt("a compromised address has none", uwe, "550 5.1.6")
	s.must("user", "add", "new@corp.example")
	rcpt("a new user's address", s.bcc("new@corp.example"), "250 ")

	if got := ask[[]intake](s, "intake", "list"); len(got) != 0 {
		t.Errorf("%d intakes of what was refused, want none", len(got))
	}
}

// testSizeLimit is the last row of the decision table: 36 MiB are answered 552, whether announced or not; what fits is
// taken and kept.
func testSizeLimit(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	bcc := s.bcc("anna@corp.example")
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := c.say("MAIL FROM:<anna@corp.example> SIZE=37748736", "552 5.3.4"); err != nil {
		t.Errorf("announced: %v", err)
	}
	line := append(bytes.Repeat([]byte("x"), 1022), "\r\n"...)
	big := append(written("big@corp.example", "ben@acme.example", "Big"), bytes.Repeat(line, 36<<10)...)
	reply, err := s.send("anna@corp.example", big, bcc)
	if err == nil || !strings.HasPrefix(reply, "552 5.3.4") {
		t.Errorf("36 MiB unannounced: reply %q, %v; want 552 5.3.4", reply, err)
	}
	fits := append(written("fits@corp.example", "ben@acme.example", "Fits"), bytes.Repeat(line, 20<<10)...)
	id, verdict := s.mustSend("anna@corp.example", fits, bcc)
	if verdict != "filed" {
		t.Errorf("20 MiB: %s, want filed", verdict)
	}
	s.checkKept(id, fits, "20 MiB")
}

// testTwoServersOnePort: the second says whose port it is, and the first goes on.
func testTwoServersOnePort(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	other := &site{t: t, program: p, dir: openFolder(t), port: s.port}
	other.configure()
	out := other.run("serve")
	if out.code != 1 || !strings.Contains(out.stderr, s.address()) {
		t.Errorf("the second server: exit code %d, want 1 and a sentence about %s\n%s", out.code, s.address(), out.stderr)
	}
	if _, verdict := s.mustSend("anna@corp.example", written("still@corp.example", "ben@acme.example", "Still there"), s.bcc("anna@corp.example")); verdict != "filed" {
		t.Errorf("the first server: %s, want filed", verdict)
	}
}

// testNewerDatabase: an older program leaves a newer database alone and says so.
func testNewerDatabase(t *testing.T, p program) {
	python := need(t, "python3", "python3")
	s := newSite(t, p)
	out := runCommand(t, exec.CommandContext(t.Context(), python, "-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
table = [r[0] for r in db.execute("select name from sqlite_master where name like '%version%' and type='table'")][0]
db.execute("insert into %s (version_id, is_applied) values (9999, 1)" % table)
db.commit()
`, filepath.Join(s.dir, "crm.db")))
	if out.code != 0 {
		t.Fatalf("make the database newer: %s", out.stderr)
	}
	for _, args := range [][]string{{"serve"}, {"user", "list"}, {"contact", "add", "--name", "X"}, {"migrate"}} {
		got := s.run(args...)
		if got.code != 1 || !strings.Contains(got.stderr, "newer") || strings.Contains(got.stderr, "panic") {
			t.Errorf("%v on a newer database: exit code %d, want 1 and the word newer\n%s", args, got.code, got.stderr)
		}
	}
}

// testReadOnlyFolder: where nothing can be written, the program says so in a sentence.
func testReadOnlyFolder(t *testing.T, p program) {
	s := &site{t: t, program: p, dir: openFolder(t), port: freePort(t)}
	s.configure()
	cmd := exec.CommandContext(t.Context(), string(p), "--config", s.config(), "serve")
	cmd.Dir = s.dir
	asNobody(t, cmd, s.dir)
	out := runCommand(t, cmd)
	if out.code != 1 || !strings.Contains(out.stderr, s.dir) || strings.Contains(out.stderr, "goroutine") {
		t.Errorf("exit code %d, want 1 and a sentence about %s\n%s", out.code, s.dir, out.stderr)
	}
}

// testUnknownKey: a typo in the configuration stops the program and is named.
func testUnknownKey(t *testing.T, p program) {
	s := &site{t: t, program: p, dir: openFolder(t), port: freePort(t)}
	s.configure("linkin:\n  unknown_outgoing: lead")
	for _, args := range [][]string{{"serve"}, {"config", "check"}, {"user", "list"}} {
		out := s.run(args...)
		if out.code != 1 || !strings.Contains(out.stderr, "linkin") {
			t.Errorf("%v: exit code %d, want 1 and the key\n%s", args, out.code, out.stderr)
		}
	}
}

func testExitCodes(t *testing.T, p program) {
	s := newSite(t, p)
	for want, list := range map[int][][]string{
		0: {{"version"}, {"user", "list"}, {"contact", "show", "1"}, {"config", "check"}, {"intake", "list"}},
		1: {{"--database", "postgres://db.example/crm", "user", "list"}, {"user", "add", "anna@corp.example"}},
		2: {{"contact", "show"}, {"user", "list", "--no-such-flag"}, {"nonsense"}, {"intake", "list", "--verdict", "nonsense"}},
		3: {{"contact", "show", "999"}, {"user", "show", "nobody@corp.example"}, {"explain", "01JQ8V6Z3M0000000000000000"}, {"activity", "show", "999"},
			{"deal", "close", "999", "--won"}, {"intake", "raw", "01JQ8V6Z3M0000000000000000"}},
	} {
		for _, args := range list {
			if out := s.run(args...); out.code != want {
				t.Errorf("blindcopy %s: exit code %d, want %d\n%s", strings.Join(args, " "), out.code, want, out.stderr)
			}
		}
	}
}
