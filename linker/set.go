package linker

import "slices"

// set keeps things once, in the order they came.
type set[T comparable] struct {
	list []T
	seen map[T]struct{} // nil while the list is short
}

// shortSet is up to which length looking through a list is less work than a map. Most mail has a handful of people.
const shortSet = 8

func newSet[T comparable]() *set[T] { return &set[T]{} }

// add tells whether v is new; the zero value never is.
func (s *set[T]) add(v T) bool {
	var zero T
	if v == zero || s.has(v) {
		return false
	}
	s.list = append(s.list, v)
	switch {
	case s.seen != nil:
		s.seen[v] = struct{}{}
	case len(s.list) > shortSet:
		s.seen = make(map[T]struct{}, 2*len(s.list))
		for _, v := range s.list {
			s.seen[v] = struct{}{}
		}
	}
	return true
}

func (s *set[T]) has(v T) bool {
	if s.seen == nil {
		return slices.Contains(s.list, v)
	}
	_, ok := s.seen[v]
	return ok
}
