package senderauth

import (
	"bytes"
	"strings"
)

// Bounds of a header that is looked at. The longest real ones have a few hundred lines; what the DKIM library
// does with a field grows with the square of its lines.
const (
	maxHeader     = 256 << 10
	maxLines      = 4000
	maxFieldLines = 1000
)

// header is the header section of a message the way signatures see it: nothing decoded, nothing repaired.
type header struct {
	block  []byte // all of it, as received
	fields []field
	fault  bool // it is over a bound, or does not read the same everywhere: no signature of it counts
	over   bool // it is over a bound: fields are missing
}

// field is one header field.
type field struct {
	name string // in lower case
	raw  []byte // as received, with folds and line ends
}

// value returns what stands after the colon, its folds (RFC 5322 §2.2.3) as white space.
func (f field) value() string {
	_, value, _ := bytes.Cut(f.raw, []byte(":"))
	value = bytes.TrimRight(value, "\r\n")
	return strings.ReplaceAll(strings.ReplaceAll(string(value), "\r\n", " "), "\n", " ")
}

// splitHeader divides a message at its first empty line. Lines end in CRLF or bare LF: a peer that sends bare
// LF has signed what it sent as if it were CRLF.
func splitHeader(raw []byte) (header, []byte) {
	var h header
	lines, inField, rest := 0, 0, raw
	for len(rest) > 0 {
		line := rest
		if end := bytes.IndexByte(rest[:min(len(rest), maxHeader+1)], '\n'); end >= 0 {
			line = rest[:end+1]
		}
		if isEmptyLine(line) {
			rest = rest[len(line):]
			break
		}
		if lines, inField = lines+1, inField+1; len(h.block)+len(line) > maxHeader || lines > maxLines {
			h.over = true
			break
		}
		rest = rest[len(line):]
		h.block = raw[:len(raw)-len(rest)]
		if isFold(line) && len(h.fields) > 0 {
			last := &h.fields[len(h.fields)-1]
			last.raw = h.block[len(h.block)-len(line)-len(last.raw):]
			h.fault = h.fault || inField > maxFieldLines
			continue
		}
		name, _, _ := strings.Cut(string(line[:min(len(line), 1000)]), ":")
		h.fields = append(h.fields, field{name: strings.ToLower(strings.TrimSpace(name)), raw: line})
		inField = 1
	}
	h.fault = h.fault || h.over || hasBareCR(h.block)
	return h, rest
}

// isEmptyLine tells whether a line is the end of the header. QUIRK: mail that was copied through text mode
// twice ends its lines in CR CR LF.
func isEmptyLine(line []byte) bool { return len(bytes.Trim(line, "\r\n")) == 0 }

func isFold(line []byte) bool { return line[0] == ' ' || line[0] == '\t' }

// hasBareCR tells whether a CR stands without its LF. Some programs end a line there and some do not, so that one
// sees a From field where a signature covers none (RFC 5322 §2.2 forbids it).
func hasBareCR(block []byte) bool {
	return bytes.Count(block, []byte("\r")) != bytes.Count(block, []byte("\r\n"))
}

// all returns the fields of a name.
func (h header) all(name string) []field {
	var found []field
	for _, f := range h.fields {
		if f.name == name {
			found = append(found, f)
		}
	}
	return found
}
