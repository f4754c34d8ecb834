package linker_test

import (
	"encoding/base64"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"strings"
	"time"
)

type person struct{ name, address string }

func (p person) String() string {
	if p.name == "" {
		return p.address
	}
	return p.name + " <" + p.address + ">"
}

// header is the person as header fields have it: encoded (RFC 2047), quoted where the name needs it.
func (p person) header() string {
	switch {
	case p.name == "":
		return p.address
	case !isASCII(p.name):
		return mime.BEncoding.Encode("utf-8", p.name) + " <" + p.address + ">"
	case strings.ContainsAny(p.name, ",.'"):
		return `"` + p.name + `" <` + p.address + ">"
	}
	return p.String()
}

func domainOf(p person) string { return p.address[strings.LastIndexByte(p.address, '@')+1:] }

// style is the mail program that wrote a mail.
type style int

const (
	gmail style = iota
	outlook
	apple
	thunderbird
	phone
)

func (s style) String() string {
	return [...]string{"Gmail", "Outlook", "Apple Mail", "Thunderbird", "a phone"}[s]
}

var idStyles = [...]string{"CAF+", "DB9P195MB", "5B0C7A5E-0000-4B6B-", "a9c1d2e3-", "8C2F-"}

// note is one mail, before a mail program wrote it down.
type note struct {
	from     person
	to, cc   []person
	at       time.Time
	id       string
	subject  string // without prefix
	text     string
	language language
	style    style
	header   string // more fields
	bare     bool   // an answer without quotation and prefix

	quoted    *note   // what it answers
	forwarded *note   // what it passes on, inline
	attached  []*note // what it passes on, attached
	bounceOf  *note
}

// bytes writes the mail down as its program does.
func (n *note) bytes() []byte {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	field("MIME-Version", "1.0")
	field("From", n.from.header())
	field("To", people(n.to))
	field("Cc", people(n.cc))
	field("Date", n.at.Format(time.RFC1123Z))
	field("Message-ID", "<"+n.id+">")
	if q := n.quoted; q != nil {
		field("In-Reply-To", "<"+q.id+">")
		field("References", n.references())
	}
	field("Subject", encoded(n.prefix()+n.subject))
	b.WriteString(n.header)
	switch {
	case n.bounceOf != nil:
		b.WriteString(n.report())
	case len(n.attached) > 0:
		b.WriteString(n.withAttached())
	default:
		b.WriteString(n.body())
	}
	return []byte(b.String())
}

func people(list []person) string {
	var words []string
	for _, p := range list {
		words = append(words, p.header())
	}
	return strings.Join(words, ",\r\n ")
}

// references are folded, as all programs do; Outlook on a phone keeps the last alone.
func (n *note) references() string {
	var ids []string
	for q := n.quoted; q != nil && len(ids) < 10; q = q.quoted {
		ids = append([]string{"<" + q.id + ">"}, ids...)
	}
	if n.style == phone {
		return ids[len(ids)-1]
	}
	return strings.Join(ids, "\r\n ")
}

func (n *note) prefix() string {
	switch {
	case n.bare:
		return ""
	case n.forwarded != nil || len(n.attached) > 0:
		return n.language.forwardPrefix(n.style)
	case n.quoted != nil:
		return n.language.replyPrefix(n.style)
	}
	return ""
}

// plain is the text of the mail, quotation or forwarded mail included.
func (n *note) plain() string {
	text := n.text + "\n\n" + n.language.regards + "\n" + n.from.name + "\n"
	switch {
	case n.bare:
		return n.text + "\n"
	case n.forwarded != nil:
		return text + "\n" + n.language.forward(n.style, n.forwarded)
	case n.quoted != nil:
		return text + "\n" + n.language.quote(n.style, n.quoted)
	}
	return text
}

// body is the MIME part of the header, an empty line and the text, each program in its own way.
func (n *note) body() string {
	text := strings.ReplaceAll(n.plain(), "\n", "\r\n")
	switch n.style {
	case gmail:
		return alternative("0000000000"+n.id[:4], "utf-8", text)
	case outlook:
		return alternative("_000_"+n.id[:9]+"_", n.language.charset, text)
	case thunderbird:
		return "User-Agent: Mozilla Thunderbird\r\nContent-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text
	case apple:
		return "X-Mailer: Apple Mail (2.3826)\r\nContent-Type: text/plain;\r\n\tcharset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted(text)
	}
	return "X-Mailer: iPhone Mail (22B91)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + wrapped(base64.StdEncoding.EncodeToString([]byte(text)))
}

// alternative is the text twice, plain and as HTML.
func alternative(boundary, charset, text string) string {
	html := "<div dir=\"ltr\">" + strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r\n", "<br>\r\n").Replace(text) + "</div>"
	part := func(kind, text string) string {
		octets, fits := inCharset(charset, text)
		if !fits {
			charset, octets = "utf-8", text
		}
		return "--" + boundary + "\r\nContent-Type: text/" + kind + "; charset=\"" + charset + "\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + quoted(octets) + "\r\n"
	}
	return "Content-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n" + part("plain", text) + part("html", html) + "--" + boundary + "--\r\n"
}

func (n *note) withAttached() string {
	const boundary = "Apple-Mail=_F00D"
	b := "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nFor the file.\r\n"
	for _, a := range n.attached {
		b += "--" + boundary + "\r\nContent-Disposition: attachment; filename=mail.eml\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + string(a.bytes()) + "\r\n"
	}
	return b + "--" + boundary + "--\r\n"
}

// report is a delivery report (RFC 3464), as Postfix writes it.
func (n *note) report() string {
	const boundary = "4XyZ1.1732359660/mx.relay.example"
	to := n.bounceOf.to[0].address
	return "Auto-Submitted: auto-replied\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"" + boundary + "\"\r\n\r\n--" + boundary +
		"\r\nContent-Type: text/plain\r\n\r\n<" + to + ">: host mx said: 550 5.1.1 User unknown\r\n--" + boundary +
		"\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.relay.example\r\n\r\nFinal-Recipient: rfc822; " + to + "\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--" + boundary +
		"\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: " + n.bounceOf.from.header() + "\r\nMessage-ID: <" + n.bounceOf.id + ">\r\nSubject: " + encoded(n.bounceOf.subject) + "\r\n\r\n--" + boundary + "--\r\n"
}

func encoded(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.ReplaceAll(mime.QEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}

func quoted(text string) string {
	var b strings.Builder
	w := quotedprintable.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // a Builder takes everything
	_ = w.Close()
	return b.String()
}

func wrapped(text string) string {
	var b strings.Builder
	for len(text) > 76 {
		b.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return b.String() + text + "\r\n"
}

// inCharset writes a text in ISO 8859-1 or Windows-1251; ok is false where it does not fit into that.
func inCharset(charset, text string) (octets string, ok bool) {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r < 0x80 || charset == "utf-8":
			b.WriteRune(r)
		case charset == "windows-1251" && r >= 'А' && r <= 'я':
			b.WriteByte(byte(r - 'А' + 0xC0))
		case charset == "iso-8859-1" && r < 0x100:
			b.WriteByte(byte(r))
		default:
			return "", false
		}
	}
	return b.String(), true
}

func isASCII(s string) bool {
	for _, r := range s {
		if r >= 0x80 {
			return false
		}
	}
	return true
}
