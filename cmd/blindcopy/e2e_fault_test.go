//go:build linux

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// testInjectedFaults makes system calls of a running server fail, as a bad disk does. While that lasts every mail is answered
// 4xx, the log says so once, and /readyz why; then mail is taken without a restart, and each once.
func testInjectedFaults(t *testing.T, p program) {
	need(t, "strace", "strace")
	web := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	t.Setenv("BLINDCOPY_WEB_LISTEN", web)
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	sent := 0
	send := func(prefix string) (string, error) {
		sent++
		return s.send("anna@corp.example", killMail(fmt.Sprintf("%s-%d@corp.example", prefix, sent)), bcc)
	}
	taken := 0
	for i, row := range []struct{ fault, calls, code, reply, reason string }{
		{"fsync fails", "fsync,fdatasync", "EIO", "451 4.3.0", "the database does not take changes"},
		{"the disk is full", "pwrite64", "ENOSPC", "452 4.3.1", "a disk of the database is full"},
		{"the disk is read-only", "pwrite64", "EROFS", "451 4.3.0", "the database does not take changes"},
		{"the disk fails", "pwrite64,fsync,fdatasync", "EIO", "451 4.3.0", "the database does not take changes"},
	} {
		heal := s.inject(row.calls, row.code)
		for range 5 {
			if reply, err := send("fault"); err == nil || !strings.HasPrefix(reply, row.reply) {
				t.Errorf("%s: reply %q, want %s", row.fault, reply, row.reply)
			}
		}
		if code, reasons := readyz(t, web); code != 503 || len(reasons) != 1 || reasons[0] != row.reason {
			t.Errorf("%s: /readyz = %d %q, want 503 and %q", row.fault, code, reasons, row.reason)
		}
		heal()
		if reply, err := send("healed"); err != nil {
			t.Errorf("%s is over: reply %q", row.fault, reply)
		}
		taken++
		if code, reasons := readyz(t, web); code != 200 {
			t.Errorf("%s is over: /readyz = %d %q, want 200", row.fault, code, reasons)
		}
		// The first is told; those within the same minute are one trouble that comes and goes.
		if n := strings.Count(s.server.log.String(), "level=ERROR"); n != 1 {
			t.Errorf("%s, the fault number %d: %d lines of ERROR in all, want 1\n%s", row.fault, i+1, n, s.server.log)
		}
	}
	s.kill() // what was promised is on the disk
	s.start()
	acts := ask[[]activity](s, "activity", "list", "--limit", "0")
	healed := 0
	for _, act := range acts {
		if strings.HasPrefix(act.MessageID, "healed-") {
			healed++
		}
	}
	if healed != taken {
		t.Errorf("%d of the %d promised mails are there", healed, taken)
	}
	s.must("check")
}

// inject makes system calls of the server fail until heal is called.
func (s *site) inject(calls, code string) (heal func()) {
	s.t.Helper()
	cmd := exec.Command("strace", "-f", "-o", os.DevNull, "-e", "trace="+calls, "-e", "inject="+calls+":error="+code, "-p", fmt.Sprint(s.server.cmd.Process.Pid))
	said := &lockedText{}
	cmd.Stderr = said
	dieWithUs(cmd)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = cmd.Wait(); close(done) }()
	ended := func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
	if !waitFor(5*time.Second, func() bool { return strings.Contains(said.String(), "attached") || ended() }) || ended() {
		s.t.Skipf("strace cannot attach here (ptrace is forbidden?): %s", said)
	}
	time.Sleep(50 * time.Millisecond) // it attaches to the threads one after the other
	return func() {
		_ = cmd.Process.Signal(syscall.SIGINT) // it lets the process go on
		<-done
	}
}

