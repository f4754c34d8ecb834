package message

import "bytes"

// delimiter is a line that ends one part and perhaps begins the next (RFC 2046 §5.1.1).
type delimiter struct {
	level      int // index of the open multipart it belongs to
	start, end int // bounds of the line, with its line end
	closing    bool
}

// nextDelimiter finds the next line that is the delimiter of an open multipart. The innermost wins.
//
// It looks for "--" at the beginning of a line: base64 has no dash, so that attachments are passed at the speed of
// memchr, and bare CR line ends cost nothing extra.
func (w *walker) nextDelimiter(pos int) (delimiter, bool) {
	for {
		i := bytes.Index(w.raw[pos:], []byte("--"))
		if i < 0 {
			return delimiter{}, false
		}
		at := pos + i
		if at == 0 || w.raw[at-1] == '\n' || w.raw[at-1] == '\r' {
			if d, ok := w.matchDelimiter(at); ok {
				return d, true
			}
		}
		pos = at + 2
		for pos < len(w.raw) && w.raw[pos] == '-' {
			pos++
		}
	}
}

func (w *walker) matchDelimiter(at int) (delimiter, bool) {
	line := w.raw[at:]
	for i := len(w.open) - 1; i >= 0; i-- {
		boundary := w.open[i].delimiter
		if !bytes.HasPrefix(line, boundary) {
			continue
		}
		if closing, n, ok := delimiterTail(line[len(boundary):]); ok {
			return delimiter{level: i, start: at, end: at + len(boundary) + n, closing: closing}, true
		}
	}
	return delimiter{}, false
}

// delimiterTail reads what follows the boundary in its line: "--" if it is the last one, and white space. A longer
// boundary that begins like this one is another.
//
// QUIRK: after the final "--" other text is seen on the same line.
func delimiterTail(rest []byte) (closing bool, n int, ok bool) {
	closing = bytes.HasPrefix(rest, []byte("--"))
	if closing {
		n = 2
	}
	for n < len(rest) && (rest[n] == ' ' || rest[n] == '\t') {
		n++
	}
	if n == len(rest) {
		return closing, n, true
	}
	if eol := lineEnd(rest[n:]); eol > 0 {
		return closing, n + eol, true
	}
	return closing, n, closing && !isBoundaryChar(rest[n])
}

// isBoundaryChar tells the characters that RFC 2046 §5.1.1 allows in a boundary.
func isBoundaryChar(c byte) bool {
	return isLetter(c) || c >= '0' && c <= '9' || bytes.IndexByte([]byte("'()+_,-./:=?"), c) >= 0
}

// sniffBoundary guesses the boundary of a multipart that does not tell it: the first line "--text" that a
// Content- field follows.
func sniffBoundary(body []byte) string {
	lines := newLineScanner(body[:min(len(body), 64<<10)])
	candidate := ""
	for {
		start, end, ok := lines.next()
		if !ok {
			return ""
		}
		line := body[start:end]
		if candidate != "" && len(line) > 8 && bytes.EqualFold(line[:8], []byte("Content-")) {
			return candidate
		}
		candidate = ""
		if text := bytes.TrimRight(line, " \t"); len(text) < 200 && bytes.HasPrefix(text, []byte("--")) && len(bytes.TrimLeft(text, "- ")) > 0 {
			candidate = string(text[2:])
		}
	}
}
