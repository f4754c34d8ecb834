package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

// left is a database that was closed, with a small and a large message in it.
func left(t *testing.T) (file, body string) {
	t.Helper()
	n := newNouns(t)
	n.keep(small)
	_, body = n.keep(large())
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	return n.file, body
}

// TestWhatIsLeftOfADatabaseIsNotANewOne: people move, copy, delete and mount the files one by one.
func TestWhatIsLeftOfADatabaseIsNotANewOne(t *testing.T) {
	test := func(rule, want string, harm func(t *testing.T, file, body string) error) {
		t.Run(rule, func(t *testing.T) {
			file, body := left(t)
			if err := harm(t, file, body); err != nil {
				t.Fatal(err)
			}
			for _, o := range []Options{{DSN: file}, {DSN: file, Serve: true}} {
				s, err := Open(t.Context(), o)
				if s != nil {
					_ = s.Close()
				}
				var hint HintError
				if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &hint)) {
					t.Errorf("Open(Serve: %v): got %v, want %q and a hint", o.Serve, err, want)
				}
			}
		})
	}
	test("all of it is there", "", func(*testing.T, string, string) error { return nil })
	test("the folder of bodies is gone", "refers to 1 messages in", func(_ *testing.T, file, _ string) error { return os.RemoveAll(file + ".files") })
	test("the folder of bodies is a disk that is not mounted", "refers to 1 messages in", func(_ *testing.T, file, body string) error {
		return os.Remove(filepath.Join(file+".files", body))
	})
	test("the operator says that the bodies are lost", "", func(_ *testing.T, file, body string) error {
		return os.Rename(filepath.Join(file+".files", body), filepath.Join(file+".files", "LOST"))
	})
	test("the database is gone and its bodies are there", ".files holds 1 messages of it", func(_ *testing.T, file, _ string) error { return os.Remove(file) })
	test("the database is empty and its bodies are there", ".files holds 1 messages of it", func(_ *testing.T, file, _ string) error { return os.Truncate(file, 0) })
	test("the database is gone and its log is there", "but its log", func(_ *testing.T, file, _ string) error {
		return errors.Join(os.Remove(file), os.RemoveAll(file+".files"), os.WriteFile(file+"-wal", []byte("changes"), 0o600))
	})
	test("nothing is there", "", func(_ *testing.T, file, _ string) error {
		return errors.Join(os.Remove(file), os.RemoveAll(file+".files"))
	})
}

func TestNothingIsSweptForAnOlderDatabase(t *testing.T) {
	n := newNouns(t)
	_, kept := n.keep(large())
	old := time.Now().Add(-2 * orphanAge)
	put := func(count int) {
		t.Helper()
		for i := range count {
			name := filepath.Join(n.bodies.dir, fmt.Sprintf("newer%d.eml", i))
			if err := errors.Join(os.WriteFile(name, nil, 0o600), os.Chtimes(name, old, old)); err != nil {
				t.Fatal(err)
			}
		}
	}
	put(fewLeft + 1)
	if swept, err := n.sweep(t.Context()); swept != 0 || err == nil || !strings.Contains(err.Error(), "more than crashes leave") {
		t.Errorf("11 files besides 1 that is kept: swept %d, %v; want none and why", swept, err)
	}
	if err := os.Remove(filepath.Join(n.bodies.dir, "newer0.eml")); err != nil {
		t.Fatal(err)
	}
	if swept, err := n.sweep(t.Context()); swept != fewLeft || err != nil {
		t.Errorf("10 files: swept %d, %v; want them gone", swept, err)
	}
	if _, err := os.Stat(filepath.Join(n.bodies.dir, kept)); err != nil {
		t.Errorf("the file of an intake: %v", err)
	}
}

// TestABodyThatWaitsIsNotSweptWhenTheClockJumps: its age is then that of a file that was left behind.
func TestABodyThatWaitsIsNotSweptWhenTheClockJumps(t *testing.T) {
	n := newNouns(t)
	spool := n.NewSpool()
	if _, err := spool.Write([]byte(large())); err != nil {
		t.Fatal(err)
	}
	raw := must(spool.Finish())(t)
	n.Now = func() time.Time { return time.Now().Add(24 * time.Hour) }
	if swept, err := n.sweep(t.Context()); swept != 0 || err != nil {
		t.Errorf("swept %d, %v; want the body of a message under way left alone", swept, err)
	}
	raw.Release()
}

