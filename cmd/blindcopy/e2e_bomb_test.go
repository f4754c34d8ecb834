//go:build unix

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Bounds of a mail that was made to be dear, and of the good one behind it.
const (
	bombTime   = 3 * time.Second
	bombMemory = 128 << 20
	goodTime   = time.Second
)

// testBombs sends mails that were made to be dear, each a few bytes of work for its sender. Each has to be taken
// within a time and a memory that leave the server to others.
func testBombs(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	bcc := s.bcc("anna@corp.example")
	for name, raw := range bombs() {
		t.Run(name, func(t *testing.T) {
			before := s.resetPeak()
			took := s.explode(t, raw, bcc)
			if took > bombTime {
				t.Errorf("%d bytes took %s, want at most %s", len(raw), took, bombTime)
			}
			if peak, ok := s.memory("VmHWM"); ok && peak-before > bombMemory {
				t.Errorf("%d bytes took %d MiB of memory, want at most %d", len(raw), (peak-before)>>20, bombMemory>>20)
			}
			began := time.Now()
			if _, verdict := s.mustSend("anna@corp.example", written(name+"@corp.example", "ben@acme.example", "After "+name), bcc); verdict != "filed" {
				t.Errorf("the good mail behind it: %s, want filed", verdict)
			}
			if took := time.Since(began); took > goodTime {
				t.Errorf("the good mail behind it took %s, want at most %s", took, goodTime)
			}
		})
	}
}

// explode delivers a mail, and returns how long its last octet had to wait for the reply.
func (s *site) explode(t *testing.T, raw []byte, rcpt string) time.Duration {
	t.Helper()
	c, err := s.dial()
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	if err := c.upToTheDot("anna@corp.example", raw, rcpt); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := c.theDot(); err != nil {
		t.Error(err)
	}
	return time.Since(began)
}

var memoryLine = regexp.MustCompile(`(?m)^(\w+):\s+(\d+) kB$`)

// memory reads a line of /proc/PID/status, in bytes; false where there is no such thing.
func (s *site) memory(name string) (int64, bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.server.cmd.Process.Pid))
	if err != nil {
		return 0, false
	}
	for _, m := range memoryLine.FindAllStringSubmatch(string(status), -1) {
		if m[1] == name {
			kb, err := strconv.ParseInt(m[2], 10, 64)
			return kb << 10, err == nil
		}
	}
	return 0, false
}

// resetPeak makes VmHWM begin anew, and returns the memory of now.
func (s *site) resetPeak() int64 {
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.server.cmd.Process.Pid), []byte("5"), 0) // proc(5)
	now, _ := s.memory("VmRSS")
	return now
}

// bombs are headers and bodies that some reader of mail takes forever over.
func bombs() map[string][]byte {
	const from = "From: Anna Agent <anna@corp.example>\r\n"
	id := 0
	mail := func(header, body string) []byte {
		id++
		return []byte(fmt.Sprintf("%sMessage-ID: <bomb%d@corp.example>\r\n%s\r\n%s", from, id, header, body))
	}
	to := func(header, body string) []byte { return mail("To: ben@acme.example\r\n"+header, body) }
	mixed := "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
	return map[string][]byte{
		"nesting":               to("MIME-Version: 1.0\r\n"+nestedHeader(0), nest(10_000)),
		"mails in mails":        to("MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n", strings.Repeat("From: a@b.example\r\nContent-Type: message/rfc822\r\n\r\n", 20_000)),
		"parts":                 to(mixed, strings.Repeat("--b\r\n\r\nx\r\n", 1_000_000)+"--b--\r\n"),
		"parts with one name":   to(mixed, strings.Repeat("--b\r\nContent-Disposition: attachment; filename=x\r\n\r\n", 300_000)),
		"a boundary everywhere": to("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=-\r\n", strings.Repeat("---------------------------------------------------------------------\r\n", 300_000)),
		"a part header":         to(mixed, "--b\r\nX: "+lines("x", 24<<20, "\r\n ")+"\r\n\r\n--b--\r\n"),
		"part header fields":    to(mixed, "--b\r\n"+strings.Repeat("X: y\r\n", 4<<20)+"\r\n--b--\r\n"),
		"header fields":         to(strings.Repeat("X: y\r\n", 2<<20), "x\r\n"),
		"a folded field":        to("X: y\r\n"+strings.Repeat(" y\r\n", 2<<20), "x\r\n"),
		"encoded words":         to("Subject: "+strings.Repeat("=?utf-8?q?=41?=\r\n ", 500_000)+"\r\n", "x\r\n"),
		"encoded words in To":   mail("To: "+lines("=?utf-8?b?QQ==?= ", 300_000, "\r\n ")+"<ben@acme.example>\r\n", "x\r\n"),
		"continuations":         to(mixed, "--b\r\nContent-Disposition: attachment"+continuations(200_000)+"\r\n\r\nx\r\n--b--\r\n"),
		"recipients":            mail("To: "+recipients(60_000)+"\r\n", "x\r\n"),
		"comments":              mail("To: "+strings.Repeat("(", 1_000_000)+" ben@acme.example\r\n", "x\r\n"),
		"angle brackets":        mail("To: "+strings.Repeat("<", 1_000_000)+"ben@acme.example\r\n", "x\r\n"),
		"references":            to("References: "+strings.Repeat("<a@b.example>\r\n ", 500_000)+"\r\n", "x\r\n"),
		"quotations":            to("", strings.Repeat(strings.Repeat("> ", 5_000)+"x\r\n", 500)),
		"attributions":          to("Subject: Re: x\r\n", strings.Repeat("On Mon, Jan 1, 2026 at 10:00 AM somebody wrote:\r\n> x\r\n", 200_000)),
		"half attributions":     to("Subject: Re: x\r\n", lines("On ", 2<<20, "\r\n")),
		"forwards":              mail("Subject: Fwd: x\r\nTo: "+"\r\n", strings.Repeat("---------- Forwarded message ---------\r\nFrom: a <a@b.example>\r\nDate: x\r\n", 100_000)),
		"elements":              to("MIME-Version: 1.0\r\nContent-Type: text/html\r\n", lines("<div>", 2<<20, "\r\n")),
		"elements and quotes":   to("MIME-Version: 1.0\r\nContent-Type: text/html\r\n", lines("<blockquote><table><tr><td>", 500_000, "\r\n")),
		"an open comment":       to("MIME-Version: 1.0\r\nContent-Type: text/html\r\n", lines("<!--", 2<<20, "\r\n")),
		"entities":              to("MIME-Version: 1.0\r\nContent-Type: text/html\r\n", lines("&#x41;", 2<<20, "\r\n")),
		"nothing but dashes":    to(mixed, strings.Repeat("--\r\n", 5<<20)),
		"nothing but line ends": to("", strings.Repeat("\r\n", 8<<20)),
		"bare line feeds":       to("", strings.Repeat("\n", 16<<20)),
		"quoted-printable":      to("MIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n", strings.Repeat("=\r\n", 8<<20)),
	}
}

