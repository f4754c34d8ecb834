package linker

import (
	"slices"
	"testing"
)

func TestSetKeepsTheFirstOfEach(t *testing.T) {
	for _, n := range []int{1, shortSet, shortSet + 1, 100} {
		s := newSet[int]()
		for round := range 2 {
			for i := 1; i <= n; i++ {
				if got, want := s.add(n+1-i), round == 0; got != want {
					t.Errorf("round %d of %d: %d is new: %v, want %v", round, n, n+1-i, got, want)
				}
			}
		}
		if s.add(0) {
			t.Error("the zero value was new")
		}
		if len(s.list) != n || s.list[0] != n || !slices.IsSortedFunc(s.list, func(a, b int) int { return b - a }) {
			t.Errorf("after %d things the list is %v", n, s.list)
		}
	}
}
