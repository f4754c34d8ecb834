package store

import (
	"context"
	"fmt"
	"strings"

	"blindcopy/crm"
)

// where is the condition of a list. The table that is listed is r.
type where struct {
	conditions string
	args       []any
}

func (w *where) and(condition string, args ...any) {
	w.conditions += " AND " + condition
	w.args = append(w.args, args...)
}

// owned narrows to the records of a user, crm.ErrNotFound if nobody has the address; "" does not narrow.
func (w *where) owned(ctx context.Context, q session, a crm.Address) error {
	if a == "" {
		return nil
	}
	id, err := userAt(ctx, q, a)
	if err == nil {
		w.and("r.owner = ?", int64(id))
	}
	return err
}

// selectPage reads the n newest rows before an id.
func selectPage[T any](ctx context.Context, q session, query string, w where, before int64, n int) (rows []T, err error) {
	args := append(append([]any{before}, w.args...), n)
	err = q.list(ctx, &rows, query+" WHERE r.id < ?"+w.conditions+" ORDER BY r.id DESC LIMIT ?", args...)
	return rows, err
}

// set is what an UPDATE changes.
type set struct {
	columns []string
	args    []any
}

func (u *set) to(column string, value any) {
	u.columns = append(u.columns, column+" = ?")
	u.args = append(u.args, value)
}

// setColumns changes one row; an empty set changes nothing.
func (t *tx) setColumns(table string, id int64, u set) error {
	if len(u.columns) == 0 {
		return nil
	}
	_, err := t.do(fmt.Sprintf("UPDATE %s SET %s WHERE id = ?", table, strings.Join(u.columns, ", ")), append(u.args, id)...)
	return err
}

func ids[T any](rows []T, id func(T) int64) []int64 {
	list := make([]int64, len(rows))
	for i, r := range rows {
		list[i] = id(r)
	}
	return list
}

func namedOrNil(id int64, name string) *crm.Named {
	if id == 0 {
		return nil
	}
	return &crm.Named{ID: id, Name: name}
}
