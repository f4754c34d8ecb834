package message

import (
	"strings"
	"unicode"
)

// maxIDs of a References field are kept, the last ones. A hundred are normal in long threads.
const maxIDs = 200

// readFields reads the fields that every mail has some of.
func (m *Message) readFields(lim Limits) {
	r := fieldReader{m: m, lim: lim}
	for _, f := range m.Header.fields {
		var buf [20]byte
		if len(f.name) > len(buf) {
			continue
		}
		r.read(string(lowerInto(buf[:0], f.name)), f.value)
	}
	if m.Date.IsZero() {
		if m.DateText == "" {
			m.warn(WarnDate, "the mail has no date")
		} else {
			m.warn(WarnDate, "date %q is not understood", excerpt(m.DateText))
		}
	}
}

// fieldReader remembers which fields were there.
type fieldReader struct {
	m       *Message
	lim     Limits
	from    int
	subject bool
}

func (r *fieldReader) read(name string, value []byte) {
	m := r.m
	switch name {
	case "from":
		if r.from++; r.from == 2 {
			m.warn(WarnDuplicateField, "the mail has several From fields")
		}
		r.addresses(&m.From, name, value)
	case "sender":
		r.addresses(&m.Sender, name, value)
	case "reply-to":
		r.addresses(&m.ReplyTo, name, value)
	case "to":
		r.addresses(&m.To, name, value)
	case "cc":
		r.addresses(&m.Cc, name, value)
	case "bcc":
		r.addresses(&m.Bcc, name, value)
	case "resent-from":
		r.addresses(&m.ResentFrom, name, value)
	case "resent-to":
		r.addresses(&m.ResentTo, name, value)
	default:
		r.readText(name, value)
	}
}

// readText reads the fields of which the first one counts that says something.
func (r *fieldReader) readText(name string, value []byte) {
	m := r.m
	switch name {
	case "subject":
		if r.subject {
			m.warn(WarnDuplicateField, "the mail has several Subject fields")
		}
		r.subject = true
		if m.Subject == "" {
			m.Subject = DecodeHeader(string(unfold(value)), m.Header.fallback)
		}
	case "date":
		if m.Date.IsZero() {
			m.DateText = DecodeHeader(string(unfold(value)), m.Header.fallback)
			m.Date, _ = parseDate(m.DateText)
		}
	case "message-id":
		if m.MessageID == "" {
			m.MessageID = messageID(idText(value))
		}
	case "in-reply-to":
		if m.InReplyTo == nil {
			m.InReplyTo = lastIDs(messageIDs(idText(value)))
		}
	case "references":
		if m.References == nil {
			m.References = lastIDs(messageIDs(idText(value)))
		}
	}
}

func (r *fieldReader) addresses(list *[]Address, name string, value []byte) {
	room := r.lim.Addresses - len(*list)
	more, state := parseAddresses(string(unfold(value)), room, r.m.Header.fallback)
	*list = append(*list, more...)
	if state.repaired {
		r.m.warn(WarnAddress, "the %s field is broken: %s", name, excerpt(string(value)))
	}
	if state.full {
		r.m.limit(WarnAddressLimit, "the %s field has more than %d addresses", name, r.lim.Addresses)
	}
}

// idText prepares a field of message ids.
//
// QUIRK: Exchange puts a long Message-ID into encoded words.
func idText(value []byte) string {
	text := string(unfold(value))
	if strings.Contains(text, "=?") {
		text = decodeWords(text, "")
	}
	return text
}

// messageID reads the field Message-ID: the first id in angle brackets, else all of it.
func messageID(text string) string {
	if strings.IndexByte(text, '<') < 0 {
		return normalID(text)
	}
	for _, id := range messageIDs(text) {
		return id
	}
	return ""
}

func lastIDs(ids []string) []string { return ids[max(0, len(ids)-maxIDs):] }

// messageIDs reads a list of message ids (RFC 5322 §3.6.4) in normal form. Without any angle bracket every word is
// one; with them what stands outside is a phrase ("your message of Monday", §4.5.4).
func messageIDs(text string) []string {
	if strings.IndexByte(text, '<') < 0 {
		var ids []string
		for _, word := range strings.Fields(text) {
			if id := normalID(word); id != "" {
				ids = append(ids, id)
			}
		}
		if len(ids) > 1 && strings.IndexByte(text, '@') > 0 {
			ids = onlyAddressLike(ids)
		}
		return ids
	}
	ids := make([]string, 0, strings.Count(text, "<"))
	for {
		_, after, ok := strings.Cut(text, "<")
		if !ok {
			return ids
		}
		end := strings.IndexAny(after, "<>")
		if end < 0 {
			end = len(after) // QUIRK: the last id lost its end
		}
		if id := normalID(after[:end]); id != "" {
			ids = append(ids, id)
		}
		text = after[end:]
	}
}

// onlyAddressLike drops the words of a phrase.
func onlyAddressLike(words []string) []string {
	ids := words[:0]
	for _, word := range words {
		if strings.IndexByte(word, '@') > 0 {
			ids = append(ids, word)
		}
	}
	return ids
}

// normalID removes white space, also that of folds, and angle brackets, and lower-cases (SEMANTICS §7).
func normalID(s string) string {
	clean := true
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c >= 'A' && c <= 'Z' {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || r == '<' || r == '>' {
			return -1
		}
		return unicode.ToLower(r)
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
