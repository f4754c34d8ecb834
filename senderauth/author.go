package senderauth

import (
	"bytes"
	"strings"

	"blindcopy/crm"
)

// author returns the address of the From field, if there is exactly one field with exactly one address
// (RFC 7489 §6.6.1). It is meant to be compared: a reader of mail mends more than this one does, and where
// the two disagree about who the author is, nobody is authenticated.
//
// Fields are counted by the most generous reading, lines ending at any CR or LF. Encoded words are not decoded, for
// no address may stand in one (RFC 2047 §5).
func (h header) author() (crm.Address, bool) {
	from := h.all("from")
	if h.over || len(from) != 1 || h.fromLines() != 1 {
		return "", false
	}
	return onlyAddress(from[0].value())
}

// fromLines counts the lines that some program might take for a From field.
func (h header) fromLines() int {
	n, first := 0, true
	for line := range bytes.FieldsFuncSeq(h.block, func(r rune) bool { return r == '\r' || r == '\n' }) {
		name, _, found := bytes.Cut(line, []byte(":"))
		if found && (first || !isFold(line)) && strings.EqualFold(string(bytes.TrimSpace(name)), "from") {
			n++
		}
		first = false
	}
	return n
}

// onlyAddress returns the one address of a From field's value, in normal form. It returns false for no address,
// for several, for control characters, and for quotes, comments or angle brackets that do not close.
//
// QUIRK: names with unquoted commas or an @ are common (`Doe, John <j@x>`, `j@x <j@x>`). What stands in angle
// brackets is the address, and an entry without an @ is no second one.
func onlyAddress(value string) (crm.Address, bool) {
	entries, ok := splitEntries(value)
	if !ok {
		return "", false
	}
	var only string
	for _, e := range entries {
		spec := string(e.text)
		if e.angles > 0 {
			spec = e.angle
		} else if !e.at {
			continue
		}
		if e.angles > 1 || only != "" {
			return "", false
		}
		only = spec
	}
	return crm.ParseAddress(only)
}

// entry is what stands between two commas of an address list, without comments.
type entry struct {
	text   []byte // outside of angle brackets
	at     bool   // an @ stands in it outside of quotes
	angle  string // within them
	angles int    // how many pairs
}

// splitEntries divides the value of an address field at the commas and semicolons outside of quoted strings,
// comments and angle brackets (RFC 5322 §3.4).
func splitEntries(value string) ([]entry, bool) {
	entries := []entry{{}}
	for i := 0; i < len(value); {
		e := &entries[len(entries)-1]
		c := value[i]
		switch end := spanEnd(value, i); {
		case end < 0 || isControl(c):
			return nil, false
		case c == ',' || c == ';':
			entries = append(entries, entry{})
			i++
		case c == '<':
			angle, ok := withoutComments(value[i+1 : end-1])
			if !ok {
				return nil, false
			}
			e.angle, e.angles = angle, e.angles+1
			i = end
		case c == '(':
			i = end
		default:
			e.text = append(e.text, value[i:end]...)
			e.at = e.at || c == '@'
			i = end
		}
		if len(entries) > maxEntries {
			return nil, false
		}
	}
	return entries, true
}

// maxEntries bounds the pieces of one From field; more than one is too many already, but names have commas.
const maxEntries = 20

func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }
