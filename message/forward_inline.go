package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// forwardMaxInline bounds a header block on one line, in bytes.
const forwardMaxInline = 64 << 10

// forwardInlineBlock reads a header block that a client ran together into one line.
//
// QUIRK: the plain text of Yahoo Mail is its HTML with all line ends lost:
// "----- Forwarded Message ----- From: A <a@x>To: B <b@x>Sent: … GMT+1Subject: Hello".
func forwardInlineBlock(text string) (forwardBlock, bool) {
	b := forwardBlock{languages: forwardAnyLanguage}
	label, value, ok := forwardReadLabel(cutString(text, forwardMaxInline))
	if !ok || label.field != forwardFrom {
		return b, false
	}
	for {
		next, at, width := forwardInlineLabel(value, &b, label.field)
		if at < 0 {
			b.set(label, strings.TrimSpace(value))
			break
		}
		b.set(label, strings.Trim(value[:at], " *_"))
		label, value = next, strings.TrimLeft(value[at+width:], " *_")
	}
	b.splitBareCc()
	return b, b.kinds() >= 3
}

// forwardInlineParagraph reads a header block that ran together and was wrapped again: text, which begins on line i, and
// as many lines below as it takes to find all labels.
func forwardInlineParagraph(lines []forwardLine, i int, text string) (best forwardBlock, ok bool) {
	for last := i; last < len(lines) && last < i+30 && len(text) < forwardMaxInline; last++ {
		if last > i {
			if lines[last].text == "" {
				break
			}
			text += " " + lines[last].text
		}
		block, found := forwardInlineBlock(text)
		if last == i && block.kinds() < 2 {
			break
		}
		if found && (!ok || block.kinds() > best.kinds()) {
			best, ok = block, true
			best.first, best.last = i, last
		}
		if best.complete() || len(text) > 4000 {
			break
		}
	}
	return best, ok
}

// forwardInlineLabel finds the next label of a field that b lacks; width covers the label with its colon.
func forwardInlineLabel(s string, b *forwardBlock, current forwardField) (label forwardLabel, at, width int) {
	if current == forwardSubject && b.seen[forwardFrom] && b.seen[forwardTo] && b.seen[forwardDate] {
		return label, -1, 0
	}
	for i, r := range s {
		if r != ':' && r != '：' {
			continue
		}
		found, start := forwardLabelBefore(s, i)
		if start < 0 || b.seen[found.field] || found.field == current || found.field == forwardOther {
			continue
		}
		end := i + utf8.RuneLen(r)
		if current == forwardSubject && !forwardInlineFits(s, start, end, found.field) {
			continue
		}
		return found, start, end - start
	}
	return label, -1, 0
}

// forwardInlineFits keeps words of a subject ("Notes to: follow") from being taken for labels.
func forwardInlineFits(s string, start, end int, field forwardField) bool {
	return start > 0 && s[start-1] == ' ' && forwardValueFits(field, strings.TrimSpace(cutString(s[end:], 80)))
}

// forwardLabelBefore finds the longest label that ends at byte i. Glued to the text before it, a label must begin with
// a capital letter behind a small one or a digit ("CETEmne", "+1Subject"), and a label of up to two letters must not
// touch a word at all ("mailto:" is no "To:").
func forwardLabelBefore(s string, i int) (label forwardLabel, start int) {
	start = -1
	head := strings.TrimRight(s[:i], " \u00a0*_")
	for at := len(head); at > 0 && len(head)-at < 64; {
		r, size := utf8.DecodeLastRuneInString(head[:at])
		if strings.ContainsRune(":<>@;,\"", r) {
			break
		}
		at -= size
		if !forwardLabelEdge(head, at) {
			continue
		}
		if found, ok := forwardLabelIndex[foldText(head[at:])]; ok {
			label, start = found, at
		}
	}
	return label, start
}

func forwardLabelEdge(s string, at int) bool {
	first, _ := utf8.DecodeRuneInString(s[at:])
	if at == 0 || !unicode.IsLetter(first) {
		return at == 0
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	if !unicode.IsLetter(before) && !unicode.IsDigit(before) {
		return true
	}
	if utf8.RuneCountInString(s[at:]) <= 2 {
		return false
	}
	return unicode.IsUpper(first) || !unicode.IsLower(first)
}

// splitBareCc finds a Cc label that lost its colon behind a recipient: "<b@x>Dw Walter <w@x>" (Polish Yahoo).
func (b *forwardBlock) splitBareCc() {
	to := b.values[forwardTo]
	if b.seen[forwardCc] {
		return
	}
	for at := strings.IndexByte(to, '>'); at >= 0 && at+1 < len(to); {
		word, rest, ok := strings.Cut(strings.TrimSpace(cutString(to[at+1:], forwardMaxLabel)), " ")
		if label, known := forwardFindLabel(word); ok && known && label.field == forwardCc && rest != "" {
			b.set(label, strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(to[at+1:]), word)))
			b.values[forwardTo] = to[:at+1]
			return
		}
		next := strings.IndexByte(to[at+1:], '>')
		if next < 0 {
			return
		}
		at += 1 + next
	}
}
