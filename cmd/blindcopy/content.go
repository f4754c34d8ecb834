package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	"blindcopy/crm"
	"blindcopy/linker"
	"blindcopy/message"
)

// withContent fills in what the database does not hold of a mail, because nobody asks for it
// most of the time: the text, the HTML, and size and hash of the attachments. They are read
// from the raw mail. A mail whose content is gone comes back as it is.
func (o *office) withContent(ctx context.Context, act crm.Activity) (crm.Activity, error) {
	m, raw, err := o.openMail(ctx, act)
	if errors.Is(err, crm.ErrNotFound) {
		return act, nil
	}
	if err != nil {
		return act, err
	}
	defer raw.Release()
	fillContent(&act, original(m, act.Original))
	if act.Original > 0 && len(m.Originals) == 0 {
		quotedText(&act, m)
	}
	return act, nil
}

// quotedText shows of an inline forward what was forwarded; what the forwarder wrote above is the note.
func quotedText(act *crm.Activity, m *message.Message) {
	if f, ok := message.ParseForward(message.ForwardInput{Subject: m.Subject, Text: m.Text, HTML: m.HTML}); ok && f.Body != "" {
		act.Text, act.HTML = f.Body, ""
	}
}

// original is the mail inside a message that an activity is about: 0 is the message
// itself, 1 the first one attached to it. An inline forward is text of its message.
func original(m *message.Message, n int) *message.Message {
	if n < 1 || n > len(m.Originals) {
		return m
	}
	return m.Originals[n-1].Message
}

func fillContent(act *crm.Activity, m *message.Message) {
	act.Text, act.HTML = m.BodyText(), ""
	if m.HTML != "" {
		act.HTML, _ = message.SanitizeHTML(m.HTML)
	}
	wrapped := m.WinmailAttachments()
	for i := range act.Attachments {
		f := &act.Attachments[i]
		n, sum, ok := measure(m, wrapped, f.Part)
		if !ok {
			continue // unknown: null says so
		}
		digest := hex.EncodeToString(sum[:])
		f.Size, f.SHA256 = &n, &digest
	}
}

// measure finds the size and SHA-256 of an attachment: a part of the mail, or a file in its winmail.dat.
func measure(m *message.Message, wrapped []message.TNEFAttachment, part string) (n int64, sum [32]byte, ok bool) {
	if number, isWrapped := strings.CutPrefix(part, linker.WinmailPart); isWrapped {
		i, err := strconv.Atoi(number)
		if err != nil || i < 0 || i >= len(wrapped) || wrapped[i].Cut {
			return 0, sum, false
		}
		return int64(len(wrapped[i].Data)), sha256.Sum256(wrapped[i].Data), true
	}
	n, sum, err := m.Hash(part)
	return n, sum, err == nil || errors.Is(err, message.ErrCorrupt)
}

// authorOf is the address a message says it is from, for an envelope that nobody gave.
func authorOf(raw []byte) string {
	for _, a := range message.Parse(raw, message.Limits{}).From {
		if a.Addr != "" {
			return a.Addr
		}
	}
	return ""
}
