package message

import (
	"bytes"
	"strings"
)

// textWriter lays out plain text: it folds white space, and puts off line ends until text follows, so that the many
// blocks that begin and end at one place make one line end.
type textWriter struct {
	b      []byte
	quote  int    // depth of quotation of the text to come
	bullet string // mark of the list item to come

	lineQuote int  // depth of quotation of the line being written
	pending   int  // line ends before the next text
	space     bool // a space before the next text
	tab       bool // the next text is in another cell of the same row
	fresh     bool // a cell has begun and has no text yet
	inLine    bool // the line has text
	mark      *int // where to note the position of the next text
}

func (w *textWriter) len() int { return len(w.b) }

// from returns what was written since a position, which a later trim of spaces may have passed.
func (w *textWriter) from(pos int) []byte { return w.b[min(pos, len(w.b)):] }

func (w *textWriter) String() string {
	return strings.TrimRight(cutString(string(w.b), maxHTMLText), " \t\n")
}

// block asks for n line ends before the next text.
func (w *textWriter) block(n int) {
	if n == 0 || w.fresh && w.tab {
		return // the first block of a cell stays in its line
	}
	w.pending = max(w.pending, n)
}

// lineBreak is an explicit line end. At the end of a block it adds none, in an empty block it makes a blank line.
func (w *textWriter) lineBreak() {
	w.pending = min(w.pending+1, 3)
}

func (w *textWriter) newRow() {
	w.tab, w.fresh = false, false
	w.block(1)
}

func (w *textWriter) cell() {
	w.tab, w.fresh = true, true
	w.pending, w.space = 0, false
}

// begin writes what was put off.
func (w *textWriter) begin() {
	if w.pending > 0 || len(w.b) == 0 {
		w.newLine()
	}
	if w.bullet != "" {
		w.b = append(w.b, w.bullet...)
		w.bullet, w.space = "", false
	}
	switch {
	case w.tab && w.inLine:
		w.b = append(bytes.TrimRight(w.b, " "), '\t')
	case w.space && w.inLine:
		w.b = append(w.b, ' ')
	}
	w.tab, w.fresh, w.space, w.inLine = false, false, false, true
	if w.mark != nil {
		*w.mark, w.mark = len(w.b), nil
	}
}

func (w *textWriter) newLine() {
	if len(w.b) > 0 {
		w.b = bytes.TrimRight(w.b, " \t")
		for ; w.pending > 1; w.pending-- {
			w.b = append(w.b, '\n')
			w.b = appendQuote(w.b, min(w.quote, w.lineQuote))
		}
		w.b = append(w.b, '\n')
	}
	w.pending, w.inLine = 0, false
	w.lineQuote = w.quote
	if w.b = appendQuote(w.b, w.quote); w.quote > 0 {
		w.b = append(w.b, ' ')
	}
}

func appendQuote(b []byte, depth int) []byte {
	for range depth {
		b = append(b, '>')
	}
	return b
}

// flowing writes text whose white space means nothing. A no-break space is a space that is kept.
func (w *textWriter) flowing(text []byte) {
	for len(text) > 0 && len(w.b) < maxHTMLText {
		if n := wordLen(text); n > 0 {
			w.begin()
			w.b = appendText(w.b, text[:n])
			if text = text[n:]; len(text) == 0 {
				return
			}
		}
		text = w.spaceAt(text)
	}
}

// wordLen returns how many bytes come before white space or a character without width.
func wordLen(text []byte) int {
	for i, c := range text {
		switch {
		case c > ' ' && c < 0x80:
		case c <= ' ':
			return i
		case (c == 0xc2 || c == 0xcd || c == 0xe2 || c == 0xef) && widthless(text[i:]):
			return i
		}
	}
	return len(text)
}

// widthless tells a no-break space and the characters without width that newsletters pad their preheader with.
func widthless(text []byte) bool {
	for _, s := range []string{"\u00a0", "\u00ad", "\u034f", "\u200b", "\ufeff"} {
		if len(text) >= len(s) && string(text[:len(s)]) == s {
			return true
		}
	}
	return false
}

// spaceAt reads the white space at the beginning of text, or a character that has no width.
func (w *textWriter) spaceAt(text []byte) []byte {
	switch {
	case text[0] < 0x80:
		w.space = w.space || bytes.IndexByte([]byte(" \t\r\n\f"), text[0]) >= 0 // else a control character
		return text[1:]
	case bytes.HasPrefix(text, []byte("\u00a0")):
		w.begin()
		w.b = append(w.b, ' ')
		return text[2:]
	case text[0] < 0xe0:
		return text[2:] // soft hyphen, grapheme joiner
	}
	return text[3:] // zero width space, byte order mark
}

// preformatted writes text with its white space.
func (w *textWriter) preformatted(text []byte) {
	for len(w.b) < maxHTMLText {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
			w.begin()
			w.b = appendText(w.b, line)
		}
		if !found {
			return
		}
		w.lineBreak()
		text = rest
	}
}

// lines writes text whose line ends count, and whose other white space means nothing.
func (w *textWriter) lines(text []byte) {
	for len(w.b) < maxHTMLText {
		line, rest, found := bytes.Cut(text, []byte("\n"))
		w.flowing(line)
		if !found {
			return
		}
		w.space = false
		w.lineBreak()
		text = rest
	}
}

func (w *textWriter) verbatim(s string) {
	w.b = append(w.b, s...)
}

// appendText appends without control characters.
func appendText(dst, text []byte) []byte {
	for _, c := range text {
		if c >= ' ' && c != 0x7f || c == '\t' {
			dst = append(dst, c)
		}
	}
	return dst
}
