package main

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

const (
	bomUTF8    = "\xef\xbb\xbf"
	bomUTF16LE = "\xff\xfe"
	bomUTF16BE = "\xfe\xff"
)

// decodeText returns a file's text as UTF-8. Excel saves "Unicode text" as UTF-16 and
// "CSV" in the machine's old code page, and no such file says so.
func decodeText(data []byte) string {
	if text, ok := decodeUTF16(data); ok {
		return text
	}
	return decodeBytes(strings.TrimPrefix(string(data), bomUTF8))
}

// decodeBytes reads bytes that are UTF-8 or an old code page.
func decodeBytes(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	page := charmap.Windows1252
	if looksCyrillic(s) {
		page = charmap.Windows1251
	}
	text, err := page.NewDecoder().String(s)
	if err != nil { // no single-byte page fails on a byte; replace what cannot be read if one does
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	return text
}

// looksCyrillic tells windows-1251 from windows-1252. Both fill 0xC0–0xFF with letters: in
// Cyrillic text whole words are made of them, in Western text they stand alone
// among ASCII letters.
func looksCyrillic(s string) bool {
	inRuns, alone := 0, 0
	for i := 0; i < len(s); {
		if !highLetter(s[i]) {
			i++
			continue
		}
		start := i
		for i < len(s) && highLetter(s[i]) {
			i++
		}
		if i-start > 2 {
			inRuns += i - start
		} else {
			alone += i - start
		}
	}
	return inRuns > alone
}

// highLetter: а–я А–Я, and ё Ё which lie apart.
func highLetter(b byte) bool { return b >= 0xc0 || b == 0xa8 || b == 0xb8 }

// decodeUTF16 reads UTF-16 with a byte order mark, or without one where every second
// byte of the beginning is zero, as it is for text that starts with a header in ASCII.
func decodeUTF16(data []byte) (string, bool) {
	var order binary.ByteOrder
	switch {
	case strings.HasPrefix(string(data[:min(2, len(data))]), bomUTF16LE):
		order, data = binary.LittleEndian, data[2:]
	case strings.HasPrefix(string(data[:min(2, len(data))]), bomUTF16BE):
		order, data = binary.BigEndian, data[2:]
	case zeros(data, 1):
		order = binary.LittleEndian
	case zeros(data, 0):
		order = binary.BigEndian
	default:
		return "", false
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units)), true
}

func zeros(data []byte, offset int) bool {
	const enough = 8
	if len(data) < enough {
		return false
	}
	for i := offset; i < enough; i += 2 {
		if data[i] != 0 || data[i^1] == 0 {
			return false
		}
	}
	return true
}
