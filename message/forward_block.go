package message

import "strings"

// forwardBlock is a header block as a client printed it: the labelled lines above an original.
type forwardBlock struct {
	first, last int // its lines
	values      [forwardFieldCount]string
	seen        [forwardFieldCount]bool
	languages   uint64 // that have all its labels, see forwardLabel
	rival       string // value of a second From line that ended the block
}

// kinds counts the fields that tell a header block from other labelled text.
func (b *forwardBlock) kinds() int {
	n := 0
	for _, field := range []forwardField{forwardFrom, forwardTo, forwardDate, forwardSubject} {
		if b.seen[field] {
			n++
		}
	}
	return n
}

// complete reports whether the four fields that every client prints are there.
func (b *forwardBlock) complete() bool { return b.kinds() == 4 }

func (b *forwardBlock) set(label forwardLabel, value string) {
	if b.seen[label.field] && label.field != forwardOther {
		return
	}
	b.seen[label.field] = true
	b.values[label.field] = value
	// Gmail and others mix English labels into every language.
	if common := b.languages & label.languages; common != 0 || b.languages == 1 {
		b.languages = common
	}
	if b.languages == 0 {
		b.languages = label.languages
	}
}

// forwardBlockReader reads one block. base is the covering subject's base: it tells where a subject ends that runs over
// several lines. marked blocks stand under a forward marker; their labels may lack the colon.
type forwardBlockReader struct {
	lines  []forwardLine
	base   string
	marked bool

	block   forwardBlock
	field   forwardField // of the line above
	labels  int          // label lines so far
	spaced  bool         // an empty line stands between any two label lines (paragraphs turned into text)
	visited int          // first line not looked at, for the caller's linear progress
}

// forwardMaxAhead is how far the reader looks for the next label before it takes a line for a continuation.
const forwardMaxAhead = 6

// read collects labelled lines from line i on.
func (r *forwardBlockReader) read(i int) forwardBlock {
	r.block = forwardBlock{first: i, last: i, languages: forwardAnyLanguage}
	depth := r.lines[i].depth
	for i < len(r.lines) {
		line := r.lines[i]
		if line.text == "" {
			next, ok := r.overBlank(i, depth)
			if !ok {
				break
			}
			i = next
			continue
		}
		if label, value, ok := r.label(line.text); ok && line.depth == depth {
			if !r.take(label, value) {
				break
			}
		} else if !r.labelled() || !r.continues(i, depth) {
			break
		}
		r.block.last = i
		i++
	}
	r.visited = max(i, r.block.first+1)
	return r.block
}

func (r *forwardBlockReader) labelled() bool { return r.labels > 0 }

// label reads "Label: value", and inside a marked block also "Label value" where the value fits the label.
//
// QUIRK: eM Client 9 prints no colons at all, Polish Yahoo none after "Dw".
func (r *forwardBlockReader) label(text string) (forwardLabel, string, bool) {
	if label, value, ok := forwardReadLabel(text); ok {
		return label, value, true
	}
	if !r.marked || r.insideName(text) {
		return forwardLabel{}, "", false
	}
	return forwardBareLabel(text)
}

// insideName reports that text ends the name that the line above begins: "von" is a label, and the second line of
// "Marta", "von Trapp <marta@example.com>".
func (r *forwardBlockReader) insideName(text string) bool {
	switch r.field {
	case forwardFrom, forwardTo, forwardCc, forwardBcc:
		value := r.block.values[r.field]
		return strings.Contains(value, "@") && forwardEndsName(value, text)
	}
	return false
}

// forwardBareLabel reads a label of one to three words without a colon.
func forwardBareLabel(text string) (forwardLabel, string, bool) {
	rest := text
	for range 3 {
		_, after, ok := strings.Cut(rest, " ")
		if !ok {
			break
		}
		rest = after
		label, ok := forwardFindLabel(text[:len(text)-len(rest)])
		if ok && forwardValueFits(label.field, rest) {
			return label, strings.TrimSpace(rest), true
		}
	}
	return forwardLabel{}, "", false
}

