package message

import "bytes"

// maxFields of one header are kept. Mail with long ARC and Received chains has about a hundred.
const maxFields = 2000

// salvaged is the outcome of reading a header section.
type salvaged struct {
	fields []field
	body   int  // where the body begins
	junk   int  // lines set aside
	joined bool // the blank line between header and body is missing
	over   bool // a limit was hit
}

// salvageHeader reads the header section at the beginning of b: lines "name: value" and their folds. Lines that
// are neither are set aside. fields is reused.
//
// At most max bytes are kept, and at most a quarter of that of one field, so that sixty thousand recipients do
// not cost the Subject below them.
func salvageHeader(b []byte, max int, fields []field) salvaged {
	s := salvager{b: b, budget: max, perField: max / 4, junkFrom: -1}
	s.out.fields = fields[:0]
	s.run()
	return s.out
}

type salvager struct {
	b                []byte
	budget, perField int
	name             []byte // field that is being read, nil if none
	from, to         int    // bounds of its value
	junkFrom         int    // where a run of lines that are no fields began, -1 outside of one
	junkRun          int    // lines of that run
	out              salvaged
}

func (s *salvager) run() {
	lines := newLineScanner(s.b)
	for {
		start, end, ok := lines.next()
		if !ok {
			s.finish(len(s.b))
			return
		}
		line := s.b[start:end]
		if len(line) == 0 {
			s.finish(lines.pos)
			return
		}
		if bytes.HasPrefix(line, []byte("--")) {
			// QUIRK: no header line begins like this, a boundary does: the blank line is missing.
			s.out.joined = s.out.joined || s.name != nil || s.junkFrom >= 0
			s.finish(start)
			return
		}
		if isBlank(line) && s.endsAt(lines.pos) {
			s.finish(lines.pos)
			return
		}
		s.take(line, start, end)
	}
}

// endsAt tells whether the header ends at a line of nothing but white space.
//
// QUIRK: RFC 5322 §4.2 lets a fold be blank; editors make the separator so.
func (s *salvager) endsAt(next int) bool {
	rest := s.b[next:]
	if len(rest) == 0 || rest[0] == '\r' || rest[0] == '\n' || rest[0] == ' ' || rest[0] == '\t' {
		return false
	}
	rest = rest[:min(len(rest), 100)]
	name, _ := fieldName(rest)
	return name == nil || !plausibleName(name)
}

func (s *salvager) take(line []byte, start, end int) {
	folded := line[0] == ' ' || line[0] == '\t'
	if folded && (s.name != nil || s.junkFrom >= 0) {
		s.to = end // of no use to a junk line, of no harm either
		return
	}
	name, colon := fieldName(line)
	switch {
	case name != nil && s.junkFrom >= 0 && !plausibleName(name):
		// "PS: ..." in a body that no blank line separates from the header.
	case name != nil && s.continuesParams(name):
	case name != nil:
		s.flush()
		s.out.junk += s.junkRun
		s.junkFrom, s.junkRun = -1, 0
		s.name, s.from, s.to = name, start+colon+1, end
		return
	}
	if s.continuesParams(line) || s.name != nil && s.endsWith(',') {
		// QUIRK: the fold was not indented. Seen of Content-Type parameters and of recipients.
		s.to = end
		return
	}
	s.flush()
	s.junkRun++
	if s.junkFrom < 0 {
		s.junkFrom = start
	}
}

// continuesParams tells that text is the next parameter of the field being read.
func (s *salvager) continuesParams(text []byte) bool {
	return s.name != nil && s.endsWith(';') && bytes.IndexByte(text, '=') > 0
}

func (s *salvager) endsWith(c byte) bool {
	value := bytes.TrimRight(s.b[s.from:s.to], " \t\r\n")
	return len(value) > 0 && value[len(value)-1] == c
}

// flush keeps the field that was being read.
func (s *salvager) flush() {
	if s.name == nil {
		return
	}
	name, value := s.name, s.b[s.from:s.to]
	s.name = nil
	if len(s.out.fields) >= maxFields || s.budget <= len(name) {
		s.out.over = true
		return
	}
	if most := min(s.perField, s.budget-len(name)); len(value) > most {
		s.out.over = true
		value = cutValue(value, most)
	}
	s.budget -= len(name) + len(value)
	s.out.fields = append(s.out.fields, field{name: name, value: value})
}

// cutValue cuts at the end of an address or line, if one is near.
func cutValue(value []byte, n int) []byte {
	value = value[:n]
	if i := bytes.LastIndexAny(value[max(0, n-1000):], ",\n"); i >= 0 {
		return value[:max(0, n-1000)+i]
	}
	return value
}

// finish ends the header; lines that were no fields right before its end are the beginning of the body.
func (s *salvager) finish(body int) {
	s.flush()
	s.out.body = body
	if s.junkFrom >= 0 {
		s.out.body = s.junkFrom
		s.out.joined = true
	}
}

// fieldName returns the name of a header line and the position of its colon; nil if it is none.
//
// QUIRK: RFC 5322 §4.5 lets white space stand before the colon; some mailers indent the first line.
func fieldName(line []byte) (name []byte, colon int) {
	colon = bytes.IndexByte(line[:min(len(line), 200)], ':')
	if colon <= 0 {
		return nil, 0
	}
	name = bytes.Trim(line[:colon], " \t")
	if len(name) == 0 {
		return nil, 0
	}
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return nil, 0
		}
	}
	return name, colon
}

// plausibleName tells whether a line with that name is a header field rather than text with a colon.
func plausibleName(name []byte) bool {
	var buf [40]byte
	if len(name) > len(buf) {
		return bytes.IndexByte(name, '-') > 0
	}
	switch string(lowerInto(buf[:0], name)) {
	case "from", "to", "cc", "bcc", "subject", "date", "sender", "received", "references", "comments", "keywords",
		"importance", "priority", "precedence", "organization", "organisation", "sensitivity", "status", "lines",
		"newsgroups", "path", "xref", "approved", "expires", "encoding", "encrypted", "autocrypt", "feedback-id":
		return true
	}
	return bytes.IndexByte(name, '-') > 0 && bytes.IndexByte(name, '=') < 0 && isLetter(name[0])
}

func isLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

// lowerInto appends b in ASCII lower case to dst.
func lowerInto(dst, b []byte) []byte {
	for _, c := range b {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}
