//go:build unix

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// swaksLine is one line of testdata/swaks/scenarios.txt.
type swaksLine struct {
	what  string
	args  []string
	reply string // the beginning of the reply that decides
	codes []string
}

func swaksLines(t *testing.T, s *site) []swaksLine {
	t.Helper()
	text, err := os.ReadFile("../../testdata/swaks/scenarios.txt")
	if err != nil {
		t.Fatal(err)
	}
	users := strings.NewReplacer("{anna}", s.bcc("anna@corp.example"), "{uwe}", s.bcc("uwe@corp.example"),
		"{anna+deal1}", strings.Replace(s.bcc("anna@corp.example"), "@", "+deal1@", 1))
	var lines []swaksLine
	var what string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case strings.HasPrefix(line, "#"):
			what = strings.TrimSpace(line[1:])
		default:
			cells := strings.Split(line, "|")
			if len(cells) != 3 {
				t.Fatalf("scenarios.txt: %q has not three cells", line)
			}
			lines = append(lines, swaksLine{what, shellWords(users.Replace(cells[0])), strings.TrimSpace(cells[1]), strings.Fields(cells[2])})
		}
	}
	return lines
}

// shellWords splits at spaces; what stands in single quotes stays together.
func shellWords(line string) []string {
	var list []string
	for i, piece := range strings.Split(line, "'") {
		if i%2 == 1 {
			list[len(list)-1] += piece
			continue
		}
		list = append(list, strings.Fields(piece)...)
		if strings.HasSuffix(piece, " ") {
			list = append(list, "")
		}
	}
	return slices.DeleteFunc(list, func(s string) bool { return s == "" })
}

// testSwaks sends mail as an administrator tries a new mail server out: with swaks, over STARTTLS and in the clear.
func testSwaks(t *testing.T, p program) {
	swaks := need(t, "swaks", "swaks")
	openssl := need(t, "openssl", "openssl")
	dir := openFolder(t)
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	out := runCommand(t, exec.CommandContext(t.Context(), openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
		"-subj", "/CN=mx.bcc.example.com", "-keyout", key, "-out", cert))
	if out.code != 0 {
		t.Fatalf("make a certificate: %s", out.stderr)
	}
	s := newSite(t, p)
	text, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	tls := fmt.Sprintf("  tls: {cert_file: %s, key_file: %s}\nweb:", cert, key)
	if err := os.WriteFile(s.config(), bytes.Replace(text, []byte("web:"), []byte(tls), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	s.must("deal", "add", "--title", "Rollout", "--contact", "1")
	s.must("mailbox", "add", "info@corp.example")
	s.start()
	for _, line := range swaksLines(t, s) {
		t.Run(line.what, func(t *testing.T) { s.swaks(t, swaks, line) })
	}
}

var intakeID = regexp.MustCompile(`250 2\.0\.0 ([0-9A-Z]{26})`)

func (s *site) swaks(t *testing.T, swaks string, line swaksLine) {
	cmd := exec.CommandContext(t.Context(), swaks, append([]string{"--server", "127.0.0.1", "--port", fmt.Sprint(s.port)}, line.args...)...)
	cmd.Dir = "../../testdata/swaks"
	out := runCommand(t, cmd)
	if !strings.Contains(out.stdout, line.reply) {
		t.Fatalf("swaks %s: no reply %q\n%s%s", strings.Join(line.args, " "), line.reply, out.stdout, out.stderr)
	}
	found := intakeID.FindStringSubmatch(out.stdout)
	if found == nil {
		if len(line.codes) > 0 {
			t.Fatalf("no intake in\n%s", out.stdout)
		}
		return
	}
	in := ask[intake](s, "explain", found[1])
	got := append([]string{in.Verdict}, in.Codes...)
	for _, want := range line.codes {
		if !slices.Contains(got, want) {
			t.Errorf("swaks %s: %q, want %q", strings.Join(line.args, " "), got, line.codes)
		}
	}
}

// testTry: `try` says what becomes of a mail, and writes nothing; sent then, that is what becomes of it.
func testTry(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	bcc := s.bcc("anna@corp.example")
	mails := map[string][]byte{
		"to a contact":   written("t1@corp.example", "ben@acme.example", "To a contact"),
		"to a stranger":  written("t2@corp.example", "Eva Ernst <eva@new.example>", "To a stranger"),
		"to a colleague": written("t3@corp.example", "uwe@corp.example", "To a colleague"),
		"from a stranger": bytes.Replace(written("t4@corp.example", "ben@acme.example", "From a stranger"),
			[]byte("Anna Agent <anna@corp.example>"), []byte("king@spam.example"), 1),
	}
	for name, raw := range mails {
		file := filepath.Join(s.dir, "mail.eml")
		if err := os.WriteFile(file, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		before := len(ask[[]intake](s, "intake", "list", "--limit", "0"))
		tried := ask[intake](s, "try", file, "--rcpt", bcc, "--mail-from", "anna@corp.example", "--remote", "127.0.0.1")
		if after := len(ask[[]intake](s, "intake", "list", "--limit", "0")); after != before {
			t.Errorf("%s: try wrote an intake", name)
		}
		id, _ := s.mustSend("anna@corp.example", raw, bcc)
		sent := ask[intake](s, "explain", id)
		if tried.Verdict != sent.Verdict || !slices.Equal(tried.Codes, sent.Codes) {
			t.Errorf("%s: tried %s %q, sent %s %q", name, tried.Verdict, tried.Codes, sent.Verdict, sent.Codes)
		}
	}
}
