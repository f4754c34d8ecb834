package main

import (
	"strings"
)

// maxCell bounds a quoted cell, in bytes: notes of a CRM are long, but a quote that was
// never closed is longer.
const maxCell = 64 << 10

// records cuts a CSV text (RFC 4180) into records, one at a time.
//
// QUIRK: encoding/csv loses everything after a quote that is never closed. People edit
// exports by hand, and one such line must not cost them the other 100,000: it is
// reported, and reading goes on at the next line.
type records struct {
	text    string
	comma   byte
	wanted  int  // cells of the header; 0 while it is read
	pos     int  // in text
	line    int  // of pos, 1 is the first
	wasted  int  // bytes that were looked through for a quote that never came
	literal bool // quotes mean nothing any more: so much was wasted that the time would not be linear
}

func newRecords(text string, comma byte) *records {
	return &records{text: text, comma: comma, line: 1}
}

// next returns the cells of the next record and the line it begins on. An error concerns
// this record alone. ok is false at the end.
func (r *records) next() (cells []string, line int, err error, ok bool) {
	if r.pos >= len(r.text) {
		return nil, r.line, nil, false
	}
	start, line := r.pos, r.line
	for more := true; more; {
		var cell string
		var closed bool
		if cell, more, closed = r.cell(); !closed {
			return nil, line, r.skip(start, line), true
		}
		cells = append(cells, cell)
	}
	if r.line > line+1 && len(cells) < r.wanted {
		// A record over several lines that has too few cells swallowed its neighbours.
		return nil, line, r.skip(start, line), true
	}
	return cells, line, nil, true
}

// skip goes to the line after start, where a record could not be read.
func (r *records) skip(start, line int) error {
	r.wasted += max(r.pos-start, maxCell)
	r.literal = r.literal || r.wasted > len(r.text)+16*maxCell
	r.pos, r.line = start, line
	r.plain("\n")
	r.newline()
	return lineError{line, "a quote is opened and never closed"}
}

// cell reads one cell and the separator after it. more tells that the record goes on;
// closed is false for a quote without an end.
func (r *records) cell() (cell string, more, closed bool) {
	if r.literal || r.pos >= len(r.text) || r.text[r.pos] != '"' {
		cell = r.plain(string(r.comma) + "\n")
		cell = strings.TrimSuffix(cell, "\r")
	} else if cell, closed = r.quoted(); !closed {
		return "", false, false
	}
	if r.pos < len(r.text) && r.text[r.pos] == r.comma {
		r.pos++
		return cell, true, true
	}
	r.newline()
	return cell, false, true
}

// plain reads up to one of the bytes in ends.
func (r *records) plain(ends string) string {
	rest := r.text[r.pos:]
	n := strings.IndexAny(rest, ends)
	if n < 0 {
		n = len(rest)
	}
	r.pos += n
	return rest[:n]
}

func (r *records) newline() {
	if r.pos < len(r.text) {
		r.pos++
	}
	r.line++
}

// quoted reads a cell in quotes. A quote inside that is neither doubled nor followed by
// the end of the cell stands for itself: `"Smith "Bob" Ltd"` is what people type. They type
// it on one line; after a line end such a quote opens the cell of another record.
func (r *records) quoted() (cell string, closed bool) {
	rest := r.text[r.pos+1:]
	limit := min(len(rest), maxCell)
	oneLine := true
	for i := 0; i < limit; i++ {
		if rest[i] != '"' {
			oneLine = oneLine && rest[i] != '\n'
			continue
		}
		if i+1 < len(rest) && rest[i+1] == '"' {
			i++
			continue
		}
		if after, ends := r.endsCell(rest[i+1:]); ends {
			r.line += strings.Count(rest[:i], "\n")
			r.pos += 1 + i + 1 + after
			return strings.ReplaceAll(rest[:i], `""`, `"`), true
		}
		if !oneLine {
			return "", false
		}
	}
	return "", false
}

// endsCell tells whether a cell ends here, after n spaces or a carriage return.
func (r *records) endsCell(rest string) (n int, ends bool) {
	for n < len(rest) && n < 16 && (rest[n] == ' ' || rest[n] == '\r') {
		n++
	}
	return n, n == len(rest) || rest[n] == '\n' || rest[n] == r.comma
}

// separator finds what stands between the cells: the one by which the first line
// has most columns that we know, then most columns at all.
func separator(text string) byte {
	best, bestScore := byte(','), -1
	for _, comma := range []byte(",;\t|") {
		cells, _, err, ok := newRecords(text, comma).next()
		if err != nil || !ok {
			continue
		}
		score := 1000*newLayout(cells).known() + min(len(cells), 999)
		if score > bestScore {
			best, bestScore = comma, score
		}
	}
	return best
}
