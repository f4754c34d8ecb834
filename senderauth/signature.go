package senderauth

import (
	"slices"
	"strings"

	"blindcopy/crm"
)

const signatureField = "dkim-signature"

// signature is what has to be known of a DKIM-Signature field (RFC 6376 §3.5) to decide whether it is worth verifying,
// and with which fields. Whether it is well-formed is for the library to say.
type signature struct {
	field    int // its position in the header
	domain   string
	selector string
	signed   []string // names in h=, in lower case
	partial  bool     // it has l=: only the beginning of the body is signed
}

func readSignature(field int, value string) signature {
	s := signature{field: field}
	for tag := range strings.SplitSeq(value, ";") {
		name, value, _ := strings.Cut(tag, "=")
		value = withoutSpace(value)
		switch strings.TrimSpace(name) {
		case "d":
			s.domain = crm.NormalDomain(value)
		case "s":
			s.selector = value
		case "h":
			s.signed = strings.Split(strings.ToLower(value), ":")
		case "l":
			s.partial = true
		}
	}
	return s
}

// covers returns a header with nothing but the signature and the fields it covers, for the library looks for each
// name among all fields. It returns the position of the signature among the signatures that are in it, and
// their number: one, unless the signature covers others.
func (s signature) covers(head header) (covered []byte, position, present int) {
	for i, f := range head.fields {
		if i != s.field && !slices.Contains(s.signed, f.name) {
			continue
		}
		if f.name == signatureField {
			present++
			if i < s.field {
				position++
			}
		}
		covered = append(covered, f.raw...)
		if f.raw[len(f.raw)-1] != '\n' { // the message ends here
			covered = append(covered, "\r\n"...)
		}
	}
	return append(covered, "\r\n"...), position, present
}

// onceFields stand in a message once at most (RFC 5322 §3.6). What a reader makes of two is anybody's guess; ours reads
// the recipients of all.
var onceFields = []string{"to", "cc", "subject", "date", "message-id", "in-reply-to", "references", "reply-to", "sender"}

// leavesRoom tells whether there are more fields of such a name than the signature covers, where it covers any. A
// signed mail that was sent again with another To above its own is how that comes about.
func (s signature) leavesRoom(head header) bool {
	for _, name := range onceFields {
		signed, there := 0, 0
		for _, n := range s.signed {
			if n == name {
				signed++
			}
		}
		for _, f := range head.fields {
			if f.name == name {
				there++
			}
		}
		if signed > 0 && there > signed {
			return true
		}
	}
	return false
}

func withoutSpace(s string) string {
	return strings.Join(strings.Fields(s), "")
}
