package smtpd

import (
	"context"
	"errors"
	"strings"

	"github.com/emersion/go-smtp"

	"blindcopy/crm"
)

// Why the server itself refuses a command or a message.
var (
	errSyntax       = errors.New("syntax error")
	errControl      = errors.New("control byte or broken UTF-8 in a command")
	errLineTooLong  = errors.New("command line too long")
	errPath         = errors.New("not an address")
	errNotUTF8      = errors.New("address in UTF-8 without SMTPUTF8")
	errPathTooLong  = errors.New("path too long")
	errHello        = errors.New("greeting without a name")
	errArguments    = errors.New("bad argument")
	errParameter    = errors.New("parameter not known")
	errUnknown      = errors.New("command not known")
	errNotOffered   = errors.New("command not implemented")
	errSayLHLO      = errors.New("LMTP is greeted with LHLO")
	errNotLMTP      = errors.New("SMTP is greeted with EHLO")
	errNoHello      = errors.New("not greeted yet")
	errNested       = errors.New("a transaction is open")
	errNoMail       = errors.New("no MAIL yet")
	errNoRecipient  = errors.New("no valid recipient")
	errChunks       = errors.New("between chunks of a message")
	errSecured      = errors.New("TLS is on")
	errRecipients   = errors.New("too many recipients")
	errTooBig       = errors.New("message too big")
	errBodyLine     = errors.New("line of the message too long")
	errLoop         = errors.New("too many Received fields")
	errLost         = errors.New("transfer cut off")
	errIdle         = errors.New("idle too long")
	errErrors       = errors.New("too many errors")
	errGuesses      = errors.New("too many unknown recipients")
	errIdleCommands = errors.New("too many commands without a message")
	errAge          = errors.New("session too old")
	errConnections  = errors.New("too many connections")
	errStopping     = errors.New("stopping")
)

// replies says what goes on the wire for each error. The first row that fits is taken.
var replies = []struct {
	when     error
	code     int
	enhanced smtp.EnhancedCode
	text     string
}{
	{crm.ErrUnknownRecipient, 550, smtp.EnhancedCode{5, 1, 1}, "no such address here"},
	{crm.ErrRevokedRecipient, 550, smtp.EnhancedCode{5, 1, 6}, "this address was withdrawn, ask its owner for the new one"},
	{crm.ErrForeignDomain, 550, smtp.EnhancedCode{5, 7, 1}, "not a domain of this server, no relaying"},
	{errTooBig, 552, smtp.EnhancedCode{5, 3, 4}, "message too big"},
	{errRecipients, 452, smtp.EnhancedCode{4, 5, 3}, "too many recipients, send the rest in another message"},
	{errBodyLine, 500, smtp.EnhancedCode{5, 5, 2}, "a line of the message is too long"},
	{errLoop, 554, smtp.EnhancedCode{5, 4, 6}, "too many hops, this message is going in circles"},
	{crm.ErrNoSpace, 452, smtp.EnhancedCode{4, 3, 1}, "no space left here, try again later"},

	{errNoHello, 503, smtp.EnhancedCode{5, 5, 1}, "say hello first"},
	{errNested, 503, smtp.EnhancedCode{5, 5, 1}, "a message is open already, RSET leaves it"},
	{errNoMail, 503, smtp.EnhancedCode{5, 5, 1}, "MAIL comes first"},
	{errNoRecipient, 503, smtp.EnhancedCode{5, 5, 1}, "no valid recipient yet, RCPT comes first"},
	{errChunks, 503, smtp.EnhancedCode{5, 5, 1}, "the message is not complete: BDAT goes on, RSET leaves it"},
	{errSecured, 503, smtp.EnhancedCode{5, 5, 1}, "TLS is on already"},
	{errSyntax, 501, smtp.EnhancedCode{5, 5, 2}, "syntax error"},
	{errControl, 501, smtp.EnhancedCode{5, 5, 2}, "control characters and broken UTF-8 are not taken"},
	{errHello, 501, smtp.EnhancedCode{5, 5, 4}, "give a host name of at most 255 bytes"},
	{errPath, 501, smtp.EnhancedCode{5, 1, 3}, "that is not <local@domain>"},
	{errNotUTF8, 553, smtp.EnhancedCode{5, 6, 7}, "an address beyond ASCII needs SMTPUTF8 at MAIL"}, // RFC 6531 §3.5
	{errPathTooLong, 501, smtp.EnhancedCode{5, 1, 3}, "path too long"},
	{errArguments, 501, smtp.EnhancedCode{5, 5, 4}, "bad argument"},
	{errParameter, 555, smtp.EnhancedCode{5, 5, 4}, "parameter not known"},
	{errLineTooLong, 500, smtp.EnhancedCode{5, 5, 2}, "command line too long"},
	{errUnknown, 500, smtp.EnhancedCode{5, 5, 1}, "command not known"},
	{errSayLHLO, 500, smtp.EnhancedCode{5, 5, 1}, "this is LMTP, say LHLO"},
	{errNotLMTP, 500, smtp.EnhancedCode{5, 5, 1}, "this is SMTP, say EHLO"},
	{errNotOffered, 502, smtp.EnhancedCode{5, 5, 1}, "command not implemented"},

	{errStopping, 421, smtp.EnhancedCode{4, 3, 2}, "stopping, try again later"},
	{errLost, 421, smtp.EnhancedCode{4, 4, 2}, "transfer cut off, nothing was stored"},
	{errIdle, 421, smtp.EnhancedCode{4, 4, 2}, "idle too long"},
	{errAge, 421, smtp.EnhancedCode{4, 4, 2}, "this session is too old, begin another"},
	{errErrors, 421, smtp.EnhancedCode{4, 7, 0}, "too many errors"},
	{errGuesses, 421, smtp.EnhancedCode{4, 7, 0}, "too many unknown recipients"},
	{errIdleCommands, 421, smtp.EnhancedCode{4, 7, 0}, "too many commands without a message"},
	{errConnections, 421, smtp.EnhancedCode{4, 3, 2}, "too many connections, try again later"},
}

// replyTo is the one place where an error becomes a reply. Whatever it does not know is
// ours and may heal, so the sender keeps the message: 451, and not a word of the cause.
func replyTo(err error) *smtp.SMTPError {
	for _, r := range replies {
		if errors.Is(err, r.when) {
			return &smtp.SMTPError{Code: r.code, EnhancedCode: r.enhanced, Message: r.text}
		}
	}
	text := "temporary trouble here, try again later"
	if errors.Is(err, crm.ErrBusy) || errors.Is(err, context.DeadlineExceeded) {
		text = "busy, try again later"
	}
	return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: text}
}

// stored is the reply for a message that is on disk. Why it ended as it did is told to
// peers we trust, and to nobody else.
func stored(r crm.Receipt, trusted bool) *smtp.SMTPError {
	text := string(r.ID) + " accepted"
	if trusted {
		text = string(r.ID) + " " + string(r.Verdict)
		if r.Why != "" {
			text += ": " + r.Why
		}
	}
	return ok(printable(text))
}

func ok(text string) *smtp.SMTPError {
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 0, 0}, Message: text}
}

// maxReplyText keeps a reply within the 512 bytes of RFC 5321 §4.5.3.1.5.
const maxReplyText = 480

// printable makes one line of printable ASCII: what a reply may hold (RFC 5321 §4.2).
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case r < ' ' || r > '~':
			return '?'
		}
		return r
	}, s)
	if len(s) > maxReplyText {
		s = s[:maxReplyText]
	}
	return strings.TrimSpace(s)
}
