package main

import (
	"context"

	"github.com/spf13/cobra"

	"blindcopy/crm"
	"blindcopy/store"
)

// What the verbs of all kinds of records have in common.

// showVerb is `blindcopy contact show ID` and its like: read reads one record, write prints it for people.
func showVerb[T any](a *app, kind crm.Kind, example string, read func(*store.Store, context.Context, int64) (T, error), write func(*screen, T)) *cobra.Command {
	return &cobra.Command{
		Use:     "show ID",
		Short:   "Show a " + string(kind),
		Example: example,
		Args:    cobra.ExactArgs(1),
		RunE: a.reading(func(ctx context.Context, o *office, args []string) error {
			id, err := o.recordID(ctx, kind, args[0])
			if err != nil {
				return err
			}
			record, err := read(o.store, ctx, id)
			if err != nil {
				return err
			}
			return o.show(record, func(s *screen) { write(s, record) })
		}),
	}
}

// printList prints what a filter leaves; limit is that of the filter.
func printList[F, T any](ctx context.Context, o *office, f F, limit int, find func(context.Context, F) ([]T, error), write func(*screen, []T, int)) error {
	if err := checkLimit(limit); err != nil {
		return err
	}
	found, err := find(ctx, f)
	if err != nil {
		return err
	}
	return o.show(orEmpty(found), func(s *screen) { write(s, found, limit) })
}
