// Package message reads mail: raw bytes in, a [Message] out.
//
// The reader is tolerant and bounded. Mail as it is found in mailboxes breaks every rule of RFC 5322 and of
// MIME (RFC 2045 to 2049, RFC 2231), so nothing here refuses: what can be read is kept, and what was odd is
// said in [Message.Warnings]. Its time is linear in the size of the mail. It works on slices of the raw bytes;
// only the display copies of the bodies are decoded while parsing, attachments when somebody asks for them
// ([Message.OpenPart], [Message.Hash]).
//
// The package knows nothing of contacts, deals or SMTP: whose mail it is, is decided elsewhere.
package message

import (
	"strings"
	"time"
)

// Message is a mail as far as it could be read. All strings are valid UTF-8.
type Message struct {
	// Header holds every field that could be salvaged, in order of appearance.
	Header Header

	// Address fields (RFC 5322 §3.6.2, §3.6.3, §3.6.6). Several fields of the same name are read as one list.
	From, Sender, ReplyTo, To, Cc, Bcc []Address
	ResentFrom, ResentTo               []Address

	// MessageID, InReplyTo and References in normal form: white space and angle brackets removed, lower-cased.
	// Empty where missing. InReplyTo and References are in the order written, at most the last 200.
	MessageID  string
	InReplyTo  []string
	References []string

	// Subject is decoded, without control characters, runs of white space folded into one space.
	Subject string

	// Date is the zero time if the field is missing or unreadable; it keeps the zone offset of the sender.
	// DateText is the field as written.
	Date     time.Time
	DateText string

	// Text and HTML are the display copies of the bodies, with LF line ends, each at most Limits.BodyBytes.
	// HTML is as sent: show it only through [SanitizeHTML]. TextCut and HTMLCut tell that more was there.
	Text, HTML       string
	TextCut, HTMLCut bool

	// Attachments are the leaf parts that are not shown as body, in order of appearance.
	Attachments []Attachment

	// Originals are the mails attached to this one, in order of appearance, those nested in them included.
	Originals []Original

	// Parts are all leaf parts. A mail that is not multipart has one, "1".
	Parts []Part

	// Warnings tells what was odd, in words a person understands; at most 50.
	Warnings []Warning

	// Truncated: a limit was hit, something is missing here that the raw bytes have.
	Truncated bool

	// Unreadable: nothing in the bytes looks like a mail.
	Unreadable bool
}

// BodyText returns the body to read: Text, or if that is blank what the HTML says.
func (m *Message) BodyText() string {
	if strings.TrimSpace(m.Text) != "" {
		return m.Text
	}
	return HTMLToText(m.HTML)
}

// Original is a mail that was attached to another one (message/rfc822, RFC 2046 §5.2.1).
type Original struct {
	Path    string // part it was found in; "2/1.3" is part 1.3 of the mail in part 2
	Depth   int    // 1 for a mail attached to this one, 2 for one attached to that, at most 3
	Message *Message
}

// Limits of what is attached, SEMANTICS §8.
const (
	maxOriginals     = 50
	maxOriginalDepth = 3
)

// Limits bounds one parse. A zero field means its default.
type Limits struct {
	Parts           int           // MIME parts read, containers included: 200
	Depth           int           // nested multiparts: 20
	HeaderBytes     int           // bytes of the message header that are read: 256 KiB
	PartHeaderBytes int           // bytes of the header of one part that are read: 64 KiB
	BodyBytes       int           // bytes of each display copy: 1 MiB
	Addresses       int           // addresses of one header field: 1000
	FallbackCharset string        // for bytes of no declared charset that are not UTF-8: windows-1252
	Time            time.Duration // for everything; a mail of 35 MiB needs well under a tenth: 10 s
}

func (l Limits) withDefaults() Limits {
	fill := func(field *int, value int) {
		if *field <= 0 {
			*field = value
		}
	}
	fill(&l.Parts, 200)
	fill(&l.Depth, 20)
	fill(&l.HeaderBytes, 256<<10)
	fill(&l.PartHeaderBytes, 64<<10)
	fill(&l.BodyBytes, 1<<20)
	fill(&l.Addresses, maxAddresses)
	if l.FallbackCharset == "" {
		l.FallbackCharset = "windows-1252"
	}
	if l.Time <= 0 {
		l.Time = 10 * time.Second
	}
	return l
}

// Parse reads raw as far as it can be read, within lim. It keeps slices of raw, which must not change while
// the Message is in use.
func Parse(raw []byte, lim Limits) *Message {
	lim = lim.withDefaults()
	p := &parser{lim: lim, deadline: time.Now().Add(lim.Time), decodeBudget: len(raw)}
	m := p.message(raw, "")
	m.Originals = p.originals
	if p.originalsOver {
		m.limit(WarnOriginalLimit, "only %d attached mails, nested at most %d, were read", maxOriginals, maxOriginalDepth)
	}
	return m
}

// parser is what a mail and the mails attached to it share while they are read.
type parser struct {
	lim           Limits
	deadline      time.Time
	decodeBudget  int     // bytes that may still be decoded to read originals sent as base64
	fields        []field // scratch for the headers of parts
	originals     []Original
	originalsOver bool
	depth         int // of the mail being read: 0 for the outermost
}

func (p *parser) late() bool { return time.Now().After(p.deadline) }

// message reads one mail and those attached to it. It takes the steps in the order in which each needs the
// one before: the charset of the body is needed for raw 8-bit header fields. prefix goes before the paths of
// attached mails.
func (p *parser) message(raw []byte, prefix string) *Message {
	m := &Message{}
	w := &walker{parser: p, m: m, raw: raw}
	body := w.readHeader()
	w.walk(body)
	m.Header.fallback = w.headerCharset()
	m.readFields(p.lim)
	w.chooseBodies()
	w.listAttachments()
	for _, i := range w.mails {
		p.readOriginal(m.Parts[i], prefix)
	}
	return m
}