// readyz asks the server of an address.
func readyz(t *testing.T, address string) (int, []string) {
	t.Helper()
	res, err := http.Get("http://" + address + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var st struct{ Reasons []string }
	if err := json.NewDecoder(res.Body).Decode(&st); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, st.Reasons
}

// smallDisk mounts a disk and moves the site's database there.
func (s *site) smallDisk(options string) (disk string) {
	s.t.Helper()
	disk = filepath.Join(s.dir, "disk")
	if err := os.Mkdir(disk, 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, options); err != nil {
		s.t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	s.t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	text, err := os.ReadFile(s.config())
	if err != nil {
		s.t.Fatal(err)
	}
	moved := bytes.Replace(text, []byte(filepath.Join(s.dir, "crm.db")), []byte(filepath.Join(disk, "crm.db")), 1)
	if err := os.WriteFile(s.config(), moved, 0o644); err != nil {
		s.t.Fatal(err)
	}
	s.must("user", "add", "anna@corp.example")
	s.must("contact", "add", "--name", "Ben Client", "--email", "ben@acme.example")
	return disk
}

// testDiskReserve: mail is answered 452 before the disk is full. People go on working, retention makes room, and with room
// mail is taken again.
func testDiskReserve(t *testing.T, p program) {
	web := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	t.Setenv("BLINDCOPY_WEB_LISTEN", web)
	s := newSite(t, p)
	disk := s.smallDisk("size=64m") // of which a twentieth is kept: 3.2 MB
	bcc := s.bcc("anna@corp.example")
	s.start()
	t.Cleanup(s.kill) // before the disk goes
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	info, err := os.Stat(filler)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filler, info.Size()-2<<20); err != nil { // 2 MB are free
		t.Fatal(err)
	}
	for _, raw := range [][]byte{killMail("small@corp.example"), killMail("large7@corp.example")} {
		if reply, _ := s.send("anna@corp.example", raw, bcc); !strings.HasPrefix(reply, "452 4.3.1") {
			t.Errorf("%d bytes with 2 MB free and 3 MB in reserve: reply %q, want 452 4.3.1", len(raw), reply)
		}
	}
	if code, reasons := readyz(t, web); code != 503 || len(reasons) == 0 || !strings.Contains(reasons[0], "nearly full") {
		t.Errorf("/readyz = %d %q, want 503 and that the disk is nearly full", code, reasons)
	}
	s.must("contact", "add", "--name", "Olivia", "--email", "olivia@acme.example")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	s.mustSend("anna@corp.example", killMail("small@corp.example"), bcc)
	if n := strings.Count(s.server.log.String(), "level=ERROR"); n != 1 || !strings.Contains(s.server.log.String(), "kept in reserve") {
		t.Errorf("%d lines of ERROR, want 1 that names the reserve\n%s", n, s.server.log)
	}
}

// testReadOnlyDisk: a server does not start where it cannot write, and says why in a sentence.
func testReadOnlyDisk(t *testing.T, p program) {
	s := newSite(t, p)
	disk := s.smallDisk("size=16m")
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=16m"); err != nil {
		t.Skipf("a disk cannot be made read-only here: %v", err)
	}
	for _, args := range [][]string{{"serve"}, {"contact", "add", "--name", "Olivia"}} {
		out := s.run(args...)
		if out.code != 1 || !strings.Contains(out.stderr, "read-only") || strings.Contains(out.stderr, "goroutine") {
			t.Errorf("%v on a read-only disk: exit code %d, want 1 and a sentence\n%s", args, out.code, out.stderr)
		}
	}
}

