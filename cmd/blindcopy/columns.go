package main

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

const (
	zeroWidthJoiner  = '\u200d'
	ellipsis         = "…"
	variationEmoji   = '\ufe0f' // asks for the wide, coloured form of the sign before it
	firstBidiControl = '\u202a'
)

// columns returns how many terminal columns a line takes: two for East Asian wide signs
// and emoji (Unicode Standard Annex 11), none for combining marks and joiners.
func columns(s string) int {
	n, joined := 0, false
	for _, r := range s {
		if !joined {
			n += runeColumns(r)
		}
		joined = r == zeroWidthJoiner // a family of four is one sign
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x7f {
		return 1
	}
	if r == zeroWidthJoiner || r == variationEmoji || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// clip shortens a line to at most n columns, with an ellipsis where something is missing.
func clip(s string, n int) string {
	if columns(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	used := 0
	for i, r := range s {
		if used += runeColumns(r); used > n-1 {
			return strings.TrimRight(s[:i], " ") + ellipsis
		}
	}
	return s
}

// pad fills a line up to n columns.
func pad(s string, n int) string {
	if missing := n - columns(s); missing > 0 {
		return s + strings.Repeat(" ", missing)
	}
	return s
}

// wrap breaks a text into lines of at most n columns, at spaces where there are any.
// Lines of the text stay lines; n < 1 breaks nothing else.
func wrap(text string, n int) []string {
	var lines []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if n < 1 || columns(line) <= n {
			lines = append(lines, line)
			continue
		}
		lines = append(lines, wrapLine(line, n)...)
	}
	return lines
}

func wrapLine(line string, n int) []string {
	var lines []string
	current, used := "", 0
	for _, word := range strings.Fields(line) {
		w := columns(word)
		if used > 0 && used+1+w > n {
			lines = append(lines, current)
			current, used = "", 0
		}
		if used > 0 {
			current, used = current+" ", used+1
		}
		current, used = current+word, used+w
	}
	return append(lines, current)
}

// oneLine makes a stranger's text safe to stand in a line of ours: subjects and names
// come out of mail, and an escape sequence in one would be carried out by the terminal.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(harmless, s)), " ")
}

// manyLines is oneLine for a text that keeps its lines.
func manyLines(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return harmless(r)
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// harmless drops control characters and those that turn the writing direction around
// (U+202A–202E, U+2066–2069), by which "gpj.exe" reads as "exe.jpg".
func harmless(r rune) rune {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return ' '
	case unicode.IsControl(r), r >= firstBidiControl && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
		return -1
	}
	return r
}
