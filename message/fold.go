package message

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// foldText makes words comparable across clients: lower case, accents gone, spaces single. Labels arrive composed
// and decomposed, with and without accents ("Předmět", "Predmet"), and Turkish capitals fold unlike all others.
// Scripts written without spaces lose the spaces that clients put in for alignment ("件 名").
func foldText(s string) string {
	if isPlainASCII(s) {
		return foldSpace(strings.ToLower(s))
	}
	var b strings.Builder
	b.Grow(len(s))
	wide := false
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if unicode.Is(unicode.Mn, r) && !isVowelSign(r) {
			continue
		}
		wide = wide || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		if plain, ok := plainLetters[r]; ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(r)
	}
	if wide {
		return strings.Join(strings.Fields(b.String()), "")
	}
	return foldSpace(b.String())
}

// isVowelSign tells the marks that make another word of a word, from accents. Thai and Devanagari write vowels so; the
// dot below of Devanagari (nukta) is left out as often as an accent.
func isVowelSign(r rune) bool {
	return unicode.In(r, unicode.Thai, unicode.Devanagari) && r != '\u093c'
}

// plainLetters are the letters that Unicode does not take apart, and the apostrophes of French clients.
var plainLetters = map[rune]string{
	'ı': "i", 'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ς': "σ", '’': "'", 'ʼ': "'",
}

// foldList splits a table of alternatives and folds each.
func foldList(table string) []string {
	list := strings.Split(table, "|")
	for i, word := range list {
		list[i] = foldText(word)
	}
	return list
}

// foldSpace makes every run of white space one space, and takes it off both ends.
func foldSpace(s string) string {
	n := tidyPrefix(s)
	if n == len(s) && !strings.HasSuffix(s, " ") {
		return s
	}
	b := make([]byte, 0, len(s))
	b = append(b, s[:n]...)
	word := n // where the word begins that is not copied yet
	for i := n; i < len(s); {
		size := spaceAt(s, i)
		if size == 0 {
			i++
			continue
		}
		b = append(b, s[word:i]...)
		if len(b) > 0 && b[len(b)-1] != ' ' {
			b = append(b, ' ')
		}
		i += size
		word = i
	}
	b = append(b, s[word:]...)
	return strings.TrimSuffix(string(b), " ")
}

// tidyPrefix is how much of s is words with one space between them, up to the beginning of a word or of the
// space that is too much.
func tidyPrefix(s string) int {
	space := true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			if space {
				return i
			}
			space = true
		case c < ' ' || c == 0xC2 || c >= 0xE1 && c <= 0xE3: // control, or the first byte of a wide space
			if spaceAt(s, i) > 0 {
				return i
			}
			space = false
		default:
			space = false
		}
	}
	return len(s)
}

// spaceAt is the length of the white space character that begins at i, 0 if there is none. In UTF-8 all of them begin
// with an ASCII byte, C2, or E1 to E3.
func spaceAt(s string, i int) int {
	c := s[i]
	if c < utf8.RuneSelf {
		if c == ' ' || c >= '\t' && c <= '\r' {
			return 1
		}
		return 0
	}
	if c != 0xC2 && (c < 0xE1 || c > 0xE3) {
		return 0
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	if unicode.IsSpace(r) {
		return size
	}
	return 0
}
