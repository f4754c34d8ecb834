package message

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// foldText makes words comparable across clients: lower case, accents gone, spaces single. Labels arrive composed
// and decomposed, with and without accents ("Předmět", "Predmet"), and Turkish capitals fold unlike all others.
// Scripts written without spaces lose the spaces that clients put in for alignment ("件 名").
func foldText(s string) string {
	if isPlain(s) {
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

// foldSpace makes every run of white space one space.
func foldSpace(s string) string { return strings.Join(strings.Fields(s), " ") }
