package smtpd

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A dialogue in testdata/smtp is a session that a person can read aloud. Each line is
//
//	C: text       the client sends a line
//	C| bytes      the client sends bytes as they stand: \r \n \t \0 \\ \xNN, and {3000*x}
//	S: pattern    the server's next line; * stands for anything
//	S... pattern  lines of the server up to this one
//	open          another connection (the old one is left)
//	tls           the client makes the TLS handshake
//	wait 50ms     nobody says anything
//	half          the client closes its half
//	close         the client closes
//	closed        the server has closed
//	taken N       so many messages have been taken so far
//	raw bytes     the last of them was exactly this; escapes as in C|
//	from text     its reverse path      rcpts text   its forward paths
//	set k=v ...   options, before the first connection; see dialog.set
//	# text        a remark
type dialog struct {
	t    *testing.T
	opts Options
	lmtp bool

	inbox *scriptedInbox
	addr  string
	conn  net.Conn
	in    *bufio.Reader
}

func TestDialogs(t *testing.T) {
	files, err := filepath.Glob("../testdata/smtp/*.dialog")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues found: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".dialog"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := &dialog{t: t, opts: testOptions(t), inbox: &scriptedInbox{}}
			for i, line := range strings.Split(string(text), "\n") {
				if err := d.step(line); err != nil {
					t.Fatalf("%s:%d: %s\n\t%v", filepath.Base(file), i+1, line, err)
				}
			}
		})
	}
}

func (d *dialog) step(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	if word == "" || word == "#" {
		return nil
	}
	if word == "set" {
		return d.set(rest)
	}
	if d.conn == nil || word == "open" {
		if err := d.open(); err != nil || word == "open" {
			return err
		}
	}
	switch word {
	case "C:":
		return d.send(rest + "\r\n")
	case "C|":
		return d.send(unescape(d.t, rest))
	case "S:":
		return d.expect(rest)
	case "S...":
		return d.expectUpTo(rest)
	case "tls":
		return d.startTLS()
	case "wait":
		pause, err := time.ParseDuration(rest)
		time.Sleep(pause)
		return err
	case "half":
		return d.conn.(*net.TCPConn).CloseWrite()
	case "close":
		return d.conn.Close()
	case "closed":
		return d.expectClosed()
	case "taken":
		return d.expectTaken(rest)
	case "raw", "from", "rcpts":
		return d.expectLast(word, rest)
	}
	return fmt.Errorf("no such word: %q", word)
}

func (d *dialog) set(text string) error {
	for _, field := range strings.Fields(text) {
		key, value, _ := strings.Cut(field, "=")
		n, _ := strconv.Atoi(value)
		pause, _ := time.ParseDuration(value)
		switch key {
		case "trusted":
			d.opts.Trusted = nil // =no
		case "lmtp":
			d.lmtp = true
		case "tls":
			d.opts.TLS = testTLS(d.t)
		case "max_message_bytes":
			d.opts.MaxMessageBytes = int64(n)
		case "max_line":
			d.opts.MaxLine = n
		case "max_recipients":
			d.opts.MaxRecipients = n
		case "read_timeout":
			d.opts.ReadTimeout = pause
		case "session_timeout":
			d.opts.SessionTimeout = pause
		case "min_rate":
			d.opts.MinRate = int64(n)
		default:
			return fmt.Errorf("no such option: %q", key)
		}
	}
	return nil
}

func (d *dialog) open() error {
	if d.addr == "" {
		if d.lmtp {
			d.opts.Listen, d.opts.LMTP = nil, "127.0.0.1:0"
		}
		d.addr = serve(d.t, d.inbox, d.opts).Addrs()[0].String()
	}
	c, err := net.Dial("tcp", d.addr)
	if err != nil {
		return err
	}
	d.t.Cleanup(func() { _ = c.Close() })
	d.use(c)
	return nil
}

func (d *dialog) use(c net.Conn) {
	d.conn, d.in = c, bufio.NewReader(c)
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
}

func (d *dialog) send(s string) error {
	_, err := io.WriteString(d.conn, s)
	return err
}

func (d *dialog) startTLS() error {
	c := tls.Client(d.conn, &tls.Config{InsecureSkipVerify: true})
	if err := c.Handshake(); err != nil {
		return err
	}
	d.use(c)
	return nil
}

func (d *dialog) line() (string, error) {
	line, err := d.in.ReadString('\n')
	if err == nil && !strings.HasSuffix(line, "\r\n") {
		err = errors.New("the line ends in a bare LF")
	}
	return strings.TrimRight(line, "\r\n"), err
}

func (d *dialog) expect(pattern string) error {
	line, err := d.line()
	if err != nil {
		return fmt.Errorf("got %q and %w, want %q", line, err, pattern)
	}
	if !matches(pattern, line) {
		return fmt.Errorf("got %q, want %q", line, pattern)
	}
	return nil
}

func (d *dialog) expectUpTo(pattern string) error {
	var seen []string
	for {
		line, err := d.line()
		if err != nil {
			return fmt.Errorf("got %q at last and %w, want %q", seen[max(0, len(seen)-3):], err, pattern)
		}
		if seen = append(seen, line); matches(pattern, line) {
			return nil
		}
	}
}

func (d *dialog) expectClosed() error {
	switch line, err := d.line(); {
	case errors.Is(err, io.EOF) && line == "", errors.Is(err, syscall.ECONNRESET):
		return nil
	default:
		return fmt.Errorf("got %q and %v, want a closed connection", line, err)
	}
}

func (d *dialog) expectTaken(want string) error {
	n, err := strconv.Atoi(want)
	if err != nil {
		return err
	}
	// The client may be gone before the message is taken, and no reply tells when.
	for range 100 {
		if d.inbox.count() == n {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := d.inbox.count(); got != n {
		return fmt.Errorf("got %d messages taken, want %d", got, n)
	}
	return nil
}

func (d *dialog) expectLast(what, want string) error {
	m := d.inbox.last()
	got := map[string]string{"raw": string(m.Raw.Bytes), "from": m.MailFrom, "rcpts": paths(m)}[what]
	if what == "raw" {
		want = unescape(d.t, want)
	}
	if got != want {
		return fmt.Errorf("got %s %q, want %q", what, got, want)
	}
	return nil
}

// matches compares a line with a pattern in which * stands for anything.
func matches(pattern, line string) bool {
	parts := strings.Split(pattern, "*")
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile("^" + strings.Join(parts, ".*") + "$").MatchString(line)
}

var escapes = regexp.MustCompile(`\\(?:x[0-9a-fA-F]{2}|[rnt0\\])|\{\d+\*[^}]*\}`)

func unescape(t *testing.T, s string) string {
	t.Helper()
	return escapes.ReplaceAllStringFunc(s, func(e string) string {
		if e[0] == '{' {
			times, what, _ := strings.Cut(e[1:len(e)-1], "*")
			n, _ := strconv.Atoi(times)
			return strings.Repeat(unescape(t, what), n)
		}
		if e[1] == '0' {
			return "\x00"
		}
		c, _, _, err := strconv.UnquoteChar(e, 0)
		if err != nil {
			t.Fatalf("%s: %v", e, err)
		}
		if e[1] == 'x' {
			return string([]byte{byte(c)})
		}
		return string(c)
	})
}
