package message

import (
	"bytes"
	"strings"
)

// Address is one mailbox of an address field.
type Address struct {
	Name string // display name, decoded; "" if none or if it only repeats the address
	Addr string // addr-spec as written, without lone quotes and brackets; "" where only a name was there
}

// maxAddresses of one list are read.
const maxAddresses = 1000

// ParseAddressList reads the value of an address field (RFC 5322 §3.4) as far as it can be read, at most 1000
// addresses. ok is false if something had to be repaired or left out.
//
// An address in angle brackets wins over whatever stands before it, and nothing in a comment is an address.
func ParseAddressList(value string) (list []Address, ok bool) {
	list, state := parseAddresses(string(unfold([]byte(value))), maxAddresses, "")
	return list, state == listState{}
}

// listState tells how an address field was read.
type listState struct {
	repaired bool // something was broken
	full     bool // there are more addresses than were asked for
}

func parseAddresses(value string, max int, fallback string) ([]Address, listState) {
	r := addressReader{s: value, max: max, fallback: fallback, semicolon: strings.LastIndexByte(value, ';')}
	r.run()
	return r.list, r.state
}

// addressReader goes once through an unfolded value. It is a scanner with a draft of the mailbox being read.
type addressReader struct {
	s         string
	pos       int
	max       int
	fallback  string
	semicolon int // position of the last one, which may end a group
	noQuote   bool
	closers   map[int]int // matching parentheses, made at the first one
	draft     mailboxDraft
	held      []string // entries without an address, perhaps the beginning of `Doe, John <j@x>`
	list      []Address
	state     listState
}

// mailboxDraft is the mailbox being read.
type mailboxDraft struct {
	name    []byte // text without comments, quotes undone
	spec    []byte // the same with quoted strings as written: it may be a bare address
	tail    []byte // text after the angle brackets
	comment string
	angle   string
	angled  bool // there were angle brackets
	at      bool // an "@" stands outside of quotes and brackets
	space   bool // white space is to be written before the next text
}

func (d *mailboxDraft) reset() {
	*d = mailboxDraft{name: d.name[:0], spec: d.spec[:0], tail: d.tail[:0]}
}

func (d *mailboxDraft) blank() bool { return len(d.spec) == 0 && !d.angled }

func (r *addressReader) run() {
	for r.pos < len(r.s) && !r.state.full {
		r.step()
	}
	r.finish()
	r.release()
}

// step reads one token.
func (r *addressReader) step() {
	switch c := r.s[r.pos]; c {
	case ' ', '\t', '\r', '\n':
		r.draft.space = true
		r.pos++
	case '"':
		r.quoted()
	case '(':
		r.comment()
	case '<':
		r.angle()
	case '>':
		r.state.repaired = true
		r.pos++
	case '[':
		r.bracket()
	case ',':
		r.finish()
		r.pos++
	case ';':
		r.finish()
		r.release()
		r.pos++
	case ':':
		r.colon()
	case '\\':
		r.text(r.s[r.pos:min(len(r.s), r.pos+2)])
	case '=':
		r.word()
	default:
		r.text(r.s[r.pos : r.pos+r.plain()])
	}
}

// plain returns how many characters from pos on have no meaning of their own.
func (r *addressReader) plain() int {
	for i := r.pos + 1; i < len(r.s); i++ {
		switch r.s[i] {
		case ' ', '\t', '\r', '\n', '"', '(', '<', '>', '[', ',', ';', ':', '\\', '=':
			return i - r.pos
		}
	}
	return len(r.s) - r.pos
}

// text takes what is written outside of quotes.
func (r *addressReader) text(s string) {
	if strings.IndexByte(s, '@') >= 0 {
		r.draft.at = true
	}
	r.add(s, s)
	r.pos += len(s)
}

// add appends a token to the draft: name is how it reads, spec how it is written.
func (r *addressReader) add(name, spec string) {
	d := &r.draft
	if d.angled {
		d.tail = appendToken(d.tail, spec, d.space)
	} else {
		d.name = appendToken(d.name, name, d.space)
		d.spec = appendToken(d.spec, spec, d.space)
	}
	d.space = false
}

func appendToken(dst []byte, token string, space bool) []byte {
	if space && len(dst) > 0 {
		dst = append(dst, ' ')
	}
	return append(dst, token...)
}

