package store

import "strings"

// bulkRows is how many rows go into a table at once. A statement costs about as much as the row that it writes.
const bulkRows = 32

// bulk are rows that wait to be inserted into a table.
type bulk struct {
	many, one string // statements
	width     int    // columns of a row
	values    []any  // row after row: int64, string, bool or nil
}

// newBulk is for a table with its columns, such as "holder (address, kind)".
func newBulk(into string) *bulk {
	width := strings.Count(into, ",") + 1
	row := ", (" + strings.Repeat("?, ", width-1) + "?)"
	insert := insertOrFail + into + " VALUES "
	return &bulk{many: insert + strings.Repeat(row, bulkRows)[2:], one: insert + row[2:], width: width}
}

func (b *bulk) add(values ...any) { b.values = append(b.values, values...) }

// write inserts the rows in their order.
func (b *bulk) write(t *tx) error {
	for rest := b.values; len(rest) > 0; {
		query, n := b.one, b.width
		if len(rest) >= bulkRows*b.width {
			query, n = b.many, bulkRows*b.width
		}
		if err := t.exec(query, rest[:n]...); err != nil {
			return err
		}
		rest = rest[n:]
	}
	clear(b.values)
	b.values = b.values[:0]
	return nil
}
