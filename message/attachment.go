package message

import (
	"bytes"
	"path"
	"strings"
	"unicode"
)

// Attachment is a leaf part that is not shown as body. Its content is read with [Message.OpenPart].
type Attachment struct {
	Path        string // of the part
	Name        string // file name as sent, without directories and control characters, at most 255 bytes; may be ""
	ContentType string // media type
	Size        int64  // decoded, in bytes; estimated from the encoded length, exact for evenly wrapped base64
	Inline      bool   // shown within the body
	ContentID   string // without angle brackets; "cid:" of it refers to it from the HTML
}

// listAttachments lists the leaves that chooseBodies left.
func (w *walker) listAttachments() {
	for i, l := range w.leaves {
		p := &w.m.Parts[i]
		if l.body || p.MediaType == "text/x-amp-html" || p.MediaType == "text/watch-html" {
			continue // of no use outside of the mail program they are made for
		}
		if p.Length == 0 && p.Name == "" && strings.HasPrefix(p.MediaType, "text/") {
			continue
		}
		w.m.Attachments = append(w.m.Attachments, Attachment{
			Path:        p.Path,
			Name:        p.Name,
			ContentType: p.MediaType,
			Size:        p.size(),
			Inline:      p.inline(),
			ContentID:   p.ContentID,
		})
	}
}

// inline tells that a part is shown within the body.
//
// QUIRK: Apple Mail marks every attachment inline (RFC 2183 §2.1); only what a body can show or refer to is.
func (p *Part) inline() bool {
	if p.ContentID == "" && !strings.HasPrefix(p.MediaType, "image/") {
		return false
	}
	return p.Disposition == "inline" || p.Disposition == "" && p.ContentID != "" && p.Parent == "multipart/related"
}

// size estimates the decoded size without decoding.
func (p *Part) size() int64 {
	if p.Encoding != encodingBase64 {
		return int64(len(p.content))
	}
	content := bytes.TrimRight(p.content, " \t\r\n")
	line := bytes.IndexByte(content, '\n')
	chars := len(content)
	if line > 0 {
		width := len(bytes.TrimRight(content[:line], " \t\r"))
		lines := (len(content) - 1) / (line + 1) // line ends before the last line
		chars -= lines * (line + 1 - width)
	}
	padding := len(content) - len(bytes.TrimRight(content, "="))
	return max(0, int64((chars-padding)*3/4))
}

// partName returns the file name of a part: that of the disposition, else that of the type (RFC 2183 §2.3).
func partName(h partHeader) string {
	for _, name := range []string{h.disposition.param("filename"), h.media.param("name"), h.disposition.param("name"), h.media.param("filename")} {
		if name = cleanFileName(name); name != "" {
			return name
		}
	}
	return ""
}

// maxFileName is what common file systems take, in bytes.
const maxFileName = 255

// cleanFileName makes a file name that is safe to show and to store as data: no directory, no control characters,
// no marks that change the direction of writing and so hide an extension.
func cleanFileName(name string) string {
	if i := strings.LastIndexAny(name, "/\\"); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if name == "." || name == ".." {
		return ""
	}
	if len(name) <= maxFileName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	return strings.TrimSpace(cutString(name, maxFileName-len(ext))) + ext
}
