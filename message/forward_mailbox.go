package message

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// forwardMailboxes reads a list of people as mail clients print it. People without an address are left out: nothing can
// be matched to them.
//
// It is not ParseAddressList, because what is printed is not RFC 5322: names hold bare commas and brackets, ";"
// separates as often as ",", and an address stands in "<>", "[mailto:]", "()" or bare, perhaps followed by a copy of
// itself. In a header field what stands in parentheses is a comment, in which no address may be found; here it may be
// the only one. What an address is, and what a name, both ask the same functions (cleanAddr, nameBeside).
func forwardMailboxes(list string) []Address {
	var people []Address
	list = cutString(list, forwardMaxInline)
	for _, piece := range forwardSplitList(list) {
		for strings.Contains(piece, "@") && len(people) < maxAddresses {
			who, _, end := forwardFirstMailbox(piece)
			if who.Addr == "" {
				break
			}
			n := len(people)
			if n == 0 || !strings.EqualFold(people[n-1].Addr, who.Addr) || who.Name != "" && people[n-1].Name != "" {
				people = append(people, who)
			} else if people[n-1].Name == "" {
				people[n-1].Name = who.Name
			}
			piece = piece[end:]
		}
	}
	return people
}

// forwardSplitList cuts at the commas and semicolons between people. A part without an address is the first half of
// the next one's name: "Doe, John <john@example.com>".
func forwardSplitList(list string) []string {
	var parts []string
	start, carry := 0, ""
	add := func(end int, name bool) {
		part := strings.TrimSpace(list[start:end])
		if name && !strings.Contains(part, "@") && part != "" {
			carry = strings.TrimPrefix(carry+", "+part, ", ")
			return
		}
		parts = append(parts, strings.TrimPrefix(carry+", "+part, ", "))
		carry = ""
	}
	for _, at := range forwardSeparators(list) {
		add(at, list[at] == ',')
		start = at + 1
	}
	add(len(list), false)
	return parts
}

// forwardSeparators finds "," and ";" outside quotes and brackets. Brackets that never close do not count.
func forwardSeparators(s string) []int {
	var found, doubtful []int
	depth, quoted := 0, false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted && strings.IndexByte(s[i+1:], '"') >= 0
		case quoted:
		case c == '<' || c == '(' || c == '[':
			depth++
		case c == '>' || c == ')' || c == ']':
			depth = max(0, depth-1)
			if depth == 0 {
				doubtful = doubtful[:0]
			}
		case c == ',' || c == ';':
			if depth > 0 {
				doubtful = append(doubtful, i)
			} else {
				found = append(found, i)
			}
		}
	}
	return append(found, doubtful...)
}

// forwardFirstMailbox reads the first person of s with an address, and where in s the name ends and the person ends.
// It understands "Name <a@b>", "Name [mailto:a@b]", "Name (a@b)", "a@b (Name)", "Name a@b", "Name <a@b<mailto:a@b>>",
// "[Name](mailto:a@b)". Of an address and the link behind it, the link counts: it is not shortened for display.
func forwardFirstMailbox(s string) (who Address, start, end int) {
	first, last := forwardFindAddress(s, 0)
	if first < 0 {
		return Address{}, len(s), len(s)
	}
	if next, nextEnd := forwardBracketed(s, first, last); next > 0 {
		first, last = next, nextEnd
	}
	who.Addr = s[first:last]
	start, end = forwardNameEnd(s, first), last
	if link, linkEnd := forwardLinkBehind(s, last); link != "" {
		who.Addr, end = link, linkEnd
	}
	who.Addr = forwardTidyAddress(who.Addr)
	for end < len(s) && strings.IndexByte(">)]*'\"", s[end]) >= 0 {
		end++
	}
	who.Name = nameBeside(forwardCleanName(s[:start]), who.Addr)
	if who.Name == "" {
		if name, after := forwardNameBehind(s, end); name != "" {
			who.Name, end = nameBeside(name, who.Addr), after
		}
	}
	return who, start, end
}

// forwardFindAddress finds the first addr-spec at or after from.
func forwardFindAddress(s string, from int) (first, last int) {
	for at := from; at < len(s); at++ {
		next := strings.IndexByte(s[at:], '@')
		if next < 0 {
			break
		}
		at += next
		first, last = at, at+1
		for first > from {
			r, size := utf8.DecodeLastRuneInString(s[from:first])
			if !forwardLocalRune(r) {
				break
			}
			first -= size
		}
		for last < len(s) {
			r, size := utf8.DecodeRuneInString(s[last:])
			if !forwardDomainRune(r) {
				break
			}
			last += size
		}
		first, last = forwardTrimAddress(s, first, at, last)
		if first < at && last > at+1 {
			return first, last
		}
		from = at + 1
	}
	return -1, -1
}

// forwardTrimAddress cuts punctuation of the sentence and marks of bold text off both ends.
func forwardTrimAddress(s string, first, at, last int) (int, int) {
	for first < at && strings.IndexByte("*'`.=/", s[first]) >= 0 {
		first++
	}
	for last > at+1 && strings.IndexByte(".-_", s[last-1]) >= 0 {
		last--
	}
	return first, last
}

