package message

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// readMail parses the mail in a file.
func readMail(t testing.TB, file string) *Message {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(raw, Limits{})
}

// corpusDir holds mail that is not ours to copy; tests of it are skipped where it is absent.
const corpusDir = "../../shared/corpus"

func corpusFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpusDir, pattern))
	if len(files) == 0 {
		t.Skipf("no mail in the corpus %s", filepath.Join(corpusDir, pattern))
	}
	return files
}

// testFiles lists files of ours, which must be there.
func testFiles(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return files
}

// people shows addresses on one line.
func people(list ...Address) string {
	var parts []string
	for _, a := range list {
		name := a.Name
		if name != "" {
			name += " "
		}
		parts = append(parts, name+"<"+a.Addr+">")
	}
	return strings.Join(parts, "; ")
}

// checkMessage holds what is true of every Message, whatever was read.
func checkMessage(t *testing.T, raw []byte, m *Message, lim Limits) {
	t.Helper()
	text := func(what, s string, limit int) {
		if !utf8.ValidString(s) {
			t.Errorf("%s is not UTF-8: %q", what, s)
		}
		if limit > 0 && len(s) > limit {
			t.Errorf("%s has %d bytes, more than %d", what, len(s), limit)
		}
	}
	line := func(what, s string, limit int) {
		text(what, s, limit)
		if strings.ContainsFunc(s, unicode.IsControl) {
			t.Errorf("%s has control characters: %q", what, s)
		}
	}
	line("subject", m.Subject, 0)
	line("message id", m.MessageID, 0)
	text("text", m.Text, lim.BodyBytes)
	text("html", m.HTML, lim.BodyBytes)
	for _, list := range [][]Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc, m.Bcc, m.ResentFrom, m.ResentTo} {
		if len(list) > lim.Addresses {
			t.Errorf("%d addresses, more than %d", len(list), lim.Addresses)
		}
		for _, a := range list {
			checkAddress(t, a)
		}
	}
	if len(m.Parts) > lim.Parts || len(m.Attachments) > len(m.Parts) || len(m.Originals) > maxOriginals || len(m.Warnings) > maxWarnings {
		t.Errorf("%d parts, %d attachments, %d originals, %d warnings", len(m.Parts), len(m.Attachments), len(m.Originals), len(m.Warnings))
	}
	for _, p := range m.Parts {
		line("name", p.Name, maxFileName)
		text("media type", p.MediaType, 0)
		if p.Offset < 0 || p.Length < 0 || p.Offset+p.Length > len(raw) {
			t.Errorf("part %s lies at %d, %d of %d bytes", p.Path, p.Offset, p.Length, len(raw))
		}
		if strings.ContainsAny(p.Name, "/\\") {
			t.Errorf("name with a directory: %q", p.Name)
		}
	}
	for _, a := range m.Attachments {
		if _, ok := m.Part(a.Path); !ok || a.Size < 0 {
			t.Errorf("attachment %+v", a)
		}
	}
	for _, w := range m.Warnings {
		line("warning", w.Detail, 1000)
	}
	for _, o := range m.Originals {
		if o.Message == nil || o.Depth < 1 || o.Depth > maxOriginalDepth {
			t.Errorf("original %+v", o)
		}
	}
}

func checkAddress(t *testing.T, a Address) {
	t.Helper()
	if !utf8.ValidString(a.Name) || !utf8.ValidString(a.Addr) || strings.ContainsFunc(a.Name+a.Addr, unicode.IsControl) {
		t.Errorf("address %q", a)
	}
	if len(a.Name) > maxNameBytes || len(a.Addr) > maxAddrBytes || a.Name == "" && a.Addr == "" {
		t.Errorf("address %q", a)
	}
	if local, domain, ok := cutLast(a.Addr, "@"); a.Addr != "" && (!ok || local == "" || domain == "" || strings.ContainsAny(domain, " ,;<>\"")) {
		t.Errorf("no address: %q", a.Addr)
	}
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
