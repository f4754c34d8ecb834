package message

import (
	"bytes"
	"strconv"
	"strings"
)

// rawParam is a parameter as written.
type rawParam struct {
	name   string // lower-case
	value  []byte // unquoted
	quoted bool
}

// paramScanner reads "; name=value" after "; name=value".
type paramScanner struct{ rest []byte }

// next skips what is no parameter.
func (s *paramScanner) next() (rawParam, bool) {
	for {
		s.rest = bytes.TrimLeft(s.rest, "; \t,")
		if len(s.rest) == 0 {
			return rawParam{}, false
		}
		i := bytes.IndexAny(s.rest, "=; \t(\"")
		if i < 0 {
			return rawParam{}, false
		}
		if s.rest[i] == '(' {
			s.skipComment(i)
			continue
		}
		after := bytes.TrimLeft(s.rest[i:], " \t")
		if i == 0 || len(after) == 0 || after[0] != '=' {
			s.rest = s.rest[i+1:]
			continue
		}
		p := rawParam{name: strings.ToLower(string(s.rest[:i]))}
		s.rest = bytes.TrimLeft(after[1:], " \t")
		s.value(&p)
		return p, true
	}
}

func (s *paramScanner) skipComment(i int) {
	if end := bytes.IndexByte(s.rest[i:], ')'); end >= 0 {
		s.rest = s.rest[i+end+1:]
		return
	}
	s.rest = s.rest[i+1:]
}

func (s *paramScanner) value(p *rawParam) {
	if len(s.rest) > 0 && s.rest[0] == '"' {
		if value, n := unquote(s.rest); n > 0 {
			p.value, p.quoted, s.rest = value, true, s.rest[n:]
			return
		}
		s.rest = s.rest[1:] // QUIRK: the closing quote is missing
	}
	end := bytes.IndexByte(s.rest, ';')
	if end < 0 {
		end = len(s.rest)
	}
	if p.name != "name" && p.name != "filename" { // QUIRK: `filename=my report.pdf`
		if i := bytes.IndexAny(s.rest[:end], " \t("); i >= 0 {
			end = i
		}
	}
	p.value = bytes.Trim(s.rest[:end], " \t\"")
	s.rest = s.rest[end:]
}

// unquote reads the quoted string at the beginning of b and returns its length, 0 if it does not end.
//
// QUIRK: a backslash quotes only a quote or a backslash: `filename="C:\docs\a.pdf"` is meant as it stands.
func unquote(b []byte) (value []byte, n int) {
	plain := bytes.IndexAny(b[1:], "\"\\")
	if plain >= 0 && b[1+plain] == '"' {
		return b[1 : 1+plain], plain + 2
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return value, i + 1
		case c == '\\' && i+1 < len(b) && (b[i+1] == '"' || b[i+1] == '\\'):
			i++
			value = append(value, b[i])
		default:
			value = append(value, c)
		}
	}
	return nil, 0
}

// decodeParam reads a plain value.
//
// QUIRK: RFC 2047 §5 forbids encoded words here; most mailers use them.
func decodeParam(value []byte, fallback string) string {
	return decodeWords(string(value), fallback)
}

// joinPieces reads the parameters of RFC 2231: name*=charset'lang'text, name*0=…, name*1*=…
func joinPieces(pieces []rawParam, fallback string) []mediaParam {
	var params []mediaParam
	for i := range pieces {
		base, _, _ := strings.Cut(pieces[i].name, "*")
		if base == "" || hasParam(params, base) {
			continue
		}
		params = append(params, mediaParam{base, joinPiece(pieces, base, fallback)})
	}
	return params
}

func hasParam(params []mediaParam, name string) bool {
	for _, p := range params {
		if p.name == name {
			return true
		}
	}
	return false
}

// joinPiece puts together all sections of one parameter, by number and up to the first that is missing.
func joinPiece(pieces []rawParam, base, fallback string) string {
	var charset string
	var text []byte
	encoded := false
	for n := 0; ; n++ {
		p, extended, ok := findSection(pieces, base, n)
		if !ok {
			break
		}
		value := p.value
		if extended && n == 0 {
			if parts := bytes.SplitN(value, []byte("'"), 3); len(parts) == 3 {
				charset, value = string(parts[0]), parts[2]
			}
		}
		if extended {
			encoded = true
			value = unpercent(value)
		}
		text = append(text, value...)
	}
	if !encoded || charset == "" && bytes.Contains(text, []byte("=?")) {
		return decodeParam(text, fallback)
	}
	value, _ := toUTF8(text, charset, fallback)
	return value
}

// findSection finds section n of a parameter: "base*n", "base*n*"; "base*" is section 0 alone.
func findSection(pieces []rawParam, base string, n int) (p rawParam, extended, ok bool) {
	number := strconv.Itoa(n)
	for _, p := range pieces {
		section, found := strings.CutPrefix(p.name, base+"*")
		if !found {
			continue
		}
		section, extended = strings.CutSuffix(section, "*")
		if section == number {
			return p, extended, true
		}
		if section == "" && n == 0 {
			return p, true, true
		}
	}
	return rawParam{}, false, false
}

// unpercent undoes the escapes of RFC 2231 §4; a broken one stays.
func unpercent(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && isHex(b[i+1]) && isHex(b[i+2]) {
			out = append(out, unhex(b[i+1])<<4|unhex(b[i+2]))
			i += 2
			continue
		}
		out = append(out, b[i])
	}
	return out
}
