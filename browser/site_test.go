package browser_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is the path of the binary.
type program string

// site is one installation of the program: a folder with a configuration and a database, and a server.
type site struct {
	t       *testing.T
	program program
	dir     string
	log     *lockedText
	smtp    string // host:port
	url     string // of the pages, without a slash at the end
	enter   string // the path that signs in to the demonstration, once
}

// newSite starts a server on an empty database. more is added to the configuration.
func newSite(t *testing.T, p program, more ...string) *site {
	t.Helper()
	s := &site{t: t, program: p, dir: t.TempDir()}
	s.configure("bcc.example.com", "crm.db", more...)
	s.start()
	return s
}

func (s *site) configure(domain, database string, more ...string) {
	s.t.Helper()
	text := fmt.Sprintf("domain: %s\ninternal_domains: [corp.example]\ndatabase: %q\nsmtp:\n  listen: [\"127.0.0.1:0\"]\n  hostname: mx.%s\nweb:\n  listen: 127.0.0.1:0\n%s\n",
		domain, filepath.Join(s.dir, database), domain, strings.Join(more, "\n"))
	if err := os.WriteFile(s.config(), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) config() string { return filepath.Join(s.dir, "blindcopy.yaml") }

var ready = regexp.MustCompile(`msg=ready .*\bsmtp=(\S+) web=(\S+)`)

// start runs the server until the test ends.
func (s *site) start() {
	s.t.Helper()
	cmd := exec.Command(string(s.program), "serve", "--config", s.config())
	cmd.Dir, s.log = s.dir, &lockedText{}
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		s.t.Fatalf("start the server: %v", err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Kill() // the database is thrown away
		_ = cmd.Wait()
		if s.t.Failed() && testing.Verbose() {
			_, said, _ := strings.Cut(s.log.String(), "msg=ready")
			s.t.Logf("the server said:\n%s", said)
		}
	})
	found := s.said(ready)
	s.smtp, s.url = found[1], "http://"+found[2]
}

// said waits for a line of the log.
func (s *site) said(pattern *regexp.Regexp) []string {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if found := pattern.FindStringSubmatch(s.log.String()); found != nil {
			return found
		}
	}
	s.t.Fatalf("the server did not say %s within 20 s, but:\n%s", pattern, s.log)
	return nil
}

// must carries out a command that has to succeed, and returns what it printed.
func (s *site) must(args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), string(s.program), append([]string{"--config", s.config()}, args...)...)
	cmd.Dir = s.dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("blindcopy %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return string(out)
}

// ask reads the JSON document that a command prints.
func ask[T any](s *site, args ...string) (v T) {
	s.t.Helper()
	text := s.must(append(args, "--json")...)
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		s.t.Fatalf("blindcopy %s printed no JSON document: %v\n%s", strings.Join(args, " "), err, text)
	}
	return v
}

// bcc is the BCC address of a user.
func (s *site) bcc(email string) string {
	s.t.Helper()
	return ask[struct {
		Address string `json:"bcc_address"`
	}](s, "user", "show", email).Address
}

// link is what an admin passes on: kind is invite or reset.
func (s *site) link(kind, email string) string {
	s.t.Helper()
	url := ask[struct{ URL string }](s, "user", kind, email).URL
	return url[strings.Index(url, "/join"):] // the command does not know the port
}

// id finds a record by its name.
func (s *site) id(kind, name string) int64 {
	s.t.Helper()
	for _, r := range ask[[]struct {
		ID          int64
		Name, Title string
	}](s, kind, "list") {
		if r.Name == name || r.Title == name {
			return r.ID
		}
	}
	s.t.Fatalf("there is no %s %q", kind, name)
	return 0
}

// path is the page of a record.
func (s *site) path(kind, name string) string {
	s.t.Helper()
	plural := map[string]string{"contact": "contacts", "company": "companies", "lead": "leads", "deal": "deals"}
	return fmt.Sprintf("/%s/%d", plural[kind], s.id(kind, name))
}

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

// send delivers a message as a mail program would. It is filed when send returns.
func (s *site) send(from, rcpt, message string) {
	s.t.Helper()
	if err := s.try(from, rcpt, message); err != nil {
		s.t.Fatalf("send mail from %s to %s: %v\n%s", from, rcpt, err, message)
	}
}

func (s *site) try(from, rcpt, message string) error {
	return smtp.SendMail(s.smtp, nil, from, []string{rcpt}, []byte(strings.ReplaceAll(message, "\n", "\r\n")))
}

// mail is a plain message as from writes it.
func mail(from, to, subject, text string, more ...string) string {
	header := append([]string{"From: " + from, "To: " + to, "Subject: " + subject,
		"Date: " + time.Now().Format(time.RFC1123Z), fmt.Sprintf("Message-ID: <%d@corp.example>", time.Now().UnixNano())}, more...)
	return strings.Join(header, "\n") + "\n\n" + text + "\n"
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
