//go:build unix

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// site is one installation of the program: a folder with a configuration and a database, and
// perhaps a server that runs on it.
type site struct {
	t       *testing.T
	program program
	dir     string
	port    int // fixed for the life of the site, for others know it

	server *server
}

// server is a process that serves.
type server struct {
	cmd  *exec.Cmd
	log  *lockedText
	done chan struct{} // closed when the process has ended
}

// newSite sets up a company with the users Anna and Uwe and the contact Ben. more is added to the configuration.
func newSite(t *testing.T, p program, more ...string) *site {
	t.Helper()
	s := &site{t: t, program: p, dir: openFolder(t), port: freePort(t)}
	s.configure(more...)
	s.must("user", "add", "anna@corp.example", "--name", "Anna Agent", "--admin")
	s.must("user", "add", "uwe@corp.example", "--name", "Uwe Urban")
	s.must("contact", "add", "--name", "Ben Client", "--email", "ben@acme.example", "--company", "Acme GmbH")
	return s
}

func (s *site) configure(more ...string) {
	s.t.Helper()
	text := fmt.Sprintf("domain: bcc.example.com\ndatabase: %s\nsmtp:\n  listen: [\"127.0.0.1:%d\"]\n  hostname: mx.bcc.example.com\nweb:\n  listen: none\n%s\n",
		filepath.Join(s.dir, "crm.db"), s.port, strings.Join(more, "\n"))
	if err := os.WriteFile(s.config(), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) config() string { return filepath.Join(s.dir, "blindcopy.yaml") }

func (s *site) address() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

// freePort finds a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// output is how a command ended.
type output struct {
	code           int
	stdout, stderr string
}

// run carries out one command.
func (s *site) run(args ...string) output {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), string(s.program), append([]string{"--config", s.config()}, args...)...)
	cmd.Dir = s.dir
	return runCommand(s.t, cmd)
}

func runCommand(t *testing.T, cmd *exec.Cmd) output {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return output{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// must carries out a command that has to succeed, and returns what it printed.
func (s *site) must(args ...string) string {
	s.t.Helper()
	out := s.run(args...)
	if out.code != 0 {
		s.t.Fatalf("blindcopy %s: exit code %d\n%s", strings.Join(args, " "), out.code, out.stderr)
	}
	return out.stdout
}

// ask reads the JSON document that a command prints.
func ask[T any](s *site, args ...string) T {
	s.t.Helper()
	var v T
	text := s.must(append(args, "--json")...)
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		s.t.Fatalf("blindcopy %s printed no JSON document: %v\n%s", strings.Join(args, " "), err, text)
	}
	return v
}

// What these tests read of the documents: INTERFACE.md promises the names.
type (
	link struct {
		Kind string
		ID   int64
		Code string
	}
	intake struct {
		ID          string
		Verdict     string
		Codes       []string
		Size        int64
		MessageID   string  `json:"message_id"`
		ActivityIDs []int64 `json:"activity_ids"`
		DuplicateOf *string `json:"duplicate_of"`
		WouldLink   []link  `json:"would_link"`
	}
	activity struct {
		ID         int64
		MessageID  string `json:"message_id"`
		Direction  string
		Subject    string
		Visibility string
		Links      []link
		Captures   []struct{ User string }
	}
	lead struct {
		ID          int64
		Name        string
		Responsible string
		Emails      []struct{ Address string }
	}
)

// bcc is the BCC address of a user.
func (s *site) bcc(email string) string {
	s.t.Helper()
	return ask[struct {
		BCCAddress string `json:"bcc_address"`
	}](s, "user", "show", email).BCCAddress
}

// lockedText is written by a process and read by a test.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var ready = regexp.MustCompile(`msg=ready\b`)

// start runs the server until the test ends or stops it. before, as in `strace -f`, runs it.
func (s *site) start(before ...string) {
	s.t.Helper()
	srv := s.launch(before...)
	if !waitFor(20*time.Second, func() bool { return srv.ended() || ready.MatchString(srv.log.String()) }) || srv.ended() {
		s.t.Fatalf("the server did not start:\n%s", srv.log)
	}
}

// launch is start without waiting for the server.
func (s *site) launch(before ...string) *server {
	s.t.Helper()
	args := append(before, string(s.program), "serve", "--config", s.config())
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = s.dir
	dieWithUs(cmd)
	srv := &server{cmd: cmd, log: &lockedText{}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = srv.log, srv.log
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	go func() {
		_ = cmd.Wait() // how it ended is in ProcessState
		close(srv.done)
	}()
	s.server = srv
	s.t.Cleanup(func() { s.kill() })
	return srv
}

func (s *server) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// kill is a power failure.
func (s *site) kill() {
	if s.server == nil {
		return
	}
	_ = s.server.cmd.Process.Kill() // it may have ended by itself
	<-s.server.done
	s.server = nil
}

// stop asks the server to end, and returns its exit code.
func (s *site) stop() int {
	s.t.Helper()
	if err := s.server.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatalf("stop the server: %v", err)
	}
	select {
	case <-s.server.done:
	case <-time.After(16 * time.Second):
		s.t.Fatalf("the server did not stop within 15 s of TERM:\n%s", s.server.log)
	}
	code := s.server.cmd.ProcessState.ExitCode()
	s.server = nil
	return code
}

// waitFor asks again and again until the answer is yes, or it took too long.
func waitFor(limit time.Duration, yes func() bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if yes() {
			return true
		}
	}
	return yes()
}

// command is a process that ends with the test.
func command(t *testing.T, words []string) *exec.Cmd {
	return exec.CommandContext(t.Context(), words[0], words[1:]...)
}
