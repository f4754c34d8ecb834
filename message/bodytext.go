package message

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// decodeBody decodes a text part to UTF-8 with LF line ends.
func (w *walker) decodeBody(i int) (text string, cut bool) {
	p := &w.m.Parts[i]
	content, cut, corrupt := decodeTransfer(p.content, p.transferEncoding(), w.lim.BodyBytes)
	if corrupt {
		w.m.warn(WarnCorrupt, "the %s of part %s is broken", p.Encoding, p.Path)
	}
	if cut {
		content = wholeRunes(content)
	}
	text = w.bodyText(p, content)
	switch p.MediaType {
	case "text/plain":
		if strings.EqualFold(p.Params["format"], "flowed") {
			text = unflow(text, strings.EqualFold(p.Params["delsp"], "yes"))
		}
	case "text/enriched", "text/richtext":
		text = stripEnriched(text)
	}
	return text, cut
}

// bodyText brings decoded content to UTF-8 and cleans it.
func (w *walker) bodyText(p *Part, content []byte) string {
	declared := w.bodyCharset(p, content)
	if charsetName(declared) == "utf-8" && utf8.Valid(content) {
		return cleanBody(content) // the usual, without a copy between
	}
	text, verdict := toUTF8(content, declared, w.lim.FallbackCharset)
	switch verdict {
	case charsetUnknown:
		w.m.warn(WarnCharset, "charset %q of part %s is unknown, guessed", excerpt(declared), p.Path)
	case charsetWrong:
		w.m.warn(WarnCharsetWrong, "part %s is not in its charset %q, guessed", p.Path, excerpt(declared))
	}
	return cleanBody([]byte(text))
}

// wholeRunes drops the beginning of a UTF-8 sequence at the end of b.
func wholeRunes(b []byte) []byte {
	for i := len(b) - 1; i >= 0 && i >= len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// bodyCharset returns the declared charset of a text part. Of HTML its own declaration counts if the header has
// none, as HTML 4.01 §5.2.2 says.
//
// QUIRK: so it does where the header names one that nobody knows, or ASCII above bytes of eight bits.
func (w *walker) bodyCharset(p *Part, content []byte) string {
	declared := p.Params["charset"]
	name := charsetName(declared)
	if name == "utf-8" || charsetDecoder(name) != nil || p.MediaType != "text/html" || utf8.Valid(content) {
		return declared
	}
	head := bytes.ToLower(content[:min(len(content), 4096)])
	_, after, ok := bytes.Cut(head, []byte("charset="))
	if !ok {
		return declared
	}
	after = bytes.TrimLeft(after, "\"' ")
	if end := bytes.IndexAny(after, "\"' ;/>"); end >= 0 {
		after = after[:end]
	}
	return string(after[:min(len(after), maxCharsetLabel)])
}

// headerCharset is the charset for raw 8-bit header fields that are not UTF-8: that of the first text, as the same
// mailer wrote both.
func (w *walker) headerCharset() string {
	for _, p := range w.m.Parts {
		if !strings.HasPrefix(p.MediaType, "text/") {
			continue
		}
		name := charsetName(p.Params["charset"])
		if name != "" && name != "utf-8" && charsetDecoder(name) != nil {
			return name
		}
		break
	}
	return w.lim.FallbackCharset
}

// cleanBody brings line ends to LF and removes a byte order mark and the control characters that no text needs.
func cleanBody(b []byte) string {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	i := indexControl(b)
	if i < 0 {
		return string(b)
	}
	var out strings.Builder
	out.Grow(len(b))
	for i >= 0 {
		out.Write(b[:i])
		if b[i] == '\r' {
			out.WriteByte('\n')
			b = bytes.TrimPrefix(b[i+1:], []byte("\n"))
		} else {
			b = b[i+1:]
		}
		i = indexControl(b)
	}
	out.Write(b)
	return out.String()
}

func indexControl(b []byte) int {
	for i, c := range b {
		if c < ' ' && c != '\n' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}
