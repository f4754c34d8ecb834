package message

import (
	"strconv"
	"strings"
)

// forwardOverrideLines is what a user wrote on the first lines of a mail to tell us better.
type forwardOverrideLines struct {
	From Address
	Deal int64
}

// ForwardOverride reads the instructions a user may write on the first non-blank line of a mail to his BCC address
// (SEMANTICS §8.4): "From: client@example.com" names the author of what he forwards, "#deal 42" the deal. Both may
// stand on one line or on two. rest is the text without them; ok is false, and rest the whole text, where there are none.
//
// "From:" with another header line below it is no instruction but a header block that a mail client wrote.
func ForwardOverride(text string) (from Address, deal int64, ok bool, rest string) {
	o, rest := forwardOverrideOf(text)
	return o.From, o.Deal, o.From.Addr != "" || o.Deal != 0, rest
}

func forwardOverrideOf(text string) (o forwardOverrideLines, rest string) {
	rest = text
	for {
		line, after := forwardFirstLine(rest)
		if !o.take(plainText(line), after) {
			return o, rest
		}
		rest = after
	}
}

// forwardFirstLine returns the first non-blank line and what follows it.
func forwardFirstLine(text string) (line, after string) {
	for text != "" {
		var more bool
		line, after, more = strings.Cut(text, "\n")
		if len(line) > 1000 {
			return "", ""
		}
		if plainText(line) != "" || !more {
			return line, after
		}
		text = after
	}
	return "", ""
}

// take reads one line; false leaves it in the text.
func (o *forwardOverrideLines) take(line, after string) bool {
	line, deal := forwardTakeDeal(line)
	if deal != 0 && o.Deal != 0 {
		return false
	}
	from, ok := forwardTakeFrom(line, after)
	if line != "" && (!ok || o.From.Addr != "") {
		return false
	}
	if line == "" && deal == 0 {
		return false
	}
	if ok {
		o.From = from
	}
	if deal != 0 {
		o.Deal = deal
	}
	return true
}

// forwardTakeDeal finds "#deal 42" at the start or end of a line; "#deal42", "#deal: 42" and "#deal #42" are fine, too.
func forwardTakeDeal(line string) (rest string, deal int64) {
	at := 0
	for at+5 <= len(line) && !strings.EqualFold(line[at:at+5], "#deal") {
		at++
	}
	if at+5 > len(line) {
		return line, 0
	}
	number := strings.TrimLeft(line[at+5:], " :#=")
	end := 0
	for end < len(number) && number[end] >= '0' && number[end] <= '9' {
		end++
	}
	deal, err := strconv.ParseInt(number[:end], 10, 64)
	if err != nil || deal <= 0 {
		return line, 0
	}
	return strings.Trim(line[:at]+number[end:], " ,;.-"), deal
}

// forwardTakeFrom reads "From: client@example.com", also with a name.
func forwardTakeFrom(line, after string) (Address, bool) {
	if len(line) < 6 || !strings.EqualFold(line[:5], "from:") {
		return Address{}, false
	}
	value := strings.TrimSpace(line[5:])
	from, _, end := forwardFirstMailbox(value)
	if from.Addr == "" || strings.Trim(value[end:], " .,;>") != "" {
		return Address{}, false
	}
	return from, !forwardBlockGoesOn(after)
}

// forwardBlockGoesOn tells that the lines behind a "From:" belong to it. Paragraphs turned into text have an empty line
// between all labels; a block that names an author of its own is another one.
func forwardBlockGoesOn(after string) bool {
	lines := forwardLines(cutString(after, 8<<10))
	i, ok := forwardNextText(lines, 0, 1)
	if !ok {
		return false
	}
	label, _, ok := forwardReadLabel(lines[i].text)
	if !ok || label.field == forwardFrom || i == 0 {
		return ok && label.field != forwardFrom
	}
	reader := forwardBlockReader{lines: lines}
	block := reader.read(i)
	return !block.seen[forwardFrom]
}

// forwardApplyOverride puts the author the user named over what the body says. Without any header block the text itself
// is the original.
func forwardApplyOverride(fwd Forwarded, found bool, o forwardOverrideLines, text string, subject SubjectParts) Forwarded {
	if !found {
		fwd = Forwarded{Subject: subject.Rest, Body: forwardTrimText(text)}
	}
	if !found || !strings.EqualFold(fwd.From.Addr, o.From.Addr) || o.From.Name != "" {
		fwd.From = o.From
	}
	fwd.FromNameOnly = false
	fwd.Override = true
	return fwd
}
