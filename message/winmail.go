package message

import "strings"

// maxWinmailBytes bounds what is decoded of all winmail.dat in a mail, in bytes.
const maxWinmailBytes = 10 << 20

// WinmailAttachments returns the files that Outlook packed into a winmail.dat instead of attaching them ([ParseTNEF]),
// nil if there are none. At most 10 MiB are decoded and 200 files returned. A file that lies across that bound, or is
// cut off in the mail itself, is marked Cut; what can be read of a broken winmail.dat is returned.
func (m *Message) WinmailAttachments() []TNEFAttachment {
	var files []TNEFAttachment
	room := maxWinmailBytes
	for i := range m.Parts {
		p := &m.Parts[i]
		if room <= 0 || len(files) >= tnefMaxAttachments {
			break
		}
		if !p.isWinmail() {
			continue
		}
		content, cut, _ := decodeTransfer(p.content, p.transferEncoding(), room)
		if len(content) > room {
			content, cut = content[:room], true
		}
		room -= len(content)
		found, _, _, _ := ParseTNEF(content)
		if cut && len(found) > 0 {
			found[len(found)-1].Cut = true
		}
		files = append(files, found...)
	}
	return files[:min(len(files), tnefMaxAttachments)]
}

// isWinmail tells a winmail.dat by type or by name.
//
// QUIRK: gateways that do not know the type send it as application/octet-stream.
func (p *Part) isWinmail() bool {
	switch p.MediaType {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	}
	return strings.EqualFold(p.Name, "winmail.dat")
}
