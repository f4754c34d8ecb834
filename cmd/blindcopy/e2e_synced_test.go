//go:build unix

package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// testSyncedBefore250 watches the system calls: between the last octet of a mail and its 250, the
// write-ahead log was synced, and of a large mail the file of its body and the folder that names it.
func testSyncedBefore250(t *testing.T, p program) {
	strace := need(t, "strace", "strace")
	s := newSite(t, p)
	trace := filepath.Join(s.dir, "strace")
	out := s.tryStart(strace, "-D", "-f", "-y", "-s", "48", "-e", "trace=fsync,fdatasync,sendto,write,writev", "-o", trace)
	if out != "" {
		t.Skipf("strace cannot trace here (ptrace is forbidden?): %s", out)
	}
	bcc := s.bcc("anna@corp.example")
	large := append(written("large@corp.example", "ben@acme.example", "Large"), bytes.Repeat([]byte("0123456789\r\n"), 20<<10)...)
	for i := range 3 {
		s.mustSend("anna@corp.example", written(fmt.Sprintf("small%d@corp.example", i), "ben@acme.example", "Small"), bcc)
	}
	s.mustSend("anna@corp.example", large, bcc)
	s.mustSend("anna@corp.example", large, bcc) // a duplicate is a promise, too
	s.stop()
	var text []byte
	waitFor(10*time.Second, func() bool {
		text, _ = os.ReadFile(trace) // strace, which runs beside, ends it a little later
		return bytes.Contains(text, []byte("+++ exited with"))
	})
	promises := readTrace(t, string(text))
	if len(promises) != 5 {
		t.Fatalf("%d replies with an intake in the trace, want 5", len(promises))
	}
	for i, synced := range promises {
		if !strings.Contains(synced, ".db-wal") {
			t.Errorf("mail %d: the 250 left before the log was synced; synced since DATA: %q", i+1, synced)
		}
	}
	if synced := promises[3]; !strings.Contains(synced, "crm.db.files/") {
		t.Errorf("the large mail: its body was not synced; synced since DATA: %q", synced)
	}
}

var (
	// 4711 fdatasync(7</x/crm.db-wal>) = 0, or the same in two lines: "<unfinished ...>", "<... fdatasync resumed>) = 0"
	syncCall    = regexp.MustCompile(`^(\d+) +f(?:data)?sync\(\d+<([^>]*)>(\)\s+= 0| <unfinished)`)
	syncResumed = regexp.MustCompile(`^(\d+) +<\.\.\. f(?:data)?sync resumed>\)\s+= 0`)
	replyCall   = regexp.MustCompile(`^\d+ +(?:write|sendto|writev)\(.*"(354 |250 2\.0\.0 [0-9A-Z]{26} )`)
)

// readTrace returns for each promise what was synced between the 354 and it.
func readTrace(t *testing.T, text string) (promises []string) {
	t.Helper()
	pending := map[string]string{} // by thread
	var synced []string
	for line := range strings.Lines(text) {
		if found := syncCall.FindStringSubmatch(line); found != nil {
			if strings.Contains(found[3], "unfinished") {
				pending[found[1]] = found[2]
			} else {
				synced = append(synced, found[2])
			}
		} else if found := syncResumed.FindStringSubmatch(line); found != nil {
			synced = append(synced, pending[found[1]])
		} else if found := replyCall.FindStringSubmatch(line); found != nil {
			if !strings.HasPrefix(found[1], "354") {
				promises = append(promises, strings.Join(synced, " "))
			}
			synced = nil
		}
	}
	return promises
}

// tryStart starts the server under strace, whose last argument is the file it writes; where strace cannot trace, it
// says why.
func (s *site) tryStart(before ...string) (why string) {
	s.t.Helper()
	probe := append(append([]string{}, before[:len(before)-1]...), os.DevNull, "true")
	if out := runCommand(s.t, command(s.t, probe)); out.code != 0 {
		return fmt.Sprintf("exit code %d: %s", out.code, strings.TrimSpace(out.stderr))
	}
	s.start(before...)
	time.Sleep(50 * time.Millisecond) // strace prints what the start was
	return ""
}
