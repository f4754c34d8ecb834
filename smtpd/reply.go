package smtpd

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"blindcopy/crm"
)

// reply is one line of the server's (RFC 5321 §4.2), with its enhanced code (RFC 3463).
type reply struct {
	code     int
	enhanced string // "5.1.1"
	text     string // printable ASCII, no line end
}

// line is the reply as it stands on the wire.
func (r reply) line() string {
	return strconv.Itoa(r.code) + " " + r.enhanced + " " + r.text + "\r\n"
}

// What is said when all is well. None of it repeats what the client said.
var (
	senderTaken    = reply{250, "2.1.0", "sender taken"}
	recipientTaken = reply{250, "2.1.5", "recipient taken"}
	chunkTaken     = reply{250, "2.0.0", "chunk taken"}
	resetDone      = reply{250, "2.0.0", "transaction dropped"}
	nothingDone    = reply{250, "2.0.0", "nothing done"}
	notVerified    = reply{252, "2.5.0", "addresses are not verified here, send a message"} // RFC 5321 §3.5.3
	commands       = reply{214, "2.0.0", "EHLO HELO STARTTLS MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT"}
	goAhead        = reply{220, "2.0.0", "begin the TLS handshake"}
	bye            = reply{221, "2.0.0", "bye"}
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
	errBroken       = errors.New("a fault of ours")
	errStopping     = errors.New("stopping")
)

// replies says what goes on the wire for each error. The first row that fits is taken.
var replies = []struct {
	when error
	reply
}{
	{crm.ErrUnknownRecipient, reply{550, "5.1.1", "no such address here"}},
	{crm.ErrRevokedRecipient, reply{550, "5.1.6", "this address was withdrawn, ask its owner for the new one"}},
	{crm.ErrForeignDomain, reply{550, "5.7.1", "not a domain of this server, no relaying"}},
	{errTooBig, reply{552, "5.3.4", "message too big"}},
	{errRecipients, reply{452, "4.5.3", "too many recipients, send the rest in another message"}},
	{errBodyLine, reply{500, "5.5.2", "a line of the message is too long"}},
	{errLoop, reply{554, "5.4.6", "too many hops, this message is going in circles"}},
	{crm.ErrNoSpace, reply{452, "4.3.1", "no space left here, try again later"}},

	{errNoHello, reply{503, "5.5.1", "say hello first"}},
	{errNested, reply{503, "5.5.1", "a message is open already, RSET leaves it"}},
	{errNoMail, reply{503, "5.5.1", "MAIL comes first"}},
	{errNoRecipient, reply{503, "5.5.1", "no valid recipient yet, RCPT comes first"}},
	{errChunks, reply{503, "5.5.1", "the message is not complete: BDAT goes on, RSET leaves it"}},
	{errSecured, reply{503, "5.5.1", "TLS is on already"}},
	{errSyntax, reply{501, "5.5.2", "syntax error"}},
	{errControl, reply{501, "5.5.2", "control characters and broken UTF-8 are not taken"}},
	{errHello, reply{501, "5.5.4", "give a host name of at most 255 bytes"}},
	{errPath, reply{501, "5.1.3", "that is not <local@domain>"}},
	{errNotUTF8, reply{553, "5.6.7", "an address beyond ASCII needs SMTPUTF8 at MAIL"}}, // RFC 6531 §3.5
	{errPathTooLong, reply{501, "5.1.3", "path too long"}},
	{errArguments, reply{501, "5.5.4", "bad argument"}},
	{errParameter, reply{555, "5.5.4", "parameter not known"}},
	{errLineTooLong, reply{500, "5.5.2", "command line too long"}},
	{errUnknown, reply{500, "5.5.1", "command not known"}},
	{errSayLHLO, reply{500, "5.5.1", "this is LMTP, say LHLO"}},
	{errNotLMTP, reply{500, "5.5.1", "this is SMTP, say EHLO"}},
	{errNotOffered, reply{502, "5.5.1", "command not implemented"}},

	{errStopping, reply{421, "4.3.2", "stopping, try again later"}},
	{errLost, reply{421, "4.4.2", "transfer cut off, nothing was stored"}},
	{errIdle, reply{421, "4.4.2", "idle too long"}},
	{errAge, reply{421, "4.4.2", "this session is too old, begin another"}},
	{errErrors, reply{421, "4.7.0", "too many errors"}},
	{errGuesses, reply{421, "4.7.0", "too many unknown recipients"}},
	{errIdleCommands, reply{421, "4.7.0", "too many commands without a message"}},
	{errBroken, reply{421, "4.3.0", "temporary trouble here, try again later"}},
	{errConnections, reply{421, "4.3.2", "too many connections, try again later"}},
}

// replyTo is the one place where an error becomes a reply. Whatever it does not know is
// ours and may heal, so the sender keeps the message: 451, and not a word of the cause.
func replyTo(err error) reply {
	for _, r := range replies {
		if errors.Is(err, r.when) {
			return r.reply
		}
	}
	text := "temporary trouble here, try again later"
	if errors.Is(err, crm.ErrBusy) || errors.Is(err, context.DeadlineExceeded) {
		text = "busy, try again later"
	}
	return reply{451, "4.3.0", text}
}

// stored is the reply for a message that is on disk. Why it ended as it did is told to
// peers we trust, and to nobody else.
func stored(r crm.Receipt, trusted bool) reply {
	text := string(r.ID) + " accepted"
	if trusted {
		text = string(r.ID) + " " + string(r.Verdict)
		if r.Why != "" {
			text += ": " + r.Why
		}
	}
	return reply{250, "2.0.0", printable(text)}
}

// A reply line has at most 512 bytes (RFC 5321 §4.5.3.1.5).
const (
	maxReplyLine = 512
	maxReplyText = 480
)

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