func forwardValueFits(field forwardField, value string) bool {
	switch field {
	case forwardFrom, forwardTo, forwardCc, forwardBcc:
		return strings.Contains(value, "@") && len(value) < 2000
	case forwardDate:
		date, _ := forwardParseDate(value, "")
		return !date.IsZero()
	}
	return field == forwardSubject
}

// take adds a label line; false means that another block or the body begins here.
func (r *forwardBlockReader) take(label forwardLabel, value string) bool {
	again := r.block.seen[label.field] && label.field != forwardOther
	if again && label.field == forwardFrom && !r.block.complete() {
		r.block.rival = value
	}
	if again && (label.field == forwardFrom || !r.block.seen[forwardFrom] || r.block.complete() || r.spaced) {
		return false
	}
	r.block.set(label, value)
	r.field = label.field
	r.labels++
	return true
}

// overBlank decides whether the block goes on below an empty line: only if its labels are spaced like paragraphs, or if
// the value of the label above has not come yet.
func (r *forwardBlockReader) overBlank(i, depth int) (next int, ok bool) {
	next, ok = forwardNextText(r.lines, i, 2)
	if !ok || r.lines[next].depth != depth {
		return 0, false
	}
	if r.labels > 1 && !r.spaced {
		return 0, false
	}
	label, _, ok := r.label(r.lines[next].text)
	if !ok || r.block.seen[label.field] {
		return 0, false
	}
	r.spaced = true
	return next, true
}

// continues decides whether the unlabelled line i belongs to the field above, and adds it there.
func (r *forwardBlockReader) continues(i, depth int) bool {
	value, text := r.block.values[r.field], r.lines[i].text
	if len(value)+len(text) > forwardMaxInline {
		return false
	}
	if !r.runsOn(value, text) {
		if label, value, ok := r.unknownLabel(text); ok {
			return r.take(label, value)
		}
		if !r.labelAhead(i, depth) {
			return false
		}
	}
	r.block.values[r.field] = strings.TrimSpace(value + " " + text)
	return true
}

// unknownLabel reads a line that looks labelled by what its value is: a date, or a person where recipients are missing.
func (r *forwardBlockReader) unknownLabel(text string) (forwardLabel, string, bool) {
	at, width := forwardColon(text)
	if at <= 0 || strings.ContainsAny(text[:at], "@<>/,0123456789") || strings.Count(text[:at], " ") > 2 {
		return forwardLabel{}, "", false
	}
	value := strings.TrimSpace(text[at+width:])
	switch {
	case !r.block.seen[forwardFrom]:
	case !r.block.seen[forwardDate] && forwardValueFits(forwardDate, value):
		return forwardLabel{forwardDate, forwardAnyLanguage}, value, true
	case !r.block.seen[forwardTo] && forwardIsMailboxList(value):
		return forwardLabel{forwardTo, forwardAnyLanguage}, value, true
	case !r.block.seen[forwardCc] && forwardIsMailboxList(value):
		return forwardLabel{forwardCc, forwardAnyLanguage}, value, true
	}
	return forwardLabel{}, "", false
}

// forwardIsMailboxList reports a value that is one person or more and nothing else.
func forwardIsMailboxList(value string) bool {
	if !strings.Contains(value, "@") {
		return false
	}
	value = strings.TrimRight(value, " ,;>)]")
	_, last := forwardFindAddress(value, strings.LastIndexAny(value, " <([:;,")+1)
	return last == len(value)
}

// runsOn tells from the two lines alone that one sentence spans them.
func (r *forwardBlockReader) runsOn(value, text string) bool {
	switch r.field {
	case forwardFrom:
		return value == "" || forwardOpenEnd(value) || forwardStartsAddress(text) || forwardEndsName(value, text)
	case forwardTo, forwardCc, forwardBcc:
		return value == "" && strings.Contains(text, "@") || forwardOpenEnd(value) || forwardStartsAddress(text) || forwardEndsName(value, text)
	case forwardDate:
		if value != "" {
			return false
		}
		date, _ := forwardParseDate(text, "")
		return !date.IsZero()
	case forwardSubject:
		return value == "" || forwardSubjectRunsOn(r.base, value, text)
	}
	return false
}

