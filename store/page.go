package store

import "math"

// pageSize is how many rows a list reads at a time.
const pageSize = 1000

// collect reads a list newest first, page by page, until limit rows fit; limit 0 is all, before 0 the newest.
func collect[T any](before int64, limit int, page func(before int64, n int) ([]T, error), id func(T) int64, fits func(T) bool) ([]T, error) {
	list := []T{}
	if before == 0 {
		before = math.MaxInt64
	}
	for {
		rows, err := page(before, pageSize)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			before = id(row)
			if !fits(row) {
				continue
			}
			if list = append(list, row); len(list) == limit {
				return list, nil
			}
		}
		if len(rows) < pageSize {
			return list, nil
		}
	}
}
