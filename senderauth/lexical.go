package senderauth

import "strings"

// spanEnd returns where the lexical unit at position i of a structured field ends (RFC 5322 §3.2): a quoted string,
// a comment, something in angle brackets, or one byte of anything else. It returns -1 if the unit never ends.
func spanEnd(s string, i int) int {
	switch s[i] {
	case '"':
		return quoteEnd(s, i)
	case '(':
		return commentEnd(s, i)
	case '<':
		return angleEnd(s, i)
	}
	return i + 1
}

func quoteEnd(s string, i int) int {
	for i++; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '"':
			return i + 1
		case isControl(c):
			return -1
		}
	}
	return -1
}

// commentEnd knows nested comments. Quotes mean nothing in them.
func commentEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case isControl(c):
			return -1
		}
	}
	return -1
}

// angleEnd refuses brackets within brackets: programs differ on which pair counts.
func angleEnd(s string, i int) int {
	for i++; i < len(s); {
		switch c := s[i]; {
		case c == '>':
			return i + 1
		case c == '<' || isControl(c):
			return -1
		case c == '"' || c == '(':
			if i = spanEnd(s, i); i < 0 {
				return -1
			}
		default:
			i++
		}
	}
	return -1
}

// withoutComments removes the comments of a structured field. It returns false if a comment or quote never ends.
func withoutComments(s string) (string, bool) {
	return rewrite(s, func(quoted string) string { return quoted })
}

// rewrite removes comments and passes each quoted string, its quotes included, through a function.
func rewrite(s string, quoted func(string) string) (string, bool) {
	var out strings.Builder
	for i := 0; i < len(s); {
		end := i + 1
		switch c := s[i]; c {
		case '(':
			if end = commentEnd(s, i); end < 0 {
				return "", false
			}
		case '"':
			if end = quoteEnd(s, i); end < 0 {
				return "", false
			}
			out.WriteString(quoted(s[i:end]))
		default:
			out.WriteByte(c)
		}
		i = end
	}
	return out.String(), true
}
