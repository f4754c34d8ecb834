package smtpd

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strings"
)

// session is one conversation. Everything in it is used by one goroutine.
type session struct {
	server  *Server
	conn    *conn
	lmtp    bool
	trusted bool

	helo   string
	tx     *transaction // from MAIL to its end; nil outside
	path   string       // of the MAIL or RCPT that is being looked at, for the log
	unread command      // a command that ended a message in chunks and stands on its own

	errors  int
	unknown int
	cost    int

	hangup  bool // the last word was said
	gone    bool // by the peer
	upgrade bool // STARTTLS was answered
}

// converse has the conversation, and returns when it is over.
func (s *session) converse() {
	defer func() {
		if v := recover(); v != nil {
			s.server.log.Error("panic in a session", "peer", s.peer(), "panic", v, "stack", string(debug.Stack()))
			s.refuse(errBroken)
		}
	}()
	for !s.over() {
		c, err := s.readCommand()
		if err == nil {
			err = s.handle(c)
		}
		if err != nil {
			s.fail(err)
		}
	}
}

func (s *session) over() bool {
	if s.hangup || s.upgrade {
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

// greet says the first word (RFC 5321 §4.2). The name of the program is how doctor tells it from others.
func (s *session) greet() {
	protocol := "ESMTP"
	if s.lmtp {
		protocol = "LMTP"
	}
	s.say("220 " + s.server.opts.Hostname + " " + protocol + " Blindcopy ready\r\n")
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
	return parseCommand(line)
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
	r := replyTo(err)
	s.reply(r)
	s.server.logRefusal(s, r, err)
}

// reply says a reply of one line.
func (s *session) reply(r reply) { s.say(r.line()) }

// say puts a reply line, or the lines of one reply, on their way. After a 421 nothing more is said or
// heard (RFC 5321 §3.8).
func (s *session) say(line string) {
	if s.hangup {
		return
	}
	s.conn.say(line)
	if strings.HasPrefix(line, "421") {
		s.hangup = true
	}
}

// recovered turns a panic of the inbox into an error, which becomes a 451.
func (s *session) recovered(doing string, err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("%s: panic: %v", doing, v)
		s.server.log.Error("panic", "doing", doing, "peer", s.peer(), "panic", v, "stack", string(debug.Stack()))
	}
}

// peer names the other side in the log.
func (s *session) peer() string {
	if s.conn.local {
		return "unix"
	}
	return s.conn.remote.String()
}