func TestALogThatWasTakenAwayTakesNothing(t *testing.T) {
	s := opened(t, Options{})
	if err := record(s, ignored(0)); err != nil {
		t.Fatal(err)
	}
	wal := s.DSN + "-wal"
	if err := os.Rename(wal, wal+".away"); err != nil {
		t.Fatal(err)
	}
	if err := record(s, ignored(1)); err == nil || !strings.Contains(err.Error(), "-wal was deleted or replaced") {
		t.Errorf("without the log: got %v, want a refusal", err)
	}
	if err := os.Rename(wal+".away", wal); err != nil {
		t.Fatal(err)
	}
	if err := record(s, ignored(1)); err != nil {
		t.Errorf("with the log back: %v", err)
	}
}

func TestTheReserveIsForMailAlone(t *testing.T) {
	n := newNouns(t)
	n.reserve.least, n.bodies.reserve.least = 1<<60, 1<<60 // more than any disk has
	spool := n.NewSpool()
	if _, err := spool.Write([]byte(large())); !errors.Is(err, crm.ErrNoSpace) {
		t.Errorf("a large body below the reserve: %v, want crm.ErrNoSpace", err)
	}
	spool.Discard()
	if _, err := n.AddContact(t.Context(), NewContact{Name: "Ben"}); err != nil {
		t.Errorf("a person's change below the reserve: %v", err)
	}
	if _, err := n.Expire(t.Context()); err != nil {
		t.Errorf("retention, which makes room, below the reserve: %v", err)
	}
	if small := newReserve(t.TempDir(), 1<<60); small.least >= 1<<60 || small.least <= 0 {
		t.Errorf("the reserve of a disk smaller than it: %d bytes, want a twentieth of the disk", small.least)
	}
}

// TestTheClockGoesBack: two days, as after a reset of the machine. Mail is taken in the order in which it comes, and nothing expires
// early.
func TestTheClockGoesBack(t *testing.T) {
	n := newNouns(t)
	now := time.Now()
	n.Now = func() time.Time { return now }
	first, _ := n.take(letter{at: now, verdict: crm.Held, codes: []crm.Code{crm.Stranger}})
	now = now.Add(-48 * time.Hour)
	second, _ := n.take(letter{at: now, verdict: crm.Held, codes: []crm.Code{crm.Stranger}})
	same(t, "the intakes, newest first", intakeIDsOf(must(n.Intakes(t.Context(), IntakeFilter{}))(t)), []crm.IntakeID{second, first})
	same(t, "what expired", must(n.Expire(t.Context()))(t), ExpireReport{})
	must(n.RotateBCC(t.Context(), 1, false))(t)
	same(t, "findings", len(checked(t, n.Store)), 0)
}

// TestWhatWasCommittedOutlivesTheLogThatWasTakenAway: the server still has it open, and moves it into the database.
func TestWhatWasCommittedOutlivesTheLogThatWasTakenAway(t *testing.T) {
	s := opened(t, Options{Serve: true})
	if err := record(s, ignored(0)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.DSN + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := record(s, ignored(1)); err == nil {
		t.Error("mail is taken without a log")
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(checkpointEvery) {
		if err := os.WriteFile(copied, must(os.ReadFile(s.DSN))(t), 0o600); err != nil {
			t.Fatal(err)
		}
		c := must(Open(t.Context(), Options{DSN: copied, ReadOnly: true}))(t)
		list := must(c.Intakes(t.Context(), IntakeFilter{}))(t)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the database alone has %d messages, want the 1 that was committed", len(list))
		}
	}
}

// TestALockThatWasDeletedTakesNothing: processes tell each other through it what has changed, and a migration would find
// nobody at work.
func TestALockThatWasDeletedTakesNothing(t *testing.T) {
	s := opened(t, Options{})
	if err := os.Remove(s.DSN + ".lock"); err != nil {
		t.Fatal(err)
	}
	var hint HintError
	if err := record(s, ignored(0)); !errors.As(err, &hint) || !strings.Contains(err.Error(), ".lock was deleted") || !strings.Contains(hint.Hint(), "Start the server again") {
		t.Errorf("without its lock: got %v, want a refusal and what to do", err)
	}
}
