package message

import (
	"bytes"
	"strings"
)

// mediaType is a Content-Type or a Content-Disposition: a value and its parameters.
type mediaType struct {
	value  string // lower-case; "" if it could not be read
	params []mediaParam
}

// mediaParam is a parameter; the name is in lower case, the value decoded.
type mediaParam struct{ name, value string }

func (m mediaType) param(name string) string {
	for _, p := range m.params {
		if p.name == name {
			return p.value
		}
	}
	return ""
}

// paramMap is what programs outside of this package get; nil if there are none.
func (m mediaType) paramMap() map[string]string {
	if len(m.params) == 0 {
		return nil
	}
	params := make(map[string]string, len(m.params))
	for _, p := range m.params {
		params[p.name] = p.value
	}
	return params
}

// maxParams of one field are read.
const maxParams = 64

// parseMedia reads a Content-Type or Content-Disposition (RFC 2045 §5.1, RFC 2183 §2), parameters in the form
// of RFC 2231 included. It takes what it can get: a value that does not parse still gives its parameters.
func parseMedia(raw []byte, fallback string) mediaType {
	text := unfold(raw)
	var m mediaType
	head, rest := text, []byte(nil)
	if i := bytes.IndexAny(text, "; \t("); i >= 0 {
		head, rest = text[:i], text[i:]
	}
	if bytes.IndexByte(head, '=') > 0 { // QUIRK: only parameters, `Content-Type: name="a.pdf"`
		head, rest = nil, text
	}
	m.value = mediaValue(head)
	s := paramScanner{rest: rest}
	var pieces []rawParam
	for len(m.params)+len(pieces) < maxParams {
		p, ok := s.next()
		if !ok {
			break
		}
		if strings.IndexByte(p.name, '*') >= 0 {
			pieces = append(pieces, p)
			continue
		}
		m.set(p.name, decodeParam(p.value, fallback), false)
	}
	for _, p := range joinPieces(pieces, fallback) {
		m.set(p.name, p.value, true)
	}
	return m
}

// mediaValue cleans a type or disposition.
//
// QUIRK: seen `text/plain>`, `"text/html"`, `text/plain,`, `application/pdf:`.
func mediaValue(head []byte) string {
	value := strings.ToLower(strings.Trim(string(head), " \t\"'<>,:.()"))
	for i := range len(value) {
		if c := value[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("()<>@,;:\\\"[]?=", c) >= 0 {
			return ""
		}
	}
	return value
}

// set keeps the first of several parameters of one name; an extended one (RFC 2231) is better than a plain one.
func (m *mediaType) set(name, value string, extended bool) {
	for i := range m.params {
		if m.params[i].name == name {
			if extended && value != "" {
				m.params[i].value = value
			}
			return
		}
	}
	m.params = append(m.params, mediaParam{name, value})
}
