package message

import (
	"strings"
	"unicode/utf8"
)

// TrimQuoted parts what a person wrote from what he quotes: fresh is his text, rest the quotations with the lines that
// introduce them ("On … wrote:", header blocks, "-----Original Message-----"), in 45 languages. Answers between quoted
// lines are fresh, too. The signature stays in fresh. Looks at the first megabyte; time is linear.
func TrimQuoted(text string) (fresh, rest string) {
	lines := forwardLines(text)
	quoted := quoteMarks(lines, len(lines)).quoted
	var kept, cut []forwardLine
	for i, line := range lines {
		if quoted[i] {
			cut = append(cut, line)
		} else {
			kept = append(kept, line)
		}
	}
	return forwardTrimText(forwardJoin(kept, 0)), forwardTrimText(forwardJoin(cut, 0))
}

// Preview is one line of at most max characters for a timeline: what the person wrote, without quotations and
// signature, white space folded. A text that is longer is cut between words and ends in "…". A mail that only quotes
// has an empty preview.
func Preview(text string, max int) string {
	lines := forwardLines(text)
	if n := previewLines(lines, max); n < len(lines) {
		if scan := quoteMarks(lines, n); !scan.found {
			return quoteFold(lines[:n], max)
		}
	}
	return previewOfAll(lines, max)
}

func previewOfAll(lines []forwardLine, max int) string {
	quoted := quoteMarks(lines, len(lines)).quoted
	kept := lines[:0]
	for i, line := range lines {
		if !quoted[i] {
			kept = append(kept, line)
		}
	}
	return quoteFold(kept[:forwardSignature(kept)], max)
}

// previewLines is how many lines a preview of max characters depends on if nothing in them is quoted: most people write
// more than a preview shows, and what they quote stands far below. They are the lines that fill it, those
// behind them in which a signature may begin that reaches up into it, and those that an attribution may take back.
func previewLines(lines []forwardLine, max int) int {
	room, below := max+len(" "), forwardSignatureLines
	for i, line := range lines {
		switch {
		case line.text == "":
		case line.text == "--" || line.text == "—":
			return len(lines)
		case room >= 0:
			if quoteShows(line.text) {
				room -= utf8.RuneCountInString(foldSpace(cutString(line.text, 8*max+8))) + len(" ")
			}
		case forwardMarkerOf(line.text).kind != forwardMarkerRule:
			below--
		}
		if below == 0 {
			return min(i+1+forwardAttributionAbove, len(lines))
		}
	}
	return len(lines)
}

// quoteFold joins lines to at most max characters.
func quoteFold(lines []forwardLine, max int) string {
	var b strings.Builder
	for _, line := range lines {
		if b.Len() > 4*max+4 {
			break
		}
		if !quoteShows(line.text) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(cutString(line.text, 8*max+8))
	}
	return quoteEllipsis(foldSpace(b.String()), max)
}

// quoteShows tells the lines of words from rules and pictures.
func quoteShows(text string) bool {
	return text != "" && !quoteIsPicture(text) && forwardDashes(text) != len(text)
}

// quoteIsPicture recognises what plain-text converters put for a picture: "[cid:image001.png@01D…]", "[image: logo]".
func quoteIsPicture(text string) bool {
	return strings.HasPrefix(text, "[cid:") || strings.HasPrefix(text, "[image:") || strings.HasPrefix(text, "[Image ")
}

