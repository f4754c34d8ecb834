package main

import (
	"io"
	"iter"
	"mime/quotedprintable"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

// maxProperty bounds a property that is read, in bytes. Photographs are passed over.
const maxProperty = 64 << 10

// vcardText returns the text of a vCard file. Its bytes stay as they are: in vCard 2.1 every
// property may be in a character set of its own.
func vcardText(data []byte) (string, bool) {
	text, ok := decodeUTF16(data)
	if !ok {
		text = strings.TrimPrefix(string(data), bomUTF8)
	}
	start := strings.TrimLeft(text[:min(len(text), 200)], " \t\r\n")
	const begin = "BEGIN:VCARD"
	return text, len(start) >= len(begin) && strings.EqualFold(start[:len(begin)], begin)
}

// vcardPeople reads cards of vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350).
//
// QUIRK: go-vcard, which writes our cards, cannot read old ones: it takes the address in
// `EMAIL;INTERNET:a@b` for a parameter, knows no quoted-printable, and joins the lines
// of a photograph in quadratic time. We need four properties of a card and read those.
func vcardPeople(text string) iter.Seq2[person, error] {
	return func(yield func(person, error) bool) {
		r := &cards{lines: lines{text: text, line: 1}}
		for r.begin() {
			if p, err, skip := r.card(); !skip && !yield(p, err) {
				return
			}
		}
	}
}

// lines reads physical lines and counts them.
type lines struct {
	text string
	line int // the number of the next one
}

func (l *lines) more() bool { return l.text != "" }

func (l *lines) next() string {
	line, rest, _ := strings.Cut(l.text, "\n")
	l.text = rest
	l.line++
	return strings.TrimSuffix(line, "\r")
}

// folded tells whether the next line continues this one (RFC 6350 §3.2).
func (l *lines) folded() bool {
	return l.text != "" && (l.text[0] == ' ' || l.text[0] == '\t')
}

type cards struct {
	lines
	began bool // a BEGIN:VCARD was read already, inside the card before
}

// begin goes behind the next BEGIN:VCARD.
func (r *cards) begin() bool {
	if r.began {
		r.began = false
		return true
	}
	for r.more() {
		if strings.EqualFold(strings.TrimSpace(r.next()), "BEGIN:VCARD") {
			return true
		}
	}
	return false
}

// cardEntry is what we want of a card.
type cardEntry struct {
	person
	family, given, additional string
	kind                      string
	bad                       []string
}

// card reads up to END:VCARD. skip is true for what is no person, such as a list.
func (r *cards) card() (p person, err error, skip bool) {
	c := cardEntry{person: person{line: r.line - 1}}
	for r.more() {
		name, params, value := r.property()
		switch name {
		case "END":
			return c.finish()
		case "BEGIN":
			if c.kind == "agent" { // vCard 2.1 nests a card in AGENT
				r.inner()
				continue
			}
			// The card before has no end: report it, and read this one.
			r.began = true
			return c.person, lineError{c.line, "the card has no END:VCARD"}, false
		default:
			c.set(name, params, value)
		}
	}
	return c.person, lineError{c.line, "the card has no END:VCARD"}, false
}

// inner passes over a nested card.
func (r *cards) inner() {
	for r.more() && !strings.EqualFold(strings.TrimSpace(r.next()), "END:VCARD") {
	}
}

// property reads one property with its continuation lines. Names are upper-case and
// without a group ("item1.EMAIL").
func (r *cards) property() (name string, params []string, value string) {
	line := r.next()
	head, value, found := cutValue(line)
	if !found {
		r.unfold()
		return "", nil, ""
	}
	params = strings.Split(head, ";")
	name = strings.ToUpper(strings.TrimSpace(params[0]))
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		name = name[dot+1:]
	}
	params = params[1:]
	if has(params, "QUOTED-PRINTABLE") {
		return name, params, decodeValue(r.unquote(value), params)
	}
	return name, params, decodeValue(value+r.unfold(), params)
}

// cutValue splits at the colon that is not inside a quoted parameter.
func cutValue(line string) (head, value string, found bool) {
	quoted := false
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			return line[:i], line[i+1:], true
		}
	}
	return "", "", false
}

func (r *cards) unfold() string {
	var b strings.Builder
	for r.folded() {
		line := r.next()[1:]
		if b.Len() < maxProperty {
			b.WriteString(line)
		}
	}
	return b.String()
}

// unquote reads quoted-printable (RFC 2045 §6.7): a line that ends in = goes on in the next.
func (r *cards) unquote(value string) string {
	var b strings.Builder
	b.WriteString(value)
	for strings.HasSuffix(value, "=") && r.more() {
		value = r.next()
		if b.Len() < maxProperty {
			b.WriteString("\r\n" + value)
		}
	}
	decoded, _ := io.ReadAll(quotedprintable.NewReader(strings.NewReader(b.String()))) // what could be read, is kept
	return string(decoded)
}

// decodeValue brings a value to UTF-8, by its CHARSET if it names one that we know.
func decodeValue(value string, params []string) string {
	for _, p := range params {
		key, name, _ := strings.Cut(p, "=")
		if !strings.EqualFold(key, "CHARSET") {
			continue
		}
		if enc, err := htmlindex.Get(strings.Trim(name, `"`)); err == nil {
			if text, err := enc.NewDecoder().String(value); err == nil {
				return text
			}
		}
	}
	return decodeBytes(value)
}

func has(params []string, word string) bool {
	for _, p := range params {
		if _, value, found := strings.Cut(p, "="); found {
			p = value
		}
		if strings.EqualFold(p, word) {
			return true
		}
	}
	return false
}

func (c *cardEntry) set(name string, params []string, value string) {
	switch name {
	case "FN":
		if c.name == "" {
			c.name = cleanName(unescape(value))
		}
	case "N":
		parts := components(value)
		c.family, c.given, c.additional = parts[0], parts[1], parts[2]
	case "ORG":
		if c.company == "" {
			c.company = components(value)[0]
		}
	case "EMAIL":
		c.bad = append(c.bad, c.addEmails(unescape(value))...)
	case "KIND", "X-ADDRESSBOOKSERVER-KIND":
		c.kind = strings.ToLower(strings.TrimSpace(value))
	case "AGENT":
		c.kind = "agent"
	}
}

func (c *cardEntry) finish() (p person, err error, skip bool) {
	if c.kind == "group" {
		return p, nil, true
	}
	if c.name == "" {
		c.name = cleanName(c.given + " " + c.additional + " " + c.family)
	}
	if c.name == "" {
		c.name = c.company
	}
	return c.person, c.check(c.bad), false
}

// components splits a structured value at semicolons; there are always at least three.
func components(value string) []string {
	var parts []string
	start := 0
	for i := 0; i <= len(value); i++ {
		if i < len(value) && value[i] == '\\' {
			i++
			continue
		}
		if i >= len(value) || value[i] == ';' {
			parts = append(parts, cleanName(unescape(value[start:min(i, len(value))])))
			start = i + 1
		}
	}
	for len(parts) < 3 {
		parts = append(parts, "")
	}
	return parts
}

var escapes = strings.NewReplacer(`\\`, `\`, `\n`, " ", `\N`, " ", `\,`, ",", `\;`, ";", `\:`, ":")

func unescape(s string) string { return escapes.Replace(s) }