// forwardOpenEnd reports a list that is not over: it ends inside "<", "(" or quotes, or after a separator.
func forwardOpenEnd(value string) bool {
	if strings.HasSuffix(value, ",") || strings.HasSuffix(value, ";") {
		return true
	}
	tail := value[max(0, len(value)-400):]
	return strings.LastIndexAny(tail, "<(") > strings.LastIndexAny(tail, ">)") || strings.HasSuffix(tail, "[mailto:")
}

// forwardEndsName reports that the last person of value has no address yet, and text brings it behind the rest of the
// name: "Anna-Maria van", "der Berg <anna@example.com>".
func forwardEndsName(value, text string) bool {
	last := value[strings.LastIndexAny(value, ",;")+1:]
	if strings.TrimSpace(last) == "" || strings.Contains(last, "@") {
		return false
	}
	name, _, ok := strings.Cut(text, "<")
	at, _ := forwardColon(name)
	return ok && at < 0 && !strings.ContainsAny(name, "@,;") && len(name) < 100 && strings.Contains(text, "@")
}

// forwardStartsAddress reports a line that begins with the address of the name above.
func forwardStartsAddress(text string) bool {
	return strings.Contains(text, "@") &&
		(text[0] == '<' || text[0] == '(' || strings.HasPrefix(text, "[mailto:") || strings.HasPrefix(text, "mailto:"))
}

// forwardSubjectRunsOn compares with the covering subject, which holds the original's in one line.
func forwardSubjectRunsOn(base, value, text string) bool {
	if base == "" || len(text) > 1000 {
		return false
	}
	own := SplitSubject(foldSpace(value + " " + text)).Base
	return own != "" && strings.HasPrefix(strings.ToLower(base), strings.ToLower(own))
}

// labelAhead reports that a label this block still lacks follows shortly, so that the lines before it belong inside.
func (r *forwardBlockReader) labelAhead(i, depth int) bool {
	for j := i + 1; j < len(r.lines) && j <= i+forwardMaxAhead; j++ {
		if r.lines[j].text == "" {
			return false
		}
		label, _, ok := r.label(r.lines[j].text)
		if !ok || r.lines[j].depth != depth {
			continue
		}
		if r.block.seen[label.field] {
			return false
		}
		switch label.field {
		case forwardFrom, forwardTo, forwardDate, forwardSubject:
			return true
		}
	}
	return false
}

// forwardGuessBlock reads a block in a language that is not in the table: at least three lines "Word: value", of which
// the first with an address is the author, as in every client we know; a line that reads as a date is the date, and
// one that repeats the covering subject is the subject.
func forwardGuessBlock(lines []forwardLine, i int, base string) (forwardBlock, bool) {
	b := forwardBlock{first: i, last: i, languages: forwardAnyLanguage}
	n, persons := 0, []forwardField{forwardFrom, forwardTo, forwardCc}
	for ; i < len(lines) && n < 12 && lines[i].text != ""; i++ {
		at, width := forwardColon(lines[i].text)
		if at <= 0 || strings.ContainsAny(lines[i].text[:at], "@<>/.") || strings.Count(lines[i].text[:at], " ") > 3 {
			break
		}
		value := strings.TrimSpace(lines[i].text[at+width:])
		label, known := forwardFindLabel(lines[i].text[:at])
		if !known {
			label.field = forwardGuessField(value, base, persons)
		}
		for len(persons) > 0 && b.seen[persons[0]] || len(persons) > 0 && label.field == persons[0] {
			persons = persons[1:]
		}
		b.set(label, value)
		b.last = i
		n++
	}
	return b, n >= 3 && b.seen[forwardFrom] && strings.Contains(b.values[forwardFrom], "@") && b.kinds() >= 2
}

func forwardGuessField(value, base string, persons []forwardField) forwardField {
	if strings.Contains(value, "@") && len(persons) > 0 {
		return persons[0]
	}
	if base != "" && strings.EqualFold(SplitSubject(value).Base, base) {
		return forwardSubject
	}
	if date, _ := forwardParseDate(value, ""); !date.IsZero() {
		return forwardDate
	}
	return forwardOther
}