// lines repeats a text, with a line end now and then: a line over 1 MiB is refused before anybody reads it.
func lines(text string, n int, end string) string {
	const once = 10_000
	return strings.Repeat(strings.Repeat(text, once)+end, n/once)
}

func nestedHeader(level int) string {
	return fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n", level)
}

// nest has multiparts in multiparts, each with a boundary of its own.
func nest(levels int) string {
	var b strings.Builder
	for i := range levels {
		fmt.Fprintf(&b, "--b%d\r\n%s\r\n", i, nestedHeader(i+1))
	}
	return b.String()
}

// continuations are the pieces of one file name (RFC 2231 §3).
func continuations(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ";\r\n filename*%d*=%%41", i)
	}
	return b.String()
}

func recipients(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("Person %d <p%d@c%d.example>", i, i, i)
	}
	return strings.Join(list, ",\r\n ")
}

// testManyLarge has as many large mails at once as there are sessions. Their bytes lie in files: the memory
// does not grow with them, and a small mail is not kept waiting.
func testManyLarge(t *testing.T, p program) {
	const sessions, size, most = 50, 25 << 20, 64 << 20
	t.Setenv("GOMEMLIMIT", "128MiB")
	s := newSite(t, p)
	s.start()
	bcc := s.bcc("anna@corp.example")
	s.mustSend("anna@corp.example", written("first@corp.example", "ben@acme.example", "First"), bcc)
	line := bytes.Repeat([]byte("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n"), 1<<10)
	before := s.resetPeak()
	var all sync.WaitGroup
	for i := range sessions {
		all.Go(func() {
			head := fmt.Sprintf("From: anna@corp.example\r\nTo: ben@acme.example\r\nMessage-ID: <large%d@corp.example>\r\nMIME-Version: 1.0\r\n"+
				"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n", i)
			if err := s.pour(head, line, size, "\r\n--b--\r\n", bcc); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	began := time.Now()
	s.mustSend("anna@corp.example", written("small@corp.example", "ben@acme.example", "Small"), bcc)
	if took := time.Since(began); took > goodTime {
		t.Errorf("the good mail behind them took %s, want at most %s", took, goodTime)
	}
	if peak, ok := s.memory("VmHWM"); ok && peak-before > most {
		t.Errorf("%d mails of %d MiB took %d MiB of memory, want at most %d", sessions, size>>20, (peak-before)>>20, most>>20)
	} else if ok {
		t.Logf("%d mails of %d MiB took %d MiB of memory", sessions, size>>20, (peak-before)>>20)
	}
}

// pour delivers a mail that has no room in the memory of the test.
func (s *site) pour(head string, block []byte, size int, tail, rcpt string) error {
	c, err := s.dial()
	if err != nil {
		return err
	}
	defer c.conn.Close()
	if err := c.say("MAIL FROM:<anna@corp.example>", "250"); err != nil {
		return err
	}
	if err := c.say("RCPT TO:<"+rcpt+">", "250"); err != nil {
		return err
	}
	if err := c.say("DATA", "354"); err != nil {
		return err
	}
	if _, err := c.conn.Write([]byte(head)); err != nil {
		return err
	}
	for sent := 0; sent < size; sent += len(block) {
		if _, err := c.conn.Write(block); err != nil {
			return err
		}
	}
	return c.say(tail+".", "250")
}
