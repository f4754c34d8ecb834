//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// client is an SMTP client that does exactly what it is told. net/smtp and the mail programs are
// too polite to show where a mail stands when the line breaks.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

// dial greets the server of a site.
func (s *site) dial() (*client, error) {
	conn, err := net.DialTimeout("tcp", s.address(), 5*time.Second)
	if err != nil {
		return nil, err
	}
	_ = conn.SetDeadline(time.Now().Add(90 * time.Second)) // cannot fail on a fresh connection
	c := &client{conn: conn, in: bufio.NewReader(conn)}
	if _, err := c.reply("220"); err != nil {
		conn.Close()
		return nil, err
	}
	return c, c.say("EHLO client.example", "250")
}

// reply reads one reply, of all its lines, and holds it against the beginning of its code.
func (c *client) reply(want string) (string, error) {
	var all strings.Builder
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return all.String(), fmt.Errorf("no reply, want %s: %w", want, err)
		}
		all.WriteString(line)
		if len(line) < 4 || line[3] != '-' {
			break
		}
	}
	if text := all.String(); !strings.HasPrefix(text, want) {
		return text, fmt.Errorf("reply %q, want %s", strings.TrimSpace(text), want)
	}
	return all.String(), nil
}

func (c *client) say(line, want string) error {
	_, err := c.ask(line, want)
	return err
}

func (c *client) ask(line, want string) (string, error) {
	if _, err := c.conn.Write([]byte(line + "\r\n")); err != nil {
		return "", err
	}
	text, err := c.reply(want)
	if err != nil {
		return text, fmt.Errorf("%s: %w", line, err)
	}
	return text, nil
}

// upToTheDot sends a mail but for its last octet.
func (c *client) upToTheDot(from string, raw []byte, rcpts ...string) error {
	if err := c.say("MAIL FROM:<"+from+"> BODY=8BITMIME", "250"); err != nil {
		return err
	}
	for _, r := range rcpts {
		if err := c.say("RCPT TO:<"+r+">", "250"); err != nil {
			return err
		}
	}
	if err := c.say("DATA", "354"); err != nil {
		return err
	}
	data := stuffed(raw)
	_, err := c.conn.Write(data[:len(data)-1])
	return err
}

// theDot sends the last octet and returns the reply.
func (c *client) theDot() (string, error) {
	if _, err := c.conn.Write([]byte("\n")); err != nil {
		return "", err
	}
	return c.reply("250")
}

// stuffed is a mail as DATA wants it: dots doubled at the beginning of lines, the end marked (RFC 5321 §4.5.2).
func stuffed(raw []byte) []byte {
	data := bytes.ReplaceAll(raw, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(data, []byte(".")) {
		data = append([]byte("."), data...)
	}
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\r\n")) {
		data = append(data, "\r\n"...)
	}
	return append(data, ".\r\n"...)
}

// send delivers one mail on a connection of its own and returns the reply to its last octet.
func (s *site) send(from string, raw []byte, rcpts ...string) (string, error) {
	c, err := s.dial()
	if err != nil {
		return "", err
	}
	defer c.conn.Close()
	if err := c.upToTheDot(from, raw, rcpts...); err != nil {
		return "", err
	}
	return c.theDot()
}

// accepted is the reply that promises a mail is safe, with its intake and verdict.
var accepted = regexp.MustCompile(`^250 2\.0\.0 ([0-9A-Z]{26}) (filed|held|ignored|duplicate): [ -~]+\r\n$`)

// mustSend delivers a mail that has to be taken, and returns its intake and verdict.
func (s *site) mustSend(from string, raw []byte, rcpts ...string) (id, verdict string) {
	s.t.Helper()
	reply, err := s.send(from, raw, rcpts...)
	if err != nil {
		s.t.Fatalf("send: %v\n%.400s", err, raw)
	}
	return readAccepted(s.t, reply)
}

func readAccepted(t *testing.T, reply string) (id, verdict string) {
	t.Helper()
	found := accepted.FindStringSubmatch(reply)
	if found == nil {
		t.Fatalf("the reply %q does not fit %s", reply, accepted)
	}
	return found[1], found[2]
}

// written is a mail in Anna's name.
func written(id, to, subject string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: Anna Agent <anna@corp.example>\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%s>\n\nHello.\n",
		to, subject, time.Now().Format(time.RFC1123Z), id), "\n", "\r\n"))
}

// withCRLF is what a mail program sends of a file with any ends of lines.
func withCRLF(raw []byte) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	raw = bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
	return endedLine(raw)
}

// endedLine ends the last line, which DATA does too.
func endedLine(raw []byte) []byte {
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		return append(bytes.Clone(raw), "\r\n"...)
	}
	return raw
}