// testDamagedDatabase: pages that are not as they were written. The running server takes no more mail, and a new one does
// not start; the backup is one command away.
func testDamagedDatabase(t *testing.T, p program) {
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	s.mustSend("anna@corp.example", killMail("before7@corp.example"), bcc)
	backup := filepath.Join(s.dir, "backup.db")
	s.must("backup", backup)
	s.stop()
	s.start() // with nothing in memory
	damage(t, filepath.Join(s.dir, "crm.db"))
	for i := range 3 {
		if reply, err := s.send("anna@corp.example", killMail(fmt.Sprintf("after%d@corp.example", i)), bcc); err == nil {
			t.Errorf("mail into a damaged database: reply %q, want 4xx", reply)
		}
	}
	if n := strings.Count(s.server.log.String(), "level=ERROR"); n != 1 || !strings.Contains(s.server.log.String(), "the database is damaged") {
		t.Errorf("%d lines of ERROR, want 1 that says so\n%s", n, s.server.log)
	}
	s.stop()
	for _, args := range [][]string{{"serve"}, {"contact", "add", "--name", "Olivia"}} {
		if out := s.run(args...); out.code != 1 || !strings.Contains(out.stderr, "damaged") || !strings.Contains(out.stderr, "blindcopy restore") {
			t.Errorf("%v on a damaged database: exit code %d, want 1, a sentence and what to do\n%s", args, out.code, out.stderr)
		}
	}
	s.must("restore", backup, "--force")
	s.start()
	s.mustSend("anna@corp.example", killMail("after0@corp.example"), bcc)
	s.must("check")
}

// damage writes over a file from its third page on.
func damage(t *testing.T, file string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, int(info.Size())-8192), 8192); err != nil {
		t.Fatal(err)
	}
}

// testTwoServersOneDatabase: the second one, on a port of its own, does not start; the first goes on.
func testTwoServersOneDatabase(t *testing.T, p program) {
	s := newSite(t, p)
	s.start()
	cmd := exec.CommandContext(t.Context(), string(p), "--config", s.config(), "serve")
	cmd.Env = append(os.Environ(), fmt.Sprintf("BLINDCOPY_SMTP_LISTEN=127.0.0.1:%d", freePort(t)))
	out := runCommand(t, cmd)
	if out.code != 1 || !strings.Contains(out.stderr, fmt.Sprintf("process %d", s.server.cmd.Process.Pid)) {
		t.Errorf("the second server: exit code %d, want 1 and the process of the first\n%s", out.code, out.stderr)
	}
	s.mustSend("anna@corp.example", killMail("still@corp.example"), s.bcc("anna@corp.example"))
}

// testLockedDatabase: another program holds the lock of the database, and does not let go. Mail waits for as long as a commit
// may take, then its sender is asked to come again.
func testLockedDatabase(t *testing.T, p program) {
	python := need(t, "python3", "python3")
	web := fmt.Sprintf("127.0.0.1:%d", freePort(t))
	t.Setenv("BLINDCOPY_WEB_LISTEN", web)
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	holder := exec.Command(python, "-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("begin immediate")
print("locked", flush=True)
sys.stdin.read()
`, filepath.Join(s.dir, "crm.db"))
	dieWithUs(holder)
	said := &lockedText{}
	holder.Stdout = said
	release, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if !waitFor(5*time.Second, func() bool { return strings.Contains(said.String(), "locked") }) {
		t.Fatal("the database cannot be locked")
	}
	answer := make(chan string)
	go func() {
		reply, _ := s.send("anna@corp.example", killMail("locked@corp.example"), bcc)
		answer <- reply
	}()
	if code, reasons := readyz(t, web); code != 503 || len(reasons) != 1 || reasons[0] != "the database is locked or hangs" {
		t.Errorf("/readyz = %d %q, want 503 and that it is locked", code, reasons)
	}
	if reply := <-answer; !strings.HasPrefix(reply, "451 4.3.0") {
		t.Errorf("mail into a locked database: reply %q, want 451 4.3.0", reply)
	}
	if err := release.Close(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	s.mustSend("anna@corp.example", killMail("locked@corp.example"), bcc)
	if code, reasons := readyz(t, web); code != 200 {
		t.Errorf("/readyz = %d %q after the lock, want 200", code, reasons)
	}
	if log := s.server.log.String(); strings.Count(log, "level=ERROR") != 1 || !strings.Contains(log, "mail is taken again") {
		t.Errorf("want one line of ERROR, and that it is over\n%s", log)
	}
}
