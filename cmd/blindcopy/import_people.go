package main

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"blindcopy/crm"
)

// maxImport bounds the file of an import, in bytes.
const maxImport = 256 << 20

// maxEmails bounds the addresses of one person.
const maxEmails = 50

// person is one entry of a file to import, whatever its format.
type person struct {
	line    int // it begins on
	name    string
	emails  []crm.Address
	company string
}

// lineError is what was wrong with one entry of a file.
type lineError struct {
	line int
	text string
}

func (e lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

// people reads a CSV or vCard file, told apart by what is in it. The error is about the
// file as a whole; an error in the sequence is a lineError, beside the person if
// the rest of the entry is good.
func people(data []byte) (iter.Seq2[person, error], error) {
	if len(data) > maxImport {
		return nil, fmt.Errorf("the file is larger than %s: split it", size(maxImport))
	}
	if text, ok := vcardText(data); ok {
		return vcardPeople(text), nil
	}
	table, err := newCSVTable(decodeText(data))
	if err != nil {
		return nil, err
	}
	return table.layout.people(table.rows), nil
}

// entries counts roughly what a file holds, for the progress bar.
func entries(data []byte) int {
	if text, ok := vcardText(data); ok {
		return strings.Count(strings.ToUpper(text), "BEGIN:VCARD")
	}
	return strings.Count(string(data), "\n")
}

// csvTable is a CSV file that was looked at: its columns, and the rows below a header, or all rows where there is none.
type csvTable struct {
	header []string // the first row
	layout layout
	rows   *records
}

func newCSVTable(text string) (csvTable, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // a Macintosh of before 2001, or Excel for one
	}
	// QUIRK: Excel wants its separator announced in a first line of its own.
	declared, rest, found := strings.Cut(text, "\n")
	skipped := 0
	if found && strings.HasPrefix(strings.ToLower(declared), "sep=") {
		text, skipped = rest, 1
	}
	r := newRecords(text, separator(text))
	if skipped == 1 && len(declared) > 4 {
		r.comma = declared[4]
	}
	r.line += skipped
	start := *r
	header, err := r.header()
	if err != nil {
		return csvTable{}, err
	}
	l := newLayout(header)
	switch {
	case len(l.emails) > 0:
		r.wanted = len(header)
	case l.known() == 0 && len(guessLayout(header).emails) > 0:
		l, *r = guessLayout(header), start // the first row is a person already
	default:
		if l = l.guessFrom(*r); len(l.emails) == 0 {
			return csvTable{}, noEmailColumn(header)
		}
		r.wanted = len(header)
	}
	return csvTable{header, l, r}, nil
}

// header is the first row that is not blank.
func (r *records) header() ([]string, error) {
	for {
		cells, _, err, ok := r.next()
		switch {
		case !ok:
			return nil, errors.New("the file is empty")
		case err != nil:
			return nil, fmt.Errorf("the header cannot be read: %w", err)
		case strings.TrimSpace(strings.Join(cells, "")) != "":
			return cells, nil
		}
	}
}

// guessFrom completes a layout whose header names no e-mail column, as in a language that we have
// no words for, from the first rows below it.
func (l layout) guessFrom(rows records) layout {
	const enough = 20
	for range enough {
		cells, _, err, ok := rows.next()
		if !ok {
			break
		}
		guess := guessLayout(cells)
		if err != nil || len(guess.emails) == 0 {
			continue
		}
		l.emails = guess.emails
		if l.name < 0 && l.first < 0 && l.last < 0 {
			l.name, l.company = guess.name, max(l.company, guess.company)
		}
		return l
	}
	return l
}

func noEmailColumn(header []string) error {
	titles := header[:min(len(header), 20)]
	err := fmt.Errorf("no column with e-mail addresses among: %s", clip(oneLine(strings.Join(titles, ", ")), 300))
	return withHint(err, `Name the columns in the first line, for instance: name,email,company`)
}

func (l layout) people(r *records) iter.Seq2[person, error] {
	return func(yield func(person, error) bool) {
		for {
			cells, line, err, ok := r.next()
			if !ok {
				return
			}
			if err != nil {
				if !yield(person{line: line}, err) {
					return
				}
				continue
			}
			if strings.TrimSpace(strings.Join(cells, "")) == "" {
				continue
			}
			if !yield(l.person(cells, line)) {
				return
			}
		}
	}
}

func (l layout) person(cells []string, line int) (person, error) {
	cell := func(at int) string {
		if at < 0 || at >= len(cells) {
			return ""
		}
		return cleanName(cells[at])
	}
	p := person{line: line, name: cell(l.name), company: cell(l.company)}
	if p.name == "" {
		p.name = cleanName(cell(l.first) + " " + cell(l.middle) + " " + cell(l.last))
	}
	var bad []string
	for _, at := range l.emails {
		if at < len(cells) {
			bad = append(bad, p.addEmails(cells[at])...)
		}
	}
	return p, p.check(bad)
}

// check says what is wrong with a person who was read.
func (p *person) check(bad []string) error {
	switch {
	case len(bad) > 0:
		return lineError{p.line, fmt.Sprintf("%q is no e-mail address", clip(oneLine(bad[0]), 80))}
	case len(p.emails) == 0 && p.name != "":
		return lineError{p.line, fmt.Sprintf("%s has no e-mail address", clip(p.name, 80))}
	case len(p.emails) == 0:
		return lineError{p.line, "no name and no e-mail address"}
	}
	return nil
}

// addEmails takes the addresses of one cell: several may stand in it, apart by commas, semicolons,
// spaces, lines or the " ::: " of Google, and each may be `Name <address>`. It
// returns what has an @ or stands alone and is none.
func (p *person) addEmails(cell string) (bad []string) {
	parts := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|/ \t\r\n\u00a0", r) })
	found := false
	for _, part := range parts {
		part = strings.TrimPrefix(strings.Trim(part, "<>:"), "mailto:")
		if !strings.Contains(part, "@") {
			continue // a word of a display name
		}
		found = true
		address, ok := typedAddress(part)
		if !ok {
			bad = append(bad, part)
			continue
		}
		p.addEmail(address)
	}
	if text := strings.TrimSpace(cell); !found && text != "" && text != "-" {
		bad = append(bad, text)
	}
	return bad
}

func (p *person) addEmail(a crm.Address) {
	for _, have := range p.emails {
		if have == a {
			return
		}
	}
	if len(p.emails) < maxEmails {
		p.emails = append(p.emails, a)
	}
}

// cleanName is a name on one line. QUIRK: some exports begin a cell with an apostrophe, so
// that a spreadsheet does not take it for a formula.
func cleanName(s string) string {
	s = oneLine(s)
	if len(s) > 1 && s[0] == '\'' && strings.ContainsRune("=+-@", rune(s[1])) {
		s = s[1:]
	}
	const longest = 300
	return clip(s, longest)
}