// quoteEllipsis cuts s to max characters, between words where a word boundary is not too far back.
func quoteEllipsis(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	if max <= 1 {
		return strings.Repeat("…", max)
	}
	end := 0
	for n := 0; n < max-1; n++ {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	head := s[:end]
	if s[end] != ' ' {
		if at := strings.LastIndexByte(head, ' '); at > end/2 {
			head = head[:at]
		}
	}
	return strings.TrimRight(head, " ,;:.–-") + "…"
}

// quoteMarks looks at the first n lines and tells of each line whether it is quoted or introduces a quotation.
func quoteMarks(lines []forwardLine, n int) quoteScan {
	scan := quoteScan{lines: lines, quoted: make([]bool, len(lines))}
	for i := 0; i < n; {
		switch {
		case lines[i].depth > 0:
			i = scan.mark(i, i+1)
		case lines[i].text == "":
			i++
		default:
			i = max(i+1, scan.begin(i))
		}
	}
	return scan
}

// quoteScan walks over the lines a person may have written.
type quoteScan struct {
	attributionReader
	lines  []forwardLine
	quoted []bool
	found  bool // something is quoted
	tries  int  // header blocks read below rules
}

// mark sets lines first to next-1 as quoted.
func (s *quoteScan) mark(first, next int) int {
	s.found = true
	for i := first; i < next; i++ {
		s.quoted[i] = true
	}
	return next
}

// begin looks for the start of a quotation on line i and returns where to go on. Where no marks at the lines tell the
// end of a quotation, it takes the whole rest of the text.
func (s *quoteScan) begin(i int) (next int) {
	text := s.lines[i].text
	if quoteIsReplyLine(text) {
		return s.mark(i, len(s.lines))
	}
	if m := forwardMarkerOf(text); m.kind != forwardMarkerNone {
		if s.markerHolds(i, m) {
			return s.mark(i, len(s.lines))
		}
		return i
	}
	if label, _, ok := forwardReadLabel(text); ok && label.field != forwardOther {
		reader := forwardBlockReader{lines: s.lines}
		if quoteBlockHolds(reader.read(i)) {
			return s.mark(i, len(s.lines))
		}
		return reader.visited
	}
	a, ok := s.attribution(s.lines, i)
	if !ok {
		a, ok = quoteBareAttribution(s.lines, i)
	}
	if !ok {
		return i
	}
	if below, found := forwardNextText(s.lines, i+1, 3); found && s.lines[below].depth == 0 {
		return s.mark(a.first, len(s.lines))
	}
	return s.mark(a.first, i+1)
}

// markerHolds reports that a marker begins a quotation: a worded one does, a bare rule only above a header block.
func (s *quoteScan) markerHolds(i int, m forwardMarker) bool {
	if m.kind == forwardMarkerOriginal && !m.end || m.kind == forwardMarkerForward && strings.IndexByte("-=_*~", s.lines[i].text[0]) >= 0 {
		return true
	}
	j, ok := forwardNextText(s.lines, i+1, 4)
	if !ok {
		return false
	}
	if _, _, ok := forwardReadLabel(s.lines[j].text); !ok || s.tries >= forwardMaxTries {
		return false
	}
	s.tries++
	reader := forwardBlockReader{lines: s.lines}
	block := reader.read(j)
	return block.seen[forwardFrom] && block.kinds() >= 2
}

// quoteBlockHolds keeps a travel request ("From: Prague / To: Berlin / Date: Monday") out of the header blocks.
func quoteBlockHolds(block forwardBlock) bool {
	people := strings.Contains(block.values[forwardFrom]+block.values[forwardTo], "@")
	return block.seen[forwardFrom] && (block.kinds() == 4 || block.kinds() == 3 && (people || block.seen[forwardSubject]))
}

// quoteIsReplyLine recognises the line of help desks above which the answer belongs.
func quoteIsReplyLine(text string) bool {
	if len(text) > 120 || !strings.HasPrefix(text, "##") && !strings.HasPrefix(text, "--") && !strings.HasPrefix(text, "==") {
		return false
	}
	key := foldText(text)
	return strings.Contains(key, "reply above this line") || strings.Contains(key, "type your reply above") || strings.Contains(key, "write above this line")
}

// quoteBareAttribution takes "John wrote:" without date or address, but only directly above quoted lines.
func quoteBareAttribution(lines []forwardLine, i int) (forwardAttribution, bool) {
	text := lines[i].text
	below, ok := forwardNextText(lines, i+1, 2)
	if !ok || lines[below].depth == 0 || len(text) > 120 || !forwardEndsInColon(text) || !forwardHasVerb(text) {
		return forwardAttribution{}, false
	}
	return forwardAttribution{first: i, last: i}, true
}
