//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// testStrangersLearnNothing: a peer outside the trusted networks is told that its mail was taken, and not what became
// of it: an address of a client is nobody's business.
func testStrangersLearnNothing(t *testing.T, p program) {
	s := newSite(t, p)
	s.configure("linking:\n  sender_auth: \"off\"") // no DNS in this test
	text, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config(), bytes.Replace(text, []byte("smtp:\n"), []byte("smtp:\n  trusted_networks: [192.0.2.0/24]\n"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	s.start()
	for i, to := range []string{"ben@acme.example", "eva@new.example", "uwe@corp.example"} {
		reply, err := s.send("anna@corp.example", written(fmt.Sprintf("s%d@corp.example", i), to, "Quiet"), s.bcc("anna@corp.example"))
		if err != nil || !intakeID.MatchString(reply) || !strings.HasSuffix(reply, " accepted\r\n") {
			t.Errorf("to %s: reply %q, %v; want an intake and the word accepted", to, reply, err)
		}
	}
}

// testLMTP: over LMTP (RFC 2033) each recipient gets a reply of its own, and two recipients are still one decision.
func testLMTP(t *testing.T, p program) {
	s := newSite(t, p)
	socket := filepath.Join(s.dir, "lmtp")
	s.configure("lmtp:\n  listen: [\"unix:" + socket + "\"]")
	anna, uwe := s.bcc("anna@corp.example"), s.bcc("uwe@corp.example")
	s.start()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second)) // cannot fail on a fresh connection
	c := &client{conn: conn, in: bufio.NewReader(conn)}
	if _, err := c.reply("220"); err != nil {
		t.Fatal(err)
	}
	for _, line := range [][2]string{{"LHLO mail.corp.example", "250"}, {"MAIL FROM:<anna@corp.example>", "250"}, {"RCPT TO:<" + anna + ">", "250"},
		{"RCPT TO:<anna-2222222222@bcc.example.com>", "550 5.1.1"}, {"RCPT TO:<" + uwe + ">", "250"}, {"DATA", "354"}} {
		if err := c.say(line[0], line[1]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Write(stuffed(written("lmtp@corp.example", "ben@acme.example", "By LMTP"))); err != nil {
		t.Fatal(err)
	}
	for _, rcpt := range []string{anna, uwe} {
		if reply, err := c.reply("250 2.0.0 "); err != nil {
			t.Errorf("for %s: %q, %v", rcpt, reply, err)
		}
	}
	acts := ask[[]activity](s, "activity", "list")
	if len(acts) != 1 || len(acts[0].Captures) != 2 {
		t.Errorf("activities %+v, want one with two captures", acts)
	}
}

// testRecipients: a hundred recipients are taken, one more is asked to come again (RFC 5321 §4.5.3.1.10); the mail is
// one activity.
func testRecipients(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	local, domain, _ := strings.Cut(bcc, "@")
	s.start()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := c.say("MAIL FROM:<anna@corp.example>", "250"); err != nil {
		t.Fatal(err)
	}
	for i := range 101 {
		want := "250"
		if i == 100 {
			want = "452 4.5.3"
		}
		if err := c.say(fmt.Sprintf("RCPT TO:<%s+x%d@%s>", local, i, domain), want); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.say("DATA", "354"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.conn.Write(stuffed(written("hundred@corp.example", "ben@acme.example", "A hundred"))); err != nil {
		t.Fatal(err)
	}
	reply, err := c.reply("250")
	if err != nil {
		t.Fatal(err)
	}
	readAccepted(t, reply)
	if acts := ask[[]activity](s, "activity", "list"); len(acts) != 1 {
		t.Errorf("%d activities, want one", len(acts))
	}
}

// testBackup: a copy made while mail comes in opens, and holds all that was promised before.
func testBackup(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	large := append(written("large@corp.example", "ben@acme.example", "Large"), bytes.Repeat([]byte("0123456789\r\n"), 20<<10)...)
	id, _ := s.mustSend("anna@corp.example", large, bcc)
	s.mustSend("anna@corp.example", written("small@corp.example", "ben@acme.example", "Small"), bcc)
	copied := filepath.Join(s.dir, "copy.db")
	s.must("backup", copied)
	if got := ask[[]activity](s, "activity", "list", "--database", copied); len(got) != 2 {
		t.Errorf("%d activities in the copy, want 2", len(got))
	}
	if got := s.must("intake", "raw", id, "--database", copied); got != string(large) {
		t.Errorf("the large body is %d bytes in the copy, want %d", len(got), len(large))
	}
}
