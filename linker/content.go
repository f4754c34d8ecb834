package linker

import (
	"strconv"
	"strings"

	"blindcopy/crm"
	"blindcopy/message"
)

// previewLength of an activity, in characters.
const previewLength = 240

// content is what a message says, as far as its timeline shows it: worked out once,
// whatever is decided. The text itself stays in the raw bytes.
type content struct {
	byOriginal map[int]crm.Body
	searched   bool // for mail inside it
	alone      bool // there is no other mail inside: what is held can be filed later without the raw bytes
}

func newContent(m *message.Message, alone, searched bool) *content {
	c := &content{byOriginal: map[int]crm.Body{0: bodyOf(m)}, alone: alone, searched: searched}
	for i, original := range m.Originals {
		c.byOriginal[i+1] = bodyOf(original.Message)
	}
	return c
}

func bodyOf(m *message.Message) crm.Body {
	b := crm.Body{Preview: message.Preview(m.BodyText(), previewLength), Attachments: attachmentsOf(m)}
	if event, ok := m.Invitation(); ok {
		b.Preview = cut(strings.TrimSpace(invitationText(event)+" "+b.Preview), 4*previewLength)
	}
	return b
}

// invitationText is what a meeting request asks for, before what its mail says.
func invitationText(event message.Invitation) string {
	what := "Invitation"
	switch event.Method {
	case "REPLY":
		what = "Answer to an invitation"
	case "CANCEL":
		what = "Cancelled meeting"
	}
	if event.Summary != "" {
		what += ": " + event.Summary
	}
	switch {
	case event.Start.IsZero():
	case event.AllDay:
		what += ", " + event.Start.Format("2 January 2006")
	default:
		what += ", " + event.Start.UTC().Format("2 January 2006 15:04 UTC")
	}
	return what + "."
}

// WinmailPart begins the part path of a file that Outlook wrapped into winmail.dat; its number
// there follows, from 0.
const WinmailPart = "winmail/"

// attachmentsOf lists the attachments. Their bytes stay encoded: size is an estimate and
// the hash is not worked out. Of a winmail.dat that can be opened, the files in it are listed.
func attachmentsOf(m *message.Message) []crm.Attachment {
	list := []crm.Attachment{}
	add := func(a crm.Attachment) {
		a.ID, a.Stored = len(list)+1, true
		list = append(list, a)
	}
	wrapped := m.WinmailAttachments()
	for _, a := range m.Attachments {
		if len(wrapped) > 0 && (a.ContentType == "application/ms-tnef" || strings.EqualFold(a.Name, "winmail.dat")) {
			continue
		}
		size := a.Size
		add(crm.Attachment{Name: a.Name, ContentType: a.ContentType, Size: &size, Inline: a.Inline, Part: a.Path})
	}
	for i, file := range wrapped {
		entry := crm.Attachment{Name: file.Name, ContentType: file.ContentType, Part: WinmailPart + strconv.Itoa(i)}
		if size := int64(len(file.Data)); !file.Cut {
			entry.Size = &size
		}
		add(entry)
	}
	return list
}

// fill adds the content to the activities that a plan drafts, and to mail that is held. An inline original has the
// attachments of the message it was quoted in, and a preview of its own.
func (c *content) fill(plan *crm.Plan) {
	if c == nil {
		return
	}
	for i := range plan.Results {
		r := &plan.Results[i]
		b := c.byOriginal[r.Mail.Original]
		if f := r.Mail.Forwarded; f != nil && !f.Attached {
			b = c.byOriginal[0]
			b.Preview = message.Preview(r.Mail.Quoted, previewLength)
		}
		switch {
		case r.New != nil:
			r.New.Preview, r.New.Attachments = b.Preview, b.Attachments
		case r.Verdict == crm.Held && c.alone:
			b.Searched = c.searched
			r.Body = &b
		case r.Verdict == crm.Held:
			r.Preview = b.Preview
		}
	}
}
