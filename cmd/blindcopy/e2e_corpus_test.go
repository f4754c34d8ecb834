//go:build unix

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

const realCorpus = "../../../shared/corpus/real"

func corpusFiles(t *testing.T) []string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(realCorpus, "*.eml"))
	if len(files) == 0 {
		t.Skip("the corpus is not here: put it into ../shared/corpus")
	}
	return files
}

// smtplibScript sends every file, with CRLF at the ends of lines as mail programs do, and tells, a line of JSON each, the reply and the
// seconds it took.
const smtplibScript = `
import json, re, smtplib, sys, time
host, port, sender, rcpt = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
s = smtplib.SMTP(host, port, local_hostname="python.example", timeout=60)
for name in sys.argv[5:]:
    raw = re.sub(rb"\r\n|\r|\n", b"\r\n", open(name, "rb").read())
    t = time.monotonic()
    s.ehlo_or_helo_if_needed()
    for code, text in (s.mail(sender, ["BODY=8BITMIME"]), s.rcpt(rcpt)):
        if code != 250: sys.exit("%s: %d %s" % (name, code, text))
    code, text = s.data(raw)
    print(json.dumps({"file": name, "code": code, "text": text.decode(), "seconds": time.monotonic() - t}))
s.quit()
`

// testCorpus: each odd mail of the real world, sent by Python's smtplib, is taken within a second, kept byte for byte, and ends
// with a verdict and a reason.
func testCorpus(t *testing.T, p program) {
	files := corpusFiles(t)
	python := need(t, "python3", "python3")
	s := newSite(t, p)
	s.start()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-c", smtplibScript, "127.0.0.1", fmt.Sprint(s.port), "anna@corp.example", s.bcc("anna@corp.example")}, files...)...)
	out := runCommand(t, cmd)
	if out.code != 0 {
		t.Fatalf("smtplib: %s\n%s", out.stderr, s.server.log)
	}
	took := 0
	for decoder := json.NewDecoder(bytes.NewReader([]byte(out.stdout))); decoder.More(); took++ {
		var sent struct {
			File    string
			Code    int
			Text    string
			Seconds float64
		}
		if err := decoder.Decode(&sent); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(sent.File)
		if err != nil {
			t.Fatal(err)
		}
		if sent.Code != 250 || sent.Seconds > 1 {
			t.Errorf("%s: %d %s, after %.2f s; want 250 within a second", sent.File, sent.Code, sent.Text, sent.Seconds)
			continue
		}
		id, _ := readAccepted(t, fmt.Sprintf("%d %s\r\n", sent.Code, sent.Text))
		s.checkKept(id, withCRLF(raw), filepath.Base(sent.File))
	}
	if took != len(files) {
		t.Errorf("%d of %d mails were taken", took, len(files))
	}
}

// testCorpusAsItIs sends the same files with whatever ends of lines they have: bare CR and LF do not hurt, and are
// kept.
func testCorpusAsItIs(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	bcc := s.bcc("anna@corp.example")
	for i, file := range corpusFiles(t) {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		id, _ := s.mustSend("anna@corp.example", raw, bcc)
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: taken after %s, want within a second", file, took)
		}
		if i%4 == 0 || !bytes.Contains(raw, []byte("\r\n")) { // a process each: a sample will do
			s.checkKept(id, endedLine(raw), filepath.Base(file))
		}
	}
}

// checkKept: the intake says why it ended as it did, and the raw bytes are those that were sent.
func (s *site) checkKept(id string, sent []byte, name string) {
	s.t.Helper()
	in := ask[intake](s, "explain", id)
	if in.Verdict == "" || len(in.Codes) == 0 {
		s.t.Errorf("%s: verdict %q, codes %q; want some of both", name, in.Verdict, in.Codes)
	}
	for _, code := range in.Codes {
		if code == "internal_error" {
			s.t.Errorf("%s: a rule failed on it", name)
		}
	}
	if in.Verdict == "ignored" {
		return // nothing is kept of it
	}
	if in.Size != int64(len(sent)) {
		s.t.Errorf("%s: %d bytes, sent %d", name, in.Size, len(sent))
	}
	if got := s.must("intake", "raw", id); got != string(sent) {
		at := 0
		for at < len(got) && at < len(sent) && got[at] == sent[at] {
			at++
		}
		s.t.Errorf("%s: %d raw bytes, sent %d; they differ from %d on:\n got  %.60q\n sent %.60q", name, len(got), len(sent), at, got[min(at, len(got)):], sent[min(at, len(sent)):])
	}
}
