package smtpd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"blindcopy/crm"
)

// session is one conversation. Everything in it is used by one goroutine, the one in which
// go-smtp reads commands and calls Mail, Rcpt and Data.
type session struct {
	server  *Server
	conn    *conn
	lmtp    bool
	trusted bool

	helo string
	tx   *transaction // from MAIL to its end; nil outside
	path string       // of the MAIL or RCPT that go-smtp is looking at, as given
	utf8 bool         // the last MAIL had SMTPUTF8
	body body         // of the DATA that go-smtp is looking at

	pending  string  // what go-smtp has not read yet of the line it was given
	unread   command // a command that ended a message in chunks and stands on its own
	swallow  int     // reply lines of go-smtp that are not the client's business
	greeting bool    // the reply to EHLO or HELO is on its way

	errors  int
	unknown int
	cost    int

	hangup  bool // the last word was said
	gone    bool // by the peer
	closed  bool // go-smtp has closed
	upgrade bool // STARTTLS was answered
}

var _ smtp.Session = (*session)(nil)

// transaction is the envelope of one message (RFC 5321 §3.3).
type transaction struct {
	from       string
	recipients []crm.Recipient // each path once
	seen       map[string]bool // paths in lower case
	replies    int             // RCPT commands that were accepted: LMTP owes a reply for each
	began      time.Time       // when the body began
}

// replyCount: a message has one reply, and over LMTP one for each accepted RCPT (RFC 2033 §4.2).
func (t *transaction) replyCount(lmtp bool) int {
	if lmtp {
		return t.replies
	}
	return 1
}

// Mail begins a transaction. The path is the one of the gate, which has its quotes still.
func (s *session) Mail(string, *smtp.MailOptions) error {
	s.tx = &transaction{from: s.path, seen: map[string]bool{}}
	return nil
}

// Rcpt asks the inbox for a recipient.
func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	tx, key := s.tx, strings.ToLower(s.path)
	limit := s.server.opts.MaxRecipients
	if tx.seen[key] {
		// The same few addresses without end.
		if tx.replies-len(tx.recipients) >= limit {
			return s.refused(errRecipients)
		}
		tx.replies++
		return nil
	}
	if len(tx.recipients) >= limit {
		return s.refused(errRecipients)
	}
	r, err := s.resolve(s.path)
	if err != nil {
		return s.refused(s.noteGuess(err))
	}
	tx.seen[key] = true
	tx.recipients = append(tx.recipients, r)
	tx.replies++
	return nil
}

func (s *session) resolve(path string) (r crm.Recipient, err error) {
	defer s.recovered("resolve a recipient", &err)
	ctx, cancel := context.WithTimeout(s.server.custody, s.server.opts.TakeTimeout)
	defer cancel()
	return s.server.inbox.Resolve(ctx, path)
}

// noteGuess holds the answer to an unknown recipient back, the longer the more the source
// has asked, and ends the session after a few. A disabled user's address is unknown to the
// inbox, so the two take the same time. Peers we trust, and a Unix socket, pass on what
// others have guessed.
func (s *session) noteGuess(err error) error {
	if s.trusted || s.conn.local {
		return err
	}
	if replyTo(err).Code/100 == 5 { // an outage is not the client's fault
		s.cost += costIdle
	}
	if !errors.Is(err, crm.ErrUnknownRecipient) {
		return err
	}
	delay, inTime := s.server.guesses.delay(s.conn.remote, time.Now())
	if s.unknown++; s.unknown > maxUnknown || !inTime {
		s.server.stats.limit("unknown_recipients")
		return errGuesses
	}
	select {
	case <-time.After(delay):
	case <-s.server.stopping:
	}
	return err
}

// refused logs a refusal that go-smtp is going to write.
func (s *session) refused(err error) error {
	reply := replyTo(err)
	s.server.logRefusal(s, reply, err)
	return reply
}

// Data receives the message and says its replies; what go-smtp would say is swallowed. It
// reads from the connection: the reader of go-smtp stays unused, and finds the end of the
// data at once.
func (s *session) Data(io.Reader) error {
	tx := s.tx
	tx.began = time.Now()
	s.conn.beginBody()
	reply, err := s.receive(tx)
	s.conn.endBody()
	s.answer(tx, reply, err)
	s.swallow = tx.replyCount(s.lmtp)
	s.pending = ".\r\n"
	return nil
}

// receive reads and delivers one message.
func (s *session) receive(tx *transaction) (*smtp.SMTPError, error) {
	raw, err := s.read()
	if err != nil {
		return replyTo(err), err
	}
	return s.deliver(tx, raw), nil
}

// answer says the reply to a message, err being why it could not be read.
func (s *session) answer(tx *transaction, reply *smtp.SMTPError, err error) {
	if errors.Is(err, errAborted) {
		return // has been answered
	}
	if err != nil {
		s.server.logRefusal(s, reply, err)
	}
	for range tx.replyCount(s.lmtp) {
		s.sayReply(reply) // a 421 is the last word: only the first is said
	}
	if errors.Is(err, errEndless) {
		s.hangup = true
	}
}

// deliver gives the message to the inbox. The last byte has been read: from here on it
// does not matter whether the client is still there.
func (s *session) deliver(tx *transaction, raw crm.Raw) *smtp.SMTPError {
	in := &crm.Inbound{
		ID:         s.server.opts.NewID(),
		ReceivedAt: s.server.opts.Now(),
		Via:        crm.ViaSMTP,
		Remote:     s.conn.remote,
		Helo:       s.helo,
		TLS:        s.conn.tlsVersion(),
		Trusted:    s.trusted,
		MailFrom:   tx.from,
		Recipients: tx.recipients,
		Raw:        raw,
	}
	if s.lmtp {
		in.Via = crm.ViaLMTP
	}
	receipt, err := s.take(in)
	if err != nil {
		reply := replyTo(err)
		s.server.logFailure(s, in, reply, err)
		return reply
	}
	if receipt.ID == "" {
		receipt.ID = in.ID
	}
	s.cost = 0
	reply := stored(receipt, s.trusted)
	s.server.logMail(s, in, receipt, reply)
	return reply
}

func (s *session) take(in *crm.Inbound) (r crm.Receipt, err error) {
	ctx, cancel := context.WithTimeout(s.server.custody, s.server.opts.TakeTimeout)
	defer cancel()
	defer s.recovered("take message "+string(in.ID), &err)
	r, err = s.server.inbox.Take(ctx, in)
	// Not after a panic: nobody knows then who still reads the bytes.
	if in.Raw.Release != nil {
		in.Raw.Release()
	}
	return r, err
}

// recovered turns a panic of the inbox into an error, which becomes a 451.
func (s *session) recovered(doing string, err *error) {
	if v := recover(); v != nil {
		*err = fmt.Errorf("%s: panic: %v", doing, v)
		s.server.log.Error("panic", "doing", doing, "peer", s.peer(), "panic", v, "stack", string(debug.Stack()))
	}
}

// Reset ends the transaction: RSET, EHLO, or after a message.
func (s *session) Reset() { s.tx = nil }

// Logout has nothing to free.
func (s *session) Logout() error { return nil }

// peer names the other side in the log.
func (s *session) peer() string {
	if s.conn.local {
		return "unix"
	}
	return s.conn.remote.String()
}
