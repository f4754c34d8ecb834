package main

import (
	"strings"
)

// table is a list for people: aligned columns two spaces apart, no borders, clipped to
// the terminal. In a file or a pipe only what strangers wrote is clipped; --json has it whole.
type table struct {
	head []string
	rows [][]string
}

// gap stands between two columns.
const gap = "  "

// longCell is the most of a stranger's text that a cell shows: one name of 500 letters would
// make every row as wide.
const longCell = 60

// strangers are the columns whose text comes out of mail. Ids, patterns and BCC addresses, which are
// there to be copied, stay whole.
var strangers = map[string]bool{"TITLE": true, "NAME": true, "E-MAIL": true, "SUBJECT": true, "FROM": true, "WITH": true,
	"COMPANY": true, "CONTACTS": true, "DOMAINS": true}

// narrowColumn is the least a column is clipped to.
const narrowColumn = 8

func newTable(head ...string) *table { return &table{head: head} }

// row adds a line. A cell is made safe and single-line here, so callers pass what they have.
func (t *table) row(cells ...string) {
	for i := range cells {
		cells[i] = oneLine(cells[i])
		if strangers[t.head[i]] {
			cells[i] = clip(cells[i], longCell)
		}
	}
	t.rows = append(t.rows, cells)
}

// write prints the table.
func (t *table) write(s *screen) {
	widths := t.widths()
	if s.width > 0 {
		shrink(widths, s.width-len(gap)*(len(widths)-1))
	}
	s.line(s.faint(format(t.head, widths)))
	for _, row := range t.rows {
		s.line(format(row, widths))
	}
}

func (t *table) widths() []int {
	widths := make([]int, len(t.head))
	for i, name := range t.head {
		widths[i] = columns(name)
	}
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	return widths
}

// shrink takes columns from the widest until the sum fits, so that short ones such as
// ids and verdicts stay whole.
func shrink(widths []int, room int) {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	for sum > room {
		widest := 0
		for i, w := range widths {
			if w > widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= narrowColumn {
			return
		}
		widths[widest]--
		sum--
	}
}

func format(cells []string, widths []int) string {
	parts := make([]string, len(cells))
	for i, cell := range cells {
		parts[i] = pad(clip(cell, widths[i]), widths[i])
	}
	return strings.TrimRight(strings.Join(parts, gap), " ")
}
