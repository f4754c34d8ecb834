package message

import (
	"bytes"
	"encoding/base64"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/korean"
)

// The two charsets of seven bits that golang.org/x/text does not have, because no browser reads them. Mail does.

// decodeUTF7 decodes UTF-7 (RFC 2152).
func decodeUTF7(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '+')
		if i < 0 {
			return append(out, b...)
		}
		out, b = append(out, b[:i]...), b[i+1:]
		n := utf7Run(b)
		if n == 0 {
			out = append(out, '+')
		}
		out = appendUTF7(out, b[:n])
		if b = b[n:]; len(b) > 0 && b[0] == '-' {
			b = b[1:]
		}
	}
	return out
}

// utf7Run returns how many characters of base64 b begins with.
func utf7Run(b []byte) int {
	for i, c := range b {
		if base64Table[c] >= 64 || c == '-' || c == '_' {
			return i
		}
	}
	return len(b)
}

func appendUTF7(out, run []byte) []byte {
	run = run[:len(run)-countIf(len(run)%4 == 1)]
	units := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
	n, _ := base64.RawStdEncoding.Decode(units, run)
	for i := 0; i+1 < n; i += 2 {
		r := rune(units[i])<<8 | rune(units[i+1])
		if utf16.IsSurrogate(r) && i+3 < n {
			if pair := utf16.DecodeRune(r, rune(units[i+2])<<8|rune(units[i+3])); pair != utf8.RuneError {
				r = pair
				i += 2
			}
		}
		out = utf8.AppendRune(out, r)
	}
	return out
}

func countIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// decodeISO2022KR decodes ISO-2022-KR (RFC 1557): EUC-KR with the high bit taken off between SO and SI.
func decodeISO2022KR(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\x1b$)C"), nil)
	euc := make([]byte, 0, len(b))
	shifted := false
	for _, c := range b {
		switch {
		case c == 0x0e:
			shifted = true
		case c == 0x0f:
			shifted = false
		case shifted && c > ' ' && c < 0x7f:
			euc = append(euc, c|0x80)
		default:
			euc = append(euc, c)
		}
	}
	return fromEncoding(korean.EUCKR)(euc)
}
