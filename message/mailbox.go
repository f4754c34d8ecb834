package message

import (
	"strings"
)

// This file makes addresses of what the scanner of address.go has collected.

// angle reads an address in angle brackets. A second one in the same mailbox begins the next: the comma is missing.
func (r *addressReader) angle() {
	content, n, closed := angleContent(r.s[r.pos:])
	r.state.repaired = r.state.repaired || !closed
	if r.pos += n; content == "" && r.pos < len(r.s) && r.s[r.pos] == '<' {
		return // QUIRK: doubled brackets, `<<a@x>>`
	}
	r.setAngle(content)
}

func (r *addressReader) setAngle(content string) {
	d := &r.draft
	if d.angled {
		name := string(d.tail)
		d.tail = d.tail[:0]
		r.state.repaired = true
		r.finish()
		d.name, d.spec = append(d.name, name...), append(d.spec, name...)
	}
	d.angle, d.angled, d.space = content, true, false
}

// angleContent returns what stands between the brackets and how long it is with them.
//
// QUIRK: if the closing bracket is missing the address ends at white space, comma or semicolon.
func angleContent(s string) (content string, n int, closed bool) {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			_, n := quotedString(s[i:])
			i += max(n-1, 0)
		case '>':
			return s[1:i], i + 1, true
		case '<':
			content, n = openAngle(s[:i])
			return content, n, false
		}
	}
	content, n = openAngle(s)
	return content, n, false
}

func openAngle(s string) (content string, n int) {
	body := strings.TrimLeft(s[1:], " \t")
	skipped := len(s) - len(body)
	if i := strings.IndexAny(body, " \t,;"); i >= 0 {
		body = body[:i]
	}
	return body, skipped + len(body)
}

// finish ends the mailbox being read.
func (r *addressReader) finish() {
	d := &r.draft
	defer d.reset()
	switch {
	case d.blank():
		return
	case d.angled:
		r.finishAngled()
	case d.at:
		r.release()
		r.finishBare(string(d.spec), d.comment)
	default:
		r.finishName()
	}
}

// finishAngled ends `name <address>`.
func (r *addressReader) finishAngled() {
	d := &r.draft
	addrs := angleAddresses(d.angle)
	if len(addrs) == 0 {
		r.state.repaired = true
		r.release()
		if strings.TrimSpace(d.angle) == "" && d.at { // QUIRK: `a@x <>`
			r.finishBare(string(d.spec), d.comment)
			return
		}
		if name := r.displayName(string(d.name)); name != "" {
			r.emit(name, "")
		} else if name := r.displayName(d.angle); name != "" {
			r.emit(name, "")
		}
		return
	}
	r.state.repaired = r.state.repaired || len(addrs) > 1
	name := strings.Join(append(r.held, string(d.name)), ", ")
	if len(r.held) > 0 {
		r.state.repaired = true
		name = strings.TrimSuffix(name, ", ")
		r.held = r.held[:0]
	}
	tail := string(d.tail)
	if name == "" {
		name = d.comment // `<j@x> (John)`
	}
	if name == "" && strings.IndexByte(tail, '@') < 0 {
		name = tail // QUIRK: `<j@x> John`
	}
	r.emit(name, addrs[0])
	for _, addr := range addrs[1:] {
		r.emit("", addr)
	}
	if strings.IndexByte(tail, '@') >= 0 {
		r.finishBare(tail, "")
	}
}

// finishBare ends a mailbox without angle brackets: `a@x`, `a@x (name)`, and QUIRK `name a@x`, `a@x b@x`.
func (r *addressReader) finishBare(spec, comment string) {
	addrs, words := splitBare(spec)
	if len(addrs) == 0 {
		r.state.repaired = true
		r.emit(spec, "")
		return
	}
	r.state.repaired = r.state.repaired || len(addrs) > 1 || words != ""
	name := words
	if name == "" {
		name = comment
	}
	r.emit(name, addrs[0])
	for _, addr := range addrs[1:] {
		r.emit("", addr)
	}
}

// finishName ends an entry without any "@" outside of quotes.
func (r *addressReader) finishName() {
	text := string(r.draft.name)
	decoded := DecodeHeader(text, r.fallback)
	if strings.IndexByte(decoded, '@') > 0 { // QUIRK: all of it is quoted or encoded, `"j@x"`, `=?utf-8?q?John_<j=40x>?=`
		if addr, name := embeddedAddress(decoded); addr != "" {
			r.state.repaired = true
			r.release()
			r.emit(name, addr)
			return
		}
	}
	// More than three commas in one name are no name. The first goes, and memory stays bounded.
	if len(r.held) == 3 {
		r.emit(r.held[0], "")
		r.state.repaired = true
		r.held = append(r.held[:0], r.held[1:]...)
	}
	r.held = append(r.held, text)
}

// embeddedAddress finds the address in text that has no structure left.
func embeddedAddress(text string) (addr, name string) {
	if open := strings.LastIndexByte(text, '<'); open >= 0 {
		inner, _, _ := strings.Cut(text[open+1:], ">")
		if addr = cleanAddr(inner); addr != "" {
			return addr, text[:open]
		}
	}
	addrs, words := splitBare(text)
	if len(addrs) != 1 {
		return "", ""
	}
	return addrs[0], words
}

// release lists the names held back: no address came for them.
func (r *addressReader) release() {
	for _, name := range r.held {
		r.state.repaired = true
		r.emit(name, "")
	}
	r.held = r.held[:0]
}

func (r *addressReader) emit(name, addr string) {
	name = nameBeside(r.displayName(name), addr)
	if name == "" && addr == "" {
		return
	}
	if len(r.list) >= r.max {
		r.state.full = true
		return
	}
	r.list = append(r.list, Address{Name: name, Addr: addr})
}

// nameBeside returns the name to show beside an address: "" if it is nothing but marks, or only repeats the address.
func nameBeside(name, addr string) string {
	bare := strings.Trim(name, "<>[]()\"' ")
	switch {
	case strings.EqualFold(bare, addr), strings.EqualFold(bare, "mailto:"+addr), strings.Trim(bare, ",;:.-`*_|/") == "":
		return ""
	}
	return name
}

// maxNameBytes of a display name are kept.
const maxNameBytes = 500

// displayName decodes a display name.
//
// QUIRK: Outlook writes 'John Doe' in single quotes; some mailers put quotes inside of the encoded word.
func (r *addressReader) displayName(s string) string {
	s = DecodeHeader(s, r.fallback)
	for _, quote := range []string{"\"", "'"} {
		if len(s) > 1 && strings.HasPrefix(s, quote) && strings.HasSuffix(s, quote) {
			s = strings.TrimSpace(s[1 : len(s)-1])
		}
	}
	if s == "\"" || s == "'" {
		return ""
	}
	return cutString(s, maxNameBytes)
}
