package smtpd

import (
	"strconv"
	"strings"
)

// handle checks one command against its syntax (RFC 5321 §4.1) and its place in the session (§4.1.4), does
// what it says and answers it. An error is the answer that is still to be given, and a fault of the client's.
func (s *session) handle(c command) error {
	s.path = ""
	if err := s.charge(c); err != nil {
		return err
	}
	switch c.verb {
	case "EHLO", "HELO", "LHLO":
		return s.hello(c)
	case "STARTTLS":
		return s.startTLS(c)
	case "MAIL":
		return s.mail(c)
	case "RCPT":
		return s.rcpt(c)
	case "DATA":
		return s.data(c)
	case "BDAT":
		return s.bdat(c)
	case "RSET":
		return s.reset(c)
	case "NOOP":
		s.reply(nothingDone)
		return nil
	case "VRFY":
		s.reply(notVerified)
		return nil
	case "HELP":
		s.reply(commands)
		return nil
	case "QUIT":
		return s.quit(c)
	case "AUTH", "EXPN", "TURN", "ETRN", "ATRN", "SEND", "SOML", "SAML":
		return errNotOffered
	}
	return errUnknown
}

// charge takes the price of a command from the session's budget.
func (s *session) charge(c command) error {
	switch c.verb {
	case "RCPT", "DATA", "BDAT", "QUIT":
		s.cost += costOfUse
	default:
		s.cost += costIdle
	}
	if s.cost > maxCost {
		s.server.stats.limit("commands")
		return errIdleCommands
	}
	return nil
}

func (s *session) reset(c command) error {
	if c.arg != "" {
		return errArguments
	}
	s.tx = nil
	s.reply(resetDone)
	return nil
}

func (s *session) quit(c command) error {
	if c.arg != "" {
		return errArguments
	}
	s.reply(bye)
	s.hangup = true
	return nil
}

// hello ends a transaction as RSET does (RFC 5321 §4.1.4).
func (s *session) hello(c command) error {
	if s.lmtp != (c.verb == "LHLO") {
		if s.lmtp {
			return errSayLHLO
		}
		return errNotLMTP
	}
	name, err := helloName(c.arg)
	if err != nil {
		return err
	}
	s.helo, s.tx = name, nil
	if c.verb == "HELO" {
		s.say("250 " + s.server.opts.Hostname + "\r\n")
		return nil
	}
	s.say(s.extensions())
	return nil
}

// extensions is the reply to EHLO. It begins with our name (RFC 5321 §4.1.1.1) and has no enhanced codes
// (RFC 2034 §4).
func (s *session) extensions() string {
	var lines strings.Builder
	line := func(text string) { lines.WriteString("250-" + text + "\r\n") }
	line(s.server.opts.Hostname)
	line("PIPELINING")
	line("8BITMIME")
	line("ENHANCEDSTATUSCODES")
	line("CHUNKING")
	if s.canStartTLS() {
		line("STARTTLS")
	}
	line("SMTPUTF8")
	lines.WriteString("250 SIZE " + strconv.FormatInt(s.server.opts.MaxMessageBytes, 10) + "\r\n")
	return lines.String()
}

func (s *session) mail(c command) error {
	if s.helo == "" {
		return errNoHello
	}
	if s.tx != nil {
		return errNested
	}
	path, rest, err := cutPath(c.arg, "FROM:")
	if err != nil {
		return err
	}
	s.path = path
	if path != "" {
		err = checkMailbox(path)
	}
	if err != nil {
		return err
	}
	utf8, err := checkMailParameters(rest, s.server.opts.MaxMessageBytes)
	if err != nil {
		return err
	}
	if !utf8 && !isASCII(path) {
		return errNotUTF8
	}
	s.tx = &transaction{from: path, utf8: utf8}
	s.reply(senderTaken)
	return nil
}

func (s *session) rcpt(c command) error {
	if s.tx == nil {
		return errNoMail
	}
	path, rest, err := cutPath(c.arg, "TO:")
	if err != nil {
		return err
	}
	path = s.postmaster(path)
	s.path = path
	if err := checkMailbox(path); err != nil {
		return err
	}
	if !s.tx.utf8 && !isASCII(path) {
		return errNotUTF8
	}
	if strings.Trim(rest, " ") != "" {
		return errParameter // none is offered: no DSN, no RRVS
	}
	// A recipient that is refused is no fault of the client's: it has a budget of its own.
	if err := s.addRecipient(path); err != nil {
		s.refuse(err)
		return nil
	}
	s.reply(recipientTaken)
	return nil
}

// postmaster completes the one address that needs no domain (RFC 5321 §4.1.1.3), and
// brings it into the case in which the Inbox knows it.
func (s *session) postmaster(path string) string {
	const name = "postmaster"
	if strings.EqualFold(path, name) {
		return name + "@" + s.server.opts.Domain
	}
	if local, domain, ok := strings.Cut(path, "@"); ok && strings.EqualFold(local, name) {
		return name + "@" + domain
	}
	return path
}

func (s *session) data(c command) error {
	if !s.hasRecipient() {
		return errNoRecipient
	}
	if c.arg != "" {
		return errArguments
	}
	s.say("354 end the message with <CRLF>.<CRLF>\r\n")
	s.receive(&dotBody{in: s.conn.in})
	return nil
}

// bdat begins a message in chunks.
func (s *session) bdat(c command) error {
	size, last, err := parseChunk(c.arg)
	if err != nil {
		s.lostStep(err)
		return nil
	}
	chunks := &chunkBody{}
	chunks.begin(s.conn.in, size, last)
	if !s.hasRecipient() {
		return s.skipChunk(chunks)
	}
	s.receive(chunks)
	return nil
}

func (s *session) hasRecipient() bool { return s.tx != nil && len(s.tx.recipients) > 0 }

// skipChunk passes over a chunk that has no transaction; it comes although the command is
// refused (RFC 3030 §2).
func (s *session) skipChunk(chunks *chunkBody) error {
	s.conn.beginBody()
	defer s.conn.endBody()
	switch err := chunks.skip(2 * s.server.opts.MaxMessageBytes); err {
	case nil:
		return errNoRecipient
	case errTooBig:
		s.lostStep(err)
		return nil
	default:
		return errLost
	}
}

// lostStep answers and hangs up: what follows may be a body, and must not be taken for
// commands.
func (s *session) lostStep(err error) {
	s.refuse(err)
	s.hangup = true
}
