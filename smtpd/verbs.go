package smtpd

import "strings"

// handle checks one command against its syntax (RFC 5321 §4.1) and its place in the
// session (§4.1.4). It returns the line that go-smtp is to see; none where the command has
// been answered here.
func (s *session) handle(c command) (forward string, err error) {
	s.path = ""
	if err := s.charge(c); err != nil {
		return "", err
	}
	switch c.verb {
	case "EHLO", "HELO", "LHLO":
		return s.hello(c)
	case "STARTTLS":
		return "", s.startTLS(c)
	case "MAIL":
		return s.mail(c)
	case "RCPT":
		return s.rcpt(c)
	case "DATA":
		return s.data(c)
	case "BDAT":
		return s.bdat(c)
	case "NOOP", "VRFY":
		return command{verb: c.verb}.line(), nil
	case "RSET", "QUIT":
		return plain(c)
	case "HELP":
		s.help()
		return "", nil
	case "AUTH", "EXPN", "TURN", "ETRN", "ATRN", "SEND", "SOML", "SAML":
		return "", errNotOffered
	}
	return "", errUnknown
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

func plain(c command) (string, error) {
	if c.arg != "" {
		return "", errArguments
	}
	return c.line(), nil
}

func (s *session) help() {
	reply := ok("EHLO HELO STARTTLS MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT")
	reply.Code = 214
	s.sayReply(reply)
}

func (s *session) hello(c command) (string, error) {
	if s.lmtp != (c.verb == "LHLO") {
		if s.lmtp {
			return "", errSayLHLO
		}
		return "", errNotLMTP
	}
	name, err := helloName(c.arg)
	if err != nil {
		return "", err
	}
	s.helo, s.greeting = name, true
	return command{c.verb, name}.line(), nil
}

func (s *session) mail(c command) (string, error) {
	if s.helo == "" {
		return "", errNoHello
	}
	if s.tx != nil {
		return "", errNested
	}
	path, rest, err := cutPath(c.arg, "FROM:")
	if err != nil {
		return "", err
	}
	if path != "" {
		err = checkMailbox(path)
	}
	if err != nil {
		return "", err
	}
	utf8, err := checkMailParameters(rest, s.server.opts.MaxMessageBytes)
	if err != nil {
		return "", err
	}
	if !utf8 && !isASCII(path) {
		return "", errNotUTF8
	}
	s.path, s.utf8 = path, utf8
	return "MAIL FROM:<" + path + ">\r\n", nil
}

func (s *session) rcpt(c command) (string, error) {
	if s.tx == nil {
		return "", errNoMail
	}
	path, rest, err := cutPath(c.arg, "TO:")
	if err != nil {
		return "", err
	}
	path = s.postmaster(path)
	if err := checkMailbox(path); err != nil {
		return "", err
	}
	if !s.utf8 && !isASCII(path) {
		return "", errNotUTF8
	}
	if strings.Trim(rest, " ") != "" {
		return "", errParameter // none is offered: no DSN, no RRVS
	}
	s.path = path
	return "RCPT TO:<" + path + ">\r\n", nil
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

func (s *session) data(c command) (string, error) {
	if s.tx == nil || len(s.tx.recipients) == 0 {
		return "", errNoRecipient
	}
	if c.arg != "" {
		return "", errArguments
	}
	s.body = &dotBody{in: s.conn.in}
	return "DATA\r\n", nil
}

// bdat begins a message in chunks. go-smtp is told that it is DATA, and its 354 is kept
// from the client: its own BDAT runs beside the commands that follow it, and takes a chunk
// that was cut off for a whole one.
func (s *session) bdat(c command) (string, error) {
	size, last, err := parseChunk(c.arg)
	if err != nil {
		s.lostStep(err)
		return "", nil
	}
	chunks := &chunkBody{in: s.conn.in}
	chunks.begin(size, last)
	if s.tx == nil || len(s.tx.recipients) == 0 {
		return "", s.skipChunk(chunks)
	}
	s.body = chunks
	s.swallow++
	return "DATA\r\n", nil
}

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
