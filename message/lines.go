package message

import "bytes"

// lineScanner splits at CRLF, LF and bare CR, in linear time whichever of them a mail uses.
//
// QUIRK: RFC 5322 §2.1 knows CRLF only. Files carry LF, old Macs sent CR, and a mail that was copied twice
// through Windows text mode carries CR CR LF.
type lineScanner struct {
	b   []byte
	pos int
	lf  int // position of the next LF at or after pos, len(b) if there is none; -1 before the first look
}

func newLineScanner(b []byte) lineScanner { return lineScanner{b: b, lf: -1} }

// next returns the bounds of the next line, without its line end.
func (s *lineScanner) next() (start, end int, ok bool) {
	if s.pos >= len(s.b) {
		return 0, 0, false
	}
	start = s.pos
	if s.lf < start {
		s.lf = len(s.b)
		if i := bytes.IndexByte(s.b[start:], '\n'); i >= 0 {
			s.lf = start + i
		}
	}
	end = s.lf
	if i := bytes.IndexByte(s.b[start:s.lf], '\r'); i >= 0 {
		end = start + i
	}
	s.pos = end + lineEnd(s.b[end:])
	return start, end, true
}

// lineEnd returns the length of the line end at the beginning of b: 0 if there is none.
func lineEnd(b []byte) int {
	switch {
	case len(b) == 0:
		return 0
	case b[0] == '\n':
		return 1
	case b[0] != '\r':
		return 0
	case len(b) > 1 && b[1] == '\n':
		return 2
	case len(b) > 2 && b[1] == '\r' && b[2] == '\n':
		return 3
	}
	return 1
}

// lineEndBefore returns the length of the line end that ends b.
func lineEndBefore(b []byte) int {
	n := len(b)
	switch {
	case n == 0:
		return 0
	case b[n-1] == '\r':
		return 1
	case b[n-1] != '\n':
		return 0
	case n > 2 && b[n-2] == '\r' && b[n-3] == '\r':
		return 3
	case n > 1 && b[n-2] == '\r':
		return 2
	}
	return 1
}

func isBlank(b []byte) bool { return len(bytes.TrimLeft(b, " \t")) == 0 }
