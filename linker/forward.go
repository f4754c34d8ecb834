package linker

import (
	"strings"
	"time"

	"blindcopy/crm"
	"blindcopy/message"
)

// originals finds the mails inside a message that a user may have passed on to us: attached
// ones, else one quoted in its text. Whether they count is for Decide to say.
func (l *Linker) originals(in *crm.Inbound, m *message.Message, cover *crm.Mail) []crm.Mail {
	author := cover.Author(in.MailFrom)
	by := crm.Forward{By: author, Cover: coverIdentity(cover, in)}
	if len(m.Originals) > 0 {
		return l.attached(m, cover, by)
	}
	if original, ok := l.inline(m, cover, by); ok {
		return []crm.Mail{original}
	}
	return nil
}

// coverIdentity is what tells the forwarding message from all others.
func coverIdentity(cover *crm.Mail, in *crm.Inbound) string { return identityKeys(cover, in)[0] }

// attached reads the mails attached as message/rfc822 (RFC 2046 §5.2.1). One that itself only carries
// others is left out: its contents are there as originals of their own.
func (l *Linker) attached(m *message.Message, cover *crm.Mail, by crm.Forward) []crm.Mail {
	by.Attached, by.Deal = true, cover.SubjectDeal
	by.Note = note(m.BodyText())
	var mails []crm.Mail
	for i, original := range m.Originals {
		mail := mailOf(original.Message)
		mail.Original = i + 1
		mail.Automatic, mail.AutoWhy = automatic(original.Message, mail.Author("").Address, "-", l.policy.Roles)
		forward := by
		mail.Forwarded = &forward
		if mail.Author("").Address != "" {
			mails = append(mails, mail)
		}
	}
	return mails
}

// inline reads the original that a mail client quoted below a forward marker, or that the first line of the text
// names by hand.
func (l *Linker) inline(m *message.Message, cover *crm.Mail, by crm.Forward) (crm.Mail, bool) {
	f, ok := message.ParseForward(message.ForwardInput{Subject: m.Subject, Text: m.Text, HTML: m.HTML, Reply: len(cover.InReplyTo) > 0})
	if !ok {
		if f.Deal > 0 && l.toUsAlone(cover) {
			cover.SubjectDeal = f.Deal
		}
		return crm.Mail{}, false
	}
	by.Note, by.Deal = cut(f.Note, maxNote), max(f.Deal, cover.SubjectDeal)
	mail := crm.Mail{
		Original:     1,
		Subject:      firstNonEmpty(f.Subject, cover.Subject),
		Date:         f.Date.UTC(),
		DateText:     f.DateText,
		DateZoned:    f.Zoned,
		From:         parties([]message.Address{f.From}),
		To:           parties(f.To),
		Cc:           parties(f.Cc),
		BodyStart:    bodyStart(f.Body),
		Quoted:       f.Body,
		AskedPrivate: cover.AskedPrivate,
		Forwarded:    &by,
		Truncated:    cover.Truncated,
	}
	switch {
	case f.Date.IsZero():
		mail.Date = cover.Date
	case !f.Zoned && !m.Date.IsZero():
		// The mail client wrote the forwarder's local time; the Date field has his zone.
		_, offset := m.Date.Zone()
		mail.Date = mail.Date.Add(-time.Duration(offset) * time.Second)
	}
	if mail.Author("").Address == "" {
		mail.NameOnly = f.From.Name
	}
	base, reply, _ := message.BaseSubject(mail.Subject)
	mail.BaseSubject, mail.IsReply = strings.ToLower(base), reply
	return mail, true
}

// toUsAlone tells whether nobody but a BCC address stands in To and Cc.
func (l *Linker) toUsAlone(m *crm.Mail) bool {
	for _, list := range [][]crm.Party{m.To, m.Cc} {
		for _, p := range list {
			if p.Address.Domain() != l.policy.Domain {
				return false
			}
		}
	}
	return true
}

// note is the covering text of a forward, within reason.
func note(text string) string {
	fresh, _ := message.TrimQuoted(text)
	return cut(strings.TrimSpace(fresh), maxNote)
}

// maxNote bounds the note kept with a forwarded mail, in bytes.
const maxNote = 4096

// cut shortens s to at most n bytes without splitting a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}

func firstNonEmpty(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}
