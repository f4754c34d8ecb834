package store

import (
	"context"

	"blindcopy/crm"
)

// What reading and changing one contact, company, lead or deal have in common.

// one reads the record with an id, by the function that lists its kind; crm.ErrNotFound if there is none.
func one[T any](ctx context.Context, q session, kind crm.Kind, id int64, list func(context.Context, session, where, int64, int) ([]T, error)) (record T, err error) {
	var w where
	w.and("r.id = ?", id)
	found, err := list(ctx, q, w, id+1, 1)
	if err == nil && len(found) == 0 {
		err = notFound(string(kind), id)
	}
	if err != nil {
		return record, err
	}
	return found[0], nil
}

// changing carries a change of a record out, and writes down what it was and is. read reads it inside the transaction.
func changing[T any](t *tx, act string, ref crm.Ref, read func(int64) (T, error), change func(was T) error) (is T, err error) {
	was, err := read(ref.ID)
	if err != nil {
		return is, err
	}
	if err := change(was); err != nil {
		return is, err
	}
	if is, err = read(ref.ID); err != nil {
		return is, err
	}
	return is, t.auditEdit(act, ref, was, is)
}
