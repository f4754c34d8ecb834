package message

import (
	"unicode"
	"unicode/utf8"
)

// forwardToken is a number, a word or a sign of a date.
type forwardToken struct {
	word    string // folded; "" for numbers and signs
	sign    rune
	n       int // value of a number
	digits  int // its length; 0 for words and signs
	at, end int // bytes of the source
}

// forwardTokens cuts s into numbers (of all scripts), words and signs.
func forwardTokens(s string) []forwardToken {
	var tokens []forwardToken
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case forwardDigit(r) >= 0:
			t := forwardToken{at: i}
			for i < len(s) {
				r, size := utf8.DecodeRuneInString(s[i:])
				d := forwardDigit(r)
				if d < 0 {
					break
				}
				t.n, t.digits = min(t.n*10+d, 1_000_000), t.digits+1
				i += size
			}
			t.end = i
			tokens = append(tokens, t)
		case unicode.IsLetter(r):
			start := i
			for i < len(s) {
				r, size := utf8.DecodeRuneInString(s[i:])
				if !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) {
					break
				}
				i += size
			}
			tokens = append(tokens, forwardToken{word: foldText(s[start:i]), at: start, end: i})
		default:
			if !unicode.IsSpace(r) {
				tokens = append(tokens, forwardToken{sign: r, at: i, end: i + size})
			}
			i += size
		}
	}
	return tokens
}

func forwardDigit(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r < utf8.RuneSelf || !unicode.IsDigit(r):
		return -1
	}
	zero := r
	for n := 0; n < 9 && unicode.IsDigit(zero-1); n++ {
		zero--
	}
	return int(r-zero) % 10
}
