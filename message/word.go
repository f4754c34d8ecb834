package message

import (
	"strings"
	"unicode/utf8"
)

// DecodeHeader makes the value of an unstructured header field readable: folds undone, encoded words (RFC 2047)
// decoded, raw 8-bit text brought to UTF-8, control characters removed, white space folded.
//
// Bytes of no declared charset that are not UTF-8 are read in fallbackCharset ("" means windows-1252).
func DecodeHeader(value string, fallbackCharset string) string {
	return cleanText(decodeWords(value, fallbackCharset))
}

// decodeWords decodes encoded words and leaves control characters and white space alone.
func decodeWords(value, fallback string) string {
	next := strings.Index(value, "=?")
	if next < 0 {
		return decodeRaw(value, fallback)
	}
	d := wordDecoder{fallback: fallback}
	text := 0 // where the text since the last encoded word begins
	last := strings.LastIndex(value, "?=")
	for next >= 0 {
		word, n := parseWord(value[next:], next < last)
		if n == 0 {
			next = indexFrom(value, "=?", next+2)
			continue
		}
		if between := value[text:next]; !d.pending() || strings.Trim(between, " \t\r\n") != "" {
			d.flush()
			d.out.WriteString(decodeRaw(between, fallback))
		}
		d.add(word)
		text = next + n
		next = indexFrom(value, "=?", text)
	}
	d.flush()
	d.out.WriteString(decodeRaw(value[text:], fallback))
	return d.out.String()
}

func indexFrom(s, sub string, from int) int {
	i := strings.Index(s[from:], sub)
	if i < 0 {
		return -1
	}
	return from + i
}

// decodeRaw brings text outside of encoded words to UTF-8.
func decodeRaw(s, fallback string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0x1b) < 0 {
		return s
	}
	s, _ = toUTF8([]byte(s), "", fallback)
	return s
}

// encodedWord is =?charset?encoding?text?= of RFC 2047 §2.
type encodedWord struct {
	charset string
	base64  bool
	text    string
}

// maxCharsetLabel is longer than any label of a charset.
const maxCharsetLabel = 60

// parseWord reads the encoded word at the beginning of s and returns its length, 0 if there is none.
//
// QUIRK: white space inside of the word, and a word cut off at the end of the value, are read all the same.
// ends tells that some "?=" follows: without it, many unfinished words would each be searched to the end.
func parseWord(s string, ends bool) (encodedWord, int) {
	head := s[2:min(len(s), 2+maxCharsetLabel)]
	charset, head, ok := strings.Cut(head, "?")
	if !ok || charset == "" || strings.ContainsAny(charset, "=<>\"") {
		return encodedWord{}, 0
	}
	encoding, _, ok := strings.Cut(head, "?")
	trimmed := strings.TrimSpace(encoding)
	if !ok || len(trimmed) != 1 || !strings.Contains("BbQq", trimmed) {
		return encodedWord{}, 0
	}
	w := encodedWord{charset: charset, base64: trimmed[0]|0x20 == 'b'}
	start := 2 + len(charset) + 1 + len(encoding) + 1
	end := -1
	if ends {
		end = wordEnd(s, start, !w.base64)
	}
	if end < 0 {
		w.text = s[start:]
		if strings.ContainsAny(w.text, "?<>\"") {
			return encodedWord{}, 0
		}
		return w, len(s)
	}
	w.text = s[start:end]
	return w, end + 2
}

// wordEnd returns the position of the "?=" that ends the word whose text begins at start, -1 if there is none.
//
// QUIRK: "?" is not escaped by some, so that "?=20" may stand inside of a Q word.
func wordEnd(s string, start int, q bool) int {
	end := indexFrom(s, "?=", start)
	for q && end >= 0 && end+4 <= len(s) && isHex(s[end+2]) && isHex(s[end+3]) {
		next := indexFrom(s, "?=", end+2)
		if next < 0 || strings.ContainsAny(s[end+2:next], " \t\r\n") || strings.Contains(s[end+2:next], "=?") {
			break
		}
		end = next
	}
	return end
}

// wordDecoder collects adjacent words of one charset before it decodes them.
//
// QUIRK: RFC 2047 §5 wants whole characters in each word; mailers cut by bytes, even inside a base64 group.
type wordDecoder struct {
	fallback string
	out      strings.Builder
	charset  string
	bytes    []byte // decoded bytes in charset
	group    string // base64 text of less than four characters that no padding ended
	words    int
}

func (d *wordDecoder) pending() bool { return d.words > 0 }

func (d *wordDecoder) add(w encodedWord) {
	if d.words > 0 && !strings.EqualFold(d.charset, w.charset) {
		d.flush()
	}
	d.charset = w.charset
	d.words++
	if !w.base64 {
		d.endGroup()
		d.bytes = appendQ(d.bytes, w.text)
		return
	}
	text := w.text
	if d.group != "" && (len(d.group)+len(text))%4 != 0 {
		d.endGroup() // a word without its padding rather than one half of a group
	}
	text = d.group + text
	d.group = ""
	if whole := len(text) / 4 * 4; !strings.HasSuffix(text, "=") {
		text, d.group = text[:whole], text[whole:]
	}
	d.bytes = appendBase64(d.bytes, text)
}

func (d *wordDecoder) endGroup() {
	d.bytes = appendBase64(d.bytes, d.group)
	d.group = ""
}

func (d *wordDecoder) flush() {
	if d.words == 0 {
		return
	}
	d.endGroup()
	text, _ := toUTF8(d.bytes, d.charset, d.fallback)
	d.out.WriteString(text)
	d.bytes, d.words = d.bytes[:0], 0
}

func appendBase64(dst []byte, text string) []byte {
	var d base64Decoder
	dst = d.decode(dst, []byte(text))
	return d.flush(dst)
}

// appendQ decodes the Q encoding (RFC 2047 §4.2).
func appendQ(dst []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '_':
			dst = append(dst, ' ')
		case c == '=' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]):
			dst = append(dst, unhex(text[i+1])<<4|unhex(text[i+2]))
			i += 2
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
