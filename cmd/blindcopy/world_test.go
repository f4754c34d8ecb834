package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/smtp"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

const bccDomain = "bcc.acme.example"

// world is a database of its own and the program that works on it, in this process.
type world struct {
	t   *testing.T
	dir string
	env environment

	faults store.Faults // of its server
}

// newWorld is an installation: `init` ran, with anna@acme.example as the admin.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	w.must("init", "--domain", bccDomain, "--admin", "anna@acme.example", "--name", "Anna Sommer")
	return w
}

func emptyWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	return &world{t: t, dir: dir, env: environment{"TZ=UTC",
		"BLINDCOPY_SMTP_LISTEN=127.0.0.1:0", "BLINDCOPY_WEB_LISTEN=127.0.0.1:0", "BLINDCOPY_DATABASE=" + filepath.Join(dir, "blindcopy.db")}}
}

func (w *world) file() string { return filepath.Join(w.dir, "blindcopy.yaml") }

// result is what a command line came to.
type result struct {
	code           int
	stdout, stderr string
}

func (w *world) run(args ...string) result { return w.feed("", args...) }

// feed is run with standard input. The global flags stand behind the verb: both work.
func (w *world) feed(stdin string, args ...string) result {
	w.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append(args, "--config", w.file())
	code := run(w.t.Context(), args, w.env, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// must runs a command that has to succeed, and returns its output.
func (w *world) must(args ...string) string {
	w.t.Helper()
	r := w.run(args...)
	if r.code != exitDone {
		w.t.Fatalf("blindcopy %s: exit %d\n%s%s", strings.Join(args, " "), r.code, r.stdout, r.stderr)
	}
	return r.stdout
}

// json runs a command with --json and decodes its one document.
func (w *world) json(v any, args ...string) {
	w.t.Helper()
	out := w.must(append(args, "--json")...)
	dec := json.NewDecoder(strings.NewReader(out))
	if err := dec.Decode(v); err != nil {
		w.t.Fatalf("blindcopy %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	if dec.More() {
		w.t.Fatalf("blindcopy %s: more than one document\n%s", strings.Join(args, " "), out)
	}
}

// bcc is the BCC address of a user.
func (w *world) bcc(email string) string {
	w.t.Helper()
	var u crm.User
	w.json(&u, "user", "show", email)
	return string(u.BCCAddress)
}

// running is a server of the world.
type running struct {
	t        *testing.T
	smtp     string
	web      string
	stop     func() result
	stderr   *lockedBuffer
	stopOnce sync.Once
}

// lockedBuffer is a log that is read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var readyLine = regexp.MustCompile(`msg=ready smtp=(\S+)(?: web=(\S+))?`)

// serve runs `blindcopy serve` until the test ends.
func (w *world) serve() *running {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &running{t: w.t, stderr: &lockedBuffer{}}
	ended := make(chan result, 1)
	go func() {
		var stdout bytes.Buffer
		a := newApp(w.env, strings.NewReader(""), &stdout, s.stderr)
		a.faults = w.faults
		code := a.run(ctx, []string{"serve", "--config", w.file()})
		ended <- result{code, stdout.String(), s.stderr.String()}
	}()
	var last result
	s.stop = func() result {
		s.stopOnce.Do(func() {
			cancel()
			select {
			case last = <-ended:
			case <-time.After(2 * stopWithin):
				w.t.Error("the server does not stop")
			}
		})
		return last
	}
	w.t.Cleanup(func() { s.stop() })
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if m := readyLine.FindStringSubmatch(s.stderr.String()); m != nil {
			s.smtp, s.web = m[1], m[2]
			return s
		}
		if len(ended) > 0 {
			break
		}
	}
	w.t.Fatalf("the server is not ready:\n%s", s.stderr.String())
	return nil
}

// try offers a message and returns the server's answer, whatever it is.
func (s *running) try(from, rcpt, message string) (string, error) {
	c, err := smtp.Dial(s.smtp)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if err := c.Mail(from); err != nil {
		return "", err
	}
	if err := c.Rcpt(rcpt); err != nil {
		return "", err
	}
	return data(c.Text, message)
}

// send delivers a message and returns the id of its intake, from the server's answer.
func (s *running) send(from, rcpt, message string) crm.IntakeID {
	s.t.Helper()
	reply, err := s.try(from, rcpt, message)
	if err != nil {
		s.t.Fatal(err)
	}
	words := strings.Fields(reply)
	if len(words) < 3 || len(words[1]) != 26 {
		s.t.Fatalf("the answer names no intake: %q", reply)
	}
	return crm.IntakeID(words[1])
}

// mail is a message with a plain text.
func mail(from, to, subject, id string, more ...string) string {
	extra := ""
	for _, line := range more {
		extra += line + "\r\n"
	}
	return fmt.Sprintf("Date: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMessage-ID: <%s@acme.example>\r\n%s\r\nHello,\r\n\r\nthis is about %s.\r\n",
		time.Now().Format(time.RFC1123Z), from, to, subject, id, extra, subject)
}

// soon asks until the answer is yes, for some seconds at most.
func soon(yes func() bool) bool {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if yes() {
			return true
		}
	}
	return false
}
