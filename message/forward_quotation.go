package message

import "strings"

// forwardQuotation is the first place of a body where another message begins.
type forwardQuotation struct {
	first       int  // first line that the forwarder did not write: a marker, a rule, or the header block itself
	body        int  // first line below the header block
	depth       int  // quote marks before the header block
	explicit    bool // a line says "forwarded message"
	attribution bool // "On … wrote:" instead of a header block
	from        Address
	block       forwardBlock
	language    string
}

// author reads the From line; name reports that at least a name stands there.
func (q *forwardQuotation) author() (from Address, name bool) {
	if q.attribution {
		return q.from, q.from.Name != ""
	}
	from = forwardAuthor(q.block.values[forwardFrom])
	if other := forwardAuthor(q.block.rival); other.Addr != "" && from.Addr != "" && !strings.EqualFold(other.Addr, from.Addr) {
		from = Address{Name: from.Addr + ", " + other.Addr}
	}
	return from, from.Name != ""
}

// firstQuotation walks down the body to the first header block or attribution.
func (f *forwardFinder) firstQuotation(lines []forwardLine) (forwardQuotation, bool) {
	for i := 0; i < len(lines); {
		text := lines[i].text
		if text == "" {
			i++
			continue
		}
		if m := forwardMarkerOf(text); m.kind != forwardMarkerNone {
			if q, ok := f.underMarker(lines, i, m); ok {
				return q, true
			}
			i++
			continue
		}
		if label, _, ok := forwardReadLabel(text); ok && label.field != forwardOther {
			q, next, ok := f.bareBlock(lines, i)
			if ok {
				return q, true
			}
			i = next
			continue
		}
		if a, ok := f.attribution(lines, i); ok {
			return forwardAttributed(lines, a), true
		}
		if f.subject.Forward && strings.Contains(text, "@") && f.mayTry() {
			if block, ok := forwardGuessBlock(lines, i, f.subject.Base); ok && block.kinds() >= 3 && block.seen[forwardDate] {
				return forwardBlocked(lines, forwardQuoteTop(lines, i), block), true
			}
		}
		i++
	}
	return forwardQuotation{}, false
}

// mayTry counts the costly attempts: each looks again at up to 30 lines, which would be too much on every line of a
// large body.
func (f *forwardFinder) mayTry() bool {
	f.tries++
	return f.tries <= forwardMaxTries
}

const forwardMaxTries = 200

// bareBlock reads a header block without any marker above, as Outlook for Mac, GMX and new Outlook print it.
func (f *forwardFinder) bareBlock(lines []forwardLine, i int) (q forwardQuotation, next int, ok bool) {
	reader := forwardBlockReader{lines: lines, base: f.subject.Base}
	block := reader.read(i)
	if block.seen[forwardFrom] && block.kinds() < 3 && f.mayTry() {
		if inline, ok := forwardInlineParagraph(lines, i, lines[i].text); ok {
			return forwardBlocked(lines, i, inline), inline.last + 1, true
		}
	}
	first := forwardQuoteTop(lines, i)
	enough := block.kinds() >= 3 || block.kinds() == 2 && f.subject.Forward && strings.Contains(block.values[forwardFrom], "@")
	return forwardBlocked(lines, first, block), reader.visited, block.seen[forwardFrom] && enough
}

// forwardQuoteTop finds where the quote begins that holds line i: up to two lines at the head of it are a marker that we do
// not know ("Message du 02/11/26 16:05" of Orange), not the forwarder's note.
func forwardQuoteTop(lines []forwardLine, i int) int {
	for j := i - 1; j >= 0 && j >= i-3 && lines[j].depth > 0 && lines[i].depth > 0; j-- {
		if lines[j].text != "" && (j == 0 || lines[j-1].depth == 0) {
			return j
		}
	}
	return i
}

// underMarker reads what stands below a marker or rule on line i: a header block, one that ran together behind the
// marker, or an attribution.
func (f *forwardFinder) underMarker(lines []forwardLine, i int, m forwardMarker) (forwardQuotation, bool) {
	if m.end {
		return forwardQuotation{}, false
	}
	if m.rest != "" && f.mayTry() {
		if block, ok := forwardInlineParagraph(lines, i, m.rest); ok {
			return forwardMarked(forwardBlocked(lines, i, block), i, m), true
		}
		if _, _, ok := forwardReadLabel(m.rest); ok {
			lines = append([]forwardLine{}, lines[:min(len(lines), i+200)]...)
			lines[i].text = m.rest
		}
	}
	at := i + 1
	if m.rest != "" {
		at = i
	}
	j, ok := forwardNextText(lines, at, 4)
	if !ok {
		return forwardQuotation{}, false
	}
	if at, _ := forwardColon(lines[j].text); at >= 0 || m.kind != forwardMarkerRule {
		if q, ok := f.markedBlock(lines, j, m); ok {
			return forwardMarked(q, i, m), true
		}
	}
	for k := j; k < len(lines) && k < j+3; k++ {
		if a, ok := f.attribution(lines, k); ok && a.first >= j {
			return forwardMarked(forwardAttributed(lines, a), i, m), true
		}
	}
	return forwardQuotation{}, false
}

// markedBlock reads the header block on line j under a marker. Less of it is asked for than of a bare one.
func (f *forwardFinder) markedBlock(lines []forwardLine, j int, m forwardMarker) (forwardQuotation, bool) {
	if !f.mayTry() {
		return forwardQuotation{}, false
	}
	worded := m.kind != forwardMarkerRule
	reader := forwardBlockReader{lines: lines, base: f.subject.Base, marked: worded}
	block := reader.read(j)
	address := strings.Contains(block.values[forwardFrom], "@")
	if block.seen[forwardFrom] && (block.kinds() >= 2 || worded && address) {
		return forwardBlocked(lines, j, block), true
	}
	// QUIRK: Yandex prints "Кому:" and "Тема:" and then an attribution instead of the From line.
	if last := block.last + 1; block.kinds() > 0 && last < len(lines) && !block.seen[forwardFrom] {
		if a, ok := f.attribution(lines, last); ok && a.first >= last {
			q := forwardAttributed(lines, a)
			for field, value := range block.values {
				block.values[field] = strings.TrimRight(value, "; ")
			}
			block.values[forwardDate] = a.date
			q.block = block
			return q, true
		}
	}
	if f.subject.Forward || m.kind == forwardMarkerForward {
		if block, ok := forwardGuessBlock(lines, j, f.subject.Base); ok {
			return forwardBlocked(lines, j, block), true
		}
	}
	return forwardQuotation{}, false
}

func forwardBlocked(lines []forwardLine, first int, block forwardBlock) forwardQuotation {
	return forwardQuotation{
		first: first, body: block.last + 1, depth: lines[block.first].depth,
		block: block, language: forwardLanguageCode(block.languages),
	}
}

func forwardAttributed(lines []forwardLine, a forwardAttribution) forwardQuotation {
	q := forwardQuotation{first: a.first, body: a.last + 1, depth: lines[a.first].depth, attribution: true, from: a.from}
	q.block.values[forwardDate] = a.date
	if key := foldText(lines[a.last].text); strings.Contains(key, "napisao") || strings.Contains(key, "je napisa") {
		q.language = "hr" // its months differ from the Czech and Polish ones, where "napisał" is "wrote"
	}
	return q
}

// forwardMarked moves the start of q up to its marker.
func forwardMarked(q forwardQuotation, i int, m forwardMarker) forwardQuotation {
	q.first = i
	q.explicit = m.kind == forwardMarkerForward
	return q
}