func forwardLocalRune(r rune) bool {
	switch {
	case r >= utf8.RuneSelf:
		return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
	case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
		return true
	}
	return strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)
}

func forwardDomainRune(r rune) bool {
	return r == '.' || r == '-' || r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

// forwardNameEnd finds where the name before an address at first ends: at the bracket or scheme that opens the address.
func forwardNameEnd(s string, first int) int {
	head := s[:first]
	for {
		trimmed := strings.TrimRight(head, " <([{'\"*|")
		low := strings.ToLower(trimmed[max(0, len(trimmed)-7):])
		switch {
		case strings.HasSuffix(low, "mailto:"):
			head = trimmed[:len(trimmed)-7]
			continue
		case strings.HasSuffix(low, "smtp:"):
			head = trimmed[:len(trimmed)-5]
			continue
		}
		// Quotes around a name must survive for the name's own clean-up.
		return len(strings.TrimRight(head, " <([{|"))
	}
}

// forwardBracketed finds the "<c@d>" of `a@b <c@d>`, where an address is the name: what stands in brackets is where the
// mail came from, the name is what its sender pleased to call himself.
func forwardBracketed(s string, first, last int) (next, end int) {
	if first > 0 && strings.IndexByte("<[:", s[first-1]) >= 0 {
		return 0, 0
	}
	if link, linkEnd := forwardLinkBehind(s, last); link != "" {
		last = linkEnd
	}
	at := len(s) - len(strings.TrimLeft(s[last:], "\"'*_ >"))
	if at >= len(s) || s[at] != '<' {
		return 0, 0
	}
	next, end = forwardFindAddress(s[:min(len(s), at+maxAddrBytes)], at+1)
	if next != at+1 || end >= len(s) || s[end] != '>' && s[end] != '<' {
		return 0, 0
	}
	return next, end
}

// forwardLinkBehind reads "<mailto:x@y>", "(mailto:x@y)" or " <mailto:x@y>" that directly follows an address.
func forwardLinkBehind(s string, at int) (link string, end int) {
	rest := strings.TrimLeft(s[at:], "]>) (<[\"'.…")
	if len(rest) < 8 || len(s)-len(rest)-at > 8 || !strings.EqualFold(rest[:7], "mailto:") {
		return "", 0
	}
	first, last := forwardFindAddress(cutString(rest[7:], 400), 0)
	if first != 0 {
		return "", 0
	}
	return rest[7 : 7+last], len(s) - len(rest) + 7 + last
}

// forwardNameBehind reads the "(John Doe)" of "john@example.com (John Doe)".
func forwardNameBehind(s string, at int) (name string, end int) {
	rest := strings.TrimLeft(s[at:], " ")
	if !strings.HasPrefix(rest, "(") {
		return "", at
	}
	closing := strings.IndexByte(cutString(rest, 200), ')')
	if closing < 0 || strings.Contains(rest[:closing], "@") {
		return "", at
	}
	return forwardCleanName(rest[1:closing]), len(s) - len(rest) + closing + 1
}

// forwardTidyAddress undoes the escapes of a link that was printed, and checks what was found; "" if it is no address.
func forwardTidyAddress(addr string) string {
	if strings.Contains(addr, "%") {
		if plain, err := url.PathUnescape(addr); err == nil && cleanAddr(plain) != "" {
			return cleanAddr(plain)
		}
	}
	return cleanAddr(addr)
}

// forwardQuotePairs surround names in one country or another.
var forwardQuotePairs = [][2]string{
	{`"`, `"`}, {"'", "'"}, {"`", "'"}, {"“", "”"}, {"„", "“"}, {"„", "”"}, {"”", "”"}, {"«", "»"}, {"»", "«"},
	{"‘", "’"}, {"‚", "‘"}, {"’", "’"}, {"‹", "›"}, {"「", "」"}, {"**", "**"}, {"*", "*"}, {"_", "_"}, {"&quot;", "&quot;"},
}

// forwardCleanName makes a display name presentable: quotes and bold marks off, escapes undone, white space folded.
func forwardCleanName(name string) string {
	name, _, _ = strings.Cut(foldSpace(cutString(name, 1000)), "<mailto:") // the link under a name that is an address
	for range 8 {
		before := name
		name = strings.Trim(name, " ,;:|<>[]")
		for _, q := range forwardQuotePairs {
			if len(name) >= len(q[0])+len(q[1]) && strings.HasPrefix(name, q[0]) && strings.HasSuffix(name, q[1]) {
				name = name[len(q[0]) : len(name)-len(q[1])]
			}
		}
		if name == before {
			break
		}
	}
	if strings.Count(name, `"`)%2 == 1 {
		name = strings.Trim(name, `"`)
	}
	name = strings.ReplaceAll(strings.ReplaceAll(name, `\"`, `"`), `\'`, `'`)
	name = DecodeHeader(name, "")
	return nameBeside(strings.TrimSpace(name), "")
}
