package main

import (
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// expire lets so much time pass that the content of what is held now goes.
func (w *world) expire() {
	w.t.Helper()
	later := time.Now().AddDate(0, 0, 31)
	s, err := store.Open(w.t.Context(), store.Options{DSN: w.dir + "/blindcopy.db", Now: func() time.Time { return later }})
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Expire(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// TestRelinkPassesOverWhatHasExpired: one held mail whose content is gone keeps no other from being filed.
func TestRelinkPassesOverWhatHasExpired(t *testing.T) {
	w := newWorld(t)
	w.must("mailbox", "edit", "1", "--unknown", "review")
	s := w.serve()
	gone := s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Old", "old"))
	w.expire()
	fresh := s.send(anna, w.bcc(anna), mail(anna, "eva@client.example", "New", "new"))

	r := w.run("relink", "--held")
	if r.code != exitDone || !strings.Contains(r.stdout, string(fresh)) || strings.Contains(r.stdout, string(gone)) ||
		!strings.Contains(r.stderr, "Passed over, for the content has expired: "+string(gone)) {
		t.Errorf("exit %d\n%s%s", r.code, r.stdout, r.stderr)
	}
	var list []crm.Intake
	if w.json(&list, "relink", "--held"); len(list) != 1 || list[0].ID != fresh {
		t.Errorf("looked at %+v, want %s", list, fresh)
	}
	for _, args := range [][]string{{"relink", string(gone)}, {"review", "create", string(gone), "--lead"}} {
		if r := w.run(args...); r.code != exitFailed || !strings.Contains(r.stderr, "content has expired") {
			t.Errorf("%s: exit %d, want %d and why\n%s", strings.Join(args, " "), r.code, exitFailed, r.stderr)
		}
	}
}
