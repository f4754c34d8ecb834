package store

// pageSize is how many rows a list reads at a time.
const pageSize = 1000

// collect reads a list newest first, page by page, until it has limit rows; limit 0 is all.
func collect[T any](before int64, limit int, page func(before int64, n int) ([]T, error), id func(T) int64) ([]T, error) {
	list := []T{}
	for {
		n := pageSize
		if limit > 0 {
			n = min(n, limit-len(list))
		}
		rows, err := page(before, n)
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
		if len(rows) < n || len(list) == limit {
			return list, nil
		}
		before = id(rows[len(rows)-1])
	}
}
