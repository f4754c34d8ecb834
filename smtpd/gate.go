package smtpd

import (
	"errors"
	"net"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// gate is the connection that go-smtp sees. Reading from it gives one checked command line
// at a time and never a byte of a body; what go-smtp writes to it are reply lines.
type gate struct{ *session }

var _ net.Conn = gate{}

func (g gate) Read(p []byte) (n int, err error) {
	// go-smtp recovers from a panic inside a command, not while it reads one.
	defer func() {
		if v := recover(); v != nil {
			g.server.log.Error("panic in a session", "peer", g.peer(), "panic", v, "stack", string(debug.Stack()))
			g.hangup = true
			n, err = 0, net.ErrClosed
		}
	}()
	if g.pending == "" {
		g.pending = g.nextLine()
	}
	if g.pending == "" {
		return 0, net.ErrClosed // go-smtp then ends the session without a word
	}
	n = copy(p, g.pending)
	g.pending = g.pending[n:]
	return n, nil
}

// Write takes a reply line: go-smtp flushes after each. It repeats what the client said, and a
// client that did not ask for SMTPUTF8 must get ASCII (RFC 6531 §3.7.4.2); so everybody does.
func (g gate) Write(p []byte) (int, error) {
	if g.swallow > 0 {
		g.swallow--
		return len(p), nil
	}
	g.say(printable(g.ownGreeting(string(p))) + "\r\n")
	return len(p), nil
}

// Close says that go-smtp is done. The transport lives on for the handshake of STARTTLS,
// or until Server.serve closes it.
func (g gate) Close() error {
	g.closed = true
	return nil
}

// The deadlines are conn's business.
func (g gate) SetDeadline(time.Time) error      { return nil }
func (g gate) SetReadDeadline(time.Time) error  { return nil }
func (g gate) SetWriteDeadline(time.Time) error { return nil }
func (g gate) LocalAddr() net.Addr              { return g.conn.transport().LocalAddr() }
func (g gate) RemoteAddr() net.Addr             { return g.conn.transport().RemoteAddr() }

// ownGreeting mends the first line of the reply to EHLO and HELO: it begins with the name
// of the server (RFC 5321 §4.1.1.1) and has no enhanced code (RFC 2034 §4).
func (g gate) ownGreeting(line string) string {
	if _, name, ok := strings.Cut(line, "Hello "); ok && g.greeting {
		g.greeting = false
		return line[:4] + g.server.opts.Hostname + " greets " + name
	}
	return line
}

// nextLine reads commands until one is for go-smtp. Empty: the session is over.
func (s *session) nextLine() string {
	for !s.over() {
		c, err := s.readCommand()
		if err != nil {
			s.fail(err)
			continue
		}
		forward, err := s.handle(c)
		if err != nil {
			s.fail(err)
			continue
		}
		if forward != "" {
			return forward
		}
	}
	return ""
}

func (s *session) over() bool {
	if s.hangup || s.closed || s.upgrade {
		return true
	}
	switch {
	case s.conn.isStopping():
		s.refuse(errStopping)
	case s.conn.tooOld():
		s.refuse(errAge)
	}
	return s.hangup
}

// readCommand returns the next command. An error that is a refusal leaves the session in
// step; any other is the connection's.
func (s *session) readCommand() (command, error) {
	if c := s.unread; c.verb != "" {
		s.unread = command{}
		return c, nil
	}
	line, err := s.conn.readLine()
	if err != nil {
		return command{}, s.lineError(err)
	}
	c, err := parseCommand(line)
	return c, err
}

// lineError tells the ends of a connection apart: what is not ours is errGone, to which
// there is nobody to reply.
func (s *session) lineError(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, errLineTooLong), errors.Is(err, errErrors), errors.Is(err, errStopping):
		return err
	case !errors.As(err, &timeout) || !timeout.Timeout():
		return errGone
	case s.conn.tooOld():
		return errAge
	}
	return errIdle
}

// errGone: the peer closed the connection, or it broke.
var errGone = errors.New("peer gone")

// fail answers a bad command and counts it.
func (s *session) fail(err error) {
	if errors.Is(err, errGone) {
		s.hangup, s.gone = true, true
		return
	}
	s.refuse(err)
	if s.errors++; s.errors >= maxErrors && !s.hangup {
		s.server.stats.limit("errors")
		s.refuse(errErrors)
	}
}

// refuse answers with the reply of an error, and logs it.
func (s *session) refuse(err error) {
	if s.hangup {
		return
	}
	reply := replyTo(err)
	s.sayReply(reply)
	s.server.logRefusal(s, reply, err)
}

// sayReply writes one whole reply of one line.
func (s *session) sayReply(r *smtp.SMTPError) {
	s.say(replyLine(r))
}

func replyLine(r *smtp.SMTPError) string {
	e := r.EnhancedCode
	code := strconv.Itoa(e[0]) + "." + strconv.Itoa(e[1]) + "." + strconv.Itoa(e[2])
	return strconv.Itoa(r.Code) + " " + code + " " + r.Message + "\r\n"
}

// say puts a reply line into the buffer of the connection. After a 421 nothing more is
// said or heard (RFC 5321 §3.8), whoever said it.
func (s *session) say(line string) {
	if s.hangup {
		return
	}
	// A write error shows at the next read; a message in custody must not be lost for it.
	_, _ = s.conn.out.WriteString(line)
	if strings.HasPrefix(line, "421") {
		s.hangup = true
	}
}
