package store

import (
	"bytes"
	"sync"
	"testing"
)

func TestSecretIsMadeOnceForAll(t *testing.T) {
	n := newNouns(t)
	looker := must(Open(t.Context(), Options{DSN: n.DSN, ReadOnly: true}))(t)
	defer looker.Close()
	same(t, "before its first use, read only", must(looker.Secret(t.Context(), "mark"))(t), nil)

	other := must(Open(t.Context(), Options{DSN: n.DSN}))(t)
	defer other.Close()
	var group sync.WaitGroup
	got := make([][]byte, 8)
	for i := range got {
		group.Go(func() { got[i], _ = []*Store{n.Store, other}[i%2].Secret(t.Context(), "mark") })
	}
	group.Wait()
	for i := range got {
		if len(got[i]) != secretLength || !bytes.Equal(got[i], got[0]) {
			t.Errorf("secret %d: got %x, want %x", i, got[i], got[0])
		}
	}
	same(t, "read only, later", must(looker.Secret(t.Context(), "mark"))(t), got[0])
	if another := must(n.Secret(t.Context(), "session"))(t); bytes.Equal(another, got[0]) {
		t.Errorf("two names have one secret: %x", another)
	}
}
