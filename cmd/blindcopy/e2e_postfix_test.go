//go:build unix

package main_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// postfix is a Postfix of our own: configuration, queue and log lie in one temporary folder, it listens on
// loopback alone, and hands all mail to our port.
type postfix struct {
	t    *testing.T
	dir  string
	port int
	cmd  *exec.Cmd
}

const mainCF = `compatibility_level = 3.6
queue_directory = %[1]s/spool
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.corp.example
mydestination =
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_recipient_restrictions = permit_mynetworks, reject
local_transport = error:no local delivery
local_recipient_maps =
alias_maps =
alias_database =
relayhost = [127.0.0.1]:%[2]d
smtp_tls_security_level = none
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_data_done_timeout = 60s
in_flow_delay = 0
maillog_file_prefixes = %[1]s
maillog_file = %[1]s/log
`

const masterCF = `127.0.0.1:%d inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
`

func startPostfix(t *testing.T, relayPort int) *postfix {
	t.Helper()
	master := need(t, "master", "postfix")
	if os.Geteuid() != 0 {
		t.Skip("Postfix starts as root only")
	}
	p := &postfix{t: t, dir: openFolder(t), port: freePort(t)}
	for _, d := range []string{"conf", "data", "spool"} {
		if err := os.Mkdir(filepath.Join(p.dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.write("conf/main.cf", fmt.Sprintf(mainCF, p.dir, relayPort))
	p.write("conf/master.cf", fmt.Sprintf(masterCF, p.port))
	if out := runCommand(t, command(t, []string{"chown", "postfix", filepath.Join(p.dir, "data")})); out.code != 0 {
		t.Skipf("no user postfix: %s", out.stderr)
	}
	for _, verb := range []string{"set-permissions", "check"} { // both complain of what is missing of Debian's own
		runCommand(t, command(t, []string{"postfix", "-c", filepath.Join(p.dir, "conf"), verb}))
	}
	p.cmd = exec.Command(master, "-c", filepath.Join(p.dir, "conf"), "-d")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatalf("start Postfix: %v", err)
	}
	t.Cleanup(p.stop)
	if !waitFor(15*time.Second, p.answers) {
		t.Fatalf("Postfix does not answer:\n%s", p.log())
	}
	return p
}

func (p *postfix) write(name, text string) {
	p.t.Helper()
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *postfix) answers() bool {
	conn, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", p.port), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second)) // cannot fail on a fresh connection
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.HasPrefix(line, "220")
}

// stop ends the processes of this Postfix alone: they are a process group.
func (p *postfix) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM) // it may have ended
	ended := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // killed
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
	}
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // whoever is left
}

func (p *postfix) log() string {
	text, _ := os.ReadFile(filepath.Join(p.dir, "log")) // none yet is no lines
	return string(text)
}

// testPostfix: a real mail server relays to us, and keeps what we cannot take now until we can: a 451 is no loss.
func testPostfix(t *testing.T, p program) {
	python := need(t, "python3", "python3")
	s := newSite(t, p)
	bcc := s.bcc("anna@corp.example")
	s.start()
	mta := startPostfix(t, s.port)
	relay := &site{t: t, program: p, port: mta.port}
	submit := func(id, to string) {
		t.Helper()
		if _, err := relay.send("anna@corp.example", written(id, to, "Through Postfix"), bcc); err != nil {
			t.Fatalf("submit to Postfix: %v\n%s", err, mta.log())
		}
	}
	filed := func() int { return len(ask[[]activity](s, "activity", "list", "--limit", "0")) }

	submit("first@corp.example", "ben@acme.example")
	if !waitFor(10*time.Second, func() bool { return filed() == 1 }) {
		t.Fatalf("the mail did not come through Postfix:\n%s", mta.log())
	}

	// Another process holds the database, for longer than a mail waits for its turn.
	release := s.lockDatabase(python)
	submit("second@corp.example", "eva@new.example")
	if !waitFor(40*time.Second, func() bool { return strings.Contains(mta.log(), "451 4.3.0") }) {
		t.Errorf("no 451 4.3.0 while the database is locked:\n%s", mta.log())
	}
	release()
	retry := func() bool {
		runCommand(t, command(t, []string{"postqueue", "-c", filepath.Join(mta.dir, "conf"), "-f"}))
		return filed() == 2
	}
	if !waitFor(20*time.Second, retry) {
		t.Fatalf("after the 451 the mail did not come again:\n%s\n%s", mta.log(), s.server.log)
	}
	if got := ask[[]lead](s, "lead", "list"); len(got) != 1 {
		t.Errorf("%d leads after the retry, want 1", len(got))
	}
}

// lockDatabase has another process write and not commit. release lets it end.
func (s *site) lockDatabase(python string) (release func()) {
	s.t.Helper()
	cmd := exec.Command(python, "-c", `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
db.execute("begin immediate")
print("locked", flush=True)
sys.stdin.read()
db.execute("rollback")
`, filepath.Join(s.dir, "crm.db"))
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		s.t.Fatalf("lock the database: %q, %v", line, err)
	}
	var done bool
	release = func() {
		if !done {
			done = true
			in.Close()
			_ = cmd.Wait() // its words do not matter any more
		}
	}
	s.t.Cleanup(release)
	return release
}