// quoted reads a quoted string (RFC 5322 §3.2.4).
//
// QUIRK: a quote that never closes is dropped, and so is one whose end is the beginning of the next quoted string,
// as in `"Doe <j@x>, "Roe" <r@x>`.
func (r *addressReader) quoted() {
	text, n := "", 0
	if !r.noQuote {
		text, n = quotedString(r.s[r.pos:])
		r.noQuote = n == 0
	}
	stray := n > 0 && strings.IndexByte(text, '@') >= 0 && r.pos+n < len(r.s) && isWordByte(r.s[r.pos+n])
	if n == 0 || stray {
		r.state.repaired = true
		r.pos++
		return
	}
	r.add(text, r.s[r.pos:r.pos+n])
	r.pos += n
}

func isWordByte(c byte) bool { return isLetter(c) || c >= '0' && c <= '9' || c >= 0x80 }

// quotedString returns the text of the quoted string at the beginning of s and its length, 0 if it does not end.
func quotedString(s string) (text string, n int) {
	i := strings.IndexAny(s[1:], "\"\\")
	if i >= 0 && s[1+i] == '"' {
		return s[1 : 1+i], i + 2
	}
	var out []byte
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '"':
			return string(out), i + 1
		case '\\':
			if i++; i == len(s) {
				return "", 0
			}
		}
		out = append(out, s[i])
	}
	return "", 0
}

// comment reads a comment (RFC 5322 §3.2.2), which may be nested. One that never closes is dropped.
func (r *addressReader) comment() {
	if r.closers == nil {
		r.closers = matchParens(r.s, r.pos)
	}
	end, ok := r.closers[r.pos]
	if !ok {
		r.state.repaired = true
		r.pos++
		return
	}
	r.draft.comment = r.s[r.pos+1 : end]
	r.draft.space = true
	r.pos = end + 1
}

// matchParens finds the partner of each parenthesis from start on, in one pass: a search from each that never
// closes would take quadratic time.
func matchParens(s string, start int) map[int]int {
	closers := make(map[int]int)
	var open []int
	for i := start; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			open = append(open, i)
		case ')':
			if n := len(open); n > 0 {
				closers[open[n-1]] = i
				open = open[:n-1]
			}
		}
	}
	return closers
}

// word takes an encoded word as one token: unencoded commas and brackets in it are its own.
//
// QUIRK: RFC 2047 §5 (3) wants them encoded; `=?utf-8?Q?Doe,_John?= <j@x>` is common.
func (r *addressReader) word() {
	if strings.HasPrefix(r.s[r.pos:], "=?") {
		window := r.s[r.pos:min(len(r.s), r.pos+1000)]
		if w, n := parseWord(window, true); n > 0 && n < len(window)+1 && strings.HasSuffix(window[:n], "?=") &&
			!strings.ContainsAny(w.text, "<>\"") {
			r.add(window[:n], window[:n])
			r.pos += n
			return
		}
	}
	r.text(r.s[r.pos : r.pos+r.plain()])
}

// bracket reads "[": a domain literal after "@", or QUIRK the form of Outlook, `John Doe [mailto:j@x]`.
func (r *addressReader) bracket() {
	rest := r.s[r.pos:]
	end := strings.IndexByte(rest[:min(len(rest), 400)], ']')
	spec := r.draft.spec
	switch {
	case end > 0 && len(spec) > 0 && spec[len(spec)-1] == '@' && !r.draft.angled:
		r.text(rest[:end+1])
	case end > 0 && len(rest) > 8 && strings.EqualFold(rest[1:8], "mailto:"):
		r.state.repaired = true
		r.setAngle(rest[8:end])
		r.pos += end + 1
	default:
		r.text("[")
	}
}

// colon reads ":", which ends the name of a group (RFC 5322 §3.4). The members are read like any others.
func (r *addressReader) colon() {
	d := &r.draft
	switch {
	case bytes.EqualFold(d.spec, []byte("mailto")) || bytes.EqualFold(d.spec, []byte("smtp")): // QUIRK: a URI, or the address type of Exchange
		r.state.repaired = true
		d.reset()
	case d.blank() || d.at || d.angled || r.pos > r.semicolon && r.nameGoesOn():
		r.text(":")
		return
	default:
		r.release()
		d.reset()
	}
	r.pos++
}

// nameGoesOn tells that ":" is part of a display name that ought to be quoted, `Re: you <a@x>`.
func (r *addressReader) nameGoesOn() bool {
	rest := r.s[r.pos:min(len(r.s), r.pos+200)]
	i := strings.IndexAny(rest, ",<")
	return i >= 0 && rest[i] == '<'
}
