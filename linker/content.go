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
	byOriginal map[int]body
}

type body struct {
	preview     string
	attachments []crm.Attachment
}

func newContent(m *message.Message) *content {
	c := &content{byOriginal: map[int]body{0: bodyOf(m)}}
	for i, original := range m.Originals {
		c.byOriginal[i+1] = bodyOf(original.Message)
	}
	return c
}

func bodyOf(m *message.Message) body {
	b := body{preview: message.Preview(m.BodyText(), previewLength), attachments: attachmentsOf(m)}
	if event, ok := m.Invitation(); ok {
		b.preview = cut(strings.TrimSpace(invitationText(event)+" "+b.preview), 4*previewLength)
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

// fill adds the content to the activities that a plan drafts. An inline original has the
// attachments of the message it was quoted in, and a preview of its own.
func (c *content) fill(plan *crm.Plan) {
	if c == nil {
		return
	}
	for i := range plan.Results {
		draft := plan.Results[i].New
		if draft == nil {
			continue
		}
		m := plan.Results[i].Mail
		b := c.byOriginal[m.Original]
		if m.Forwarded != nil && !m.Forwarded.Attached {
			b = c.byOriginal[0]
			b.preview = message.Preview(m.Quoted, previewLength)
		}
		draft.Preview, draft.Attachments = b.preview, b.attachments
	}
}
