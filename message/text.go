package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file holds what every reader here does to text before it looks at it. There are two clean-ups, because a value
// that is shown must stay as its author wrote it, while one that is compared must lose all that nobody sees.

// cutString shortens s to at most n bytes, never inside a UTF-8 sequence.
func cutString(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// cleanText removes control characters, folds runs of white space into one space and trims. Line ends count as
// white space. Format characters stay: Persian and Hindi need the joiners.
func cleanText(s string) string {
	if isClean(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	space := false
	for _, r := range s {
		if r == ' ' || r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' {
			space = true
			continue
		}
		if unicode.IsControl(r) || r == '\uFEFF' {
			continue
		}
		if space && out.Len() > 0 {
			out.WriteByte(' ')
		}
		space = false
		out.WriteRune(r)
	}
	return out.String()
}

// isClean recognises text that cleanText would not change, if it is plain ASCII.
func isClean(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// plainText makes a line comparable: every kind of space becomes a plain one, and marks that a reader does not see
// (byte order marks, soft hyphens, direction marks of Hebrew and Arabic clients) are dropped.
func plainText(s string) string {
	if isPlain(s) {
		return strings.TrimSpace(s)
	}
	return strings.TrimSpace(strings.Map(plainRune, s))
}

// isPlain recognises text in which plainText would change nothing but the white space around it. Among the letters
// written with two bytes from C3 on stands no space and no mark: Latin, Greek, Cyrillic, Hebrew, Arabic.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= ' ' && c < 0x7f:
		case c >= 0xC3 && c < 0xE0 && i+1 < len(s) && !utf8.RuneStart(s[i+1]):
			i++
		default:
			return false
		}
	}
	return true
}

// isPlainASCII recognises text of printable ASCII.
func isPlainASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

func plainRune(r rune) rune {
	switch {
	case r == '\t' || unicode.IsSpace(r):
		return ' '
	case r == '\u00ad' || r == '\ufeff' || r == '\u200b' || r == '\u2060':
		return -1
	case r == '\u200e' || r == '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
		return -1
	case unicode.IsControl(r):
		return -1
	}
	return r
}
