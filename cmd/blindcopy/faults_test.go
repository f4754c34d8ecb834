package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// bodyOf is a mail of Anna's to Ben; a large one lies in a file of its own.
func bodyOf(id string, large bool) string {
	text := mail("Anna <anna@acme.example>", "Ben <ben@client.example>", "Our offer", id)
	if large {
		text += strings.Repeat("A line of a longer mail.\r\n", 4000)
	}
	return text
}

// lines counts those of the server's log that have all of the words.
func (s *running) lines(words ...string) (n int) {
	for line := range strings.Lines(s.stderr.String()) {
		all := true
		for _, word := range words {
			all = all && strings.Contains(line, word)
		}
		if all {
			n++
		}
	}
	return n
}

// refuses offers a few mails, of which none may be taken.
func (s *running) refuses(rule, bcc, want string) {
	s.t.Helper()
	for range 4 {
		if reply, err := s.try(anna, bcc, bodyOf(rule, false)); err == nil || !strings.HasPrefix(err.Error(), want) {
			s.t.Errorf("%s: the answer to a mail is %q, %v; want %s", rule, reply, err, want)
		}
	}
}

// readiness is the answer of /readyz.
func (s *running) readiness() (int, state) {
	s.t.Helper()
	code, body := ask(s.t, "GET", "http://"+s.web+"/readyz")
	var st state
	if err := json.Unmarshal([]byte(body), &st); err != nil {
		s.t.Fatalf("/readyz: %v\n%s", err, body)
	}
	return code, st
}

const (
	troubled  = `msg="mail cannot be taken`
	recovered = `msg="mail is taken again"`
)

// TestFaultsOfTheDatabase: while one lasts mail is answered 4xx, the log says so once, /readyz why; when it is over mail is
// taken without a restart, and nothing is there twice.
func TestFaultsOfTheDatabase(t *testing.T) {
	var broken atomic.Pointer[error]
	fails := func() error {
		if err := broken.Load(); err != nil {
			return *err
		}
		return nil
	}
	breakWith := func(err error) func(*world) { return func(*world) { broken.Store(&err) } }
	heal := func(*world) { broken.Store(nil) }
	db := func(w *world) string { return filepath.Join(w.dir, "blindcopy.db") }
	move := func(t *testing.T, from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct {
		fault      string
		faults     store.Faults
		begin, end func(*world)
		reply      string
		reason     string
		log        string
	}{
		{"fsync fails", store.Faults{BeforeCommit: fails}, breakWith(&fs.PathError{Op: "fsync", Path: "crm.db-wal", Err: syscall.EIO}), heal,
			"451", "the database does not take changes", "input/output error"},
		{"the disk is full", store.Faults{BeforeCommit: fails}, breakWith(&fs.PathError{Op: "write", Path: "crm.db-wal", Err: syscall.ENOSPC}), heal,
			"452", "a disk of the database is full", "no space left on device"},
		{"the disk is read-only", store.Faults{BeforeCommit: fails}, breakWith(&fs.PathError{Op: "write", Path: "crm.db-wal", Err: syscall.EROFS}), heal,
			"451", "the database does not take changes", "read-only file system"},
		{"the database is locked", store.Faults{BeforeCommit: fails}, breakWith(crm.ErrBusy), heal,
			"451", "the database is locked or hangs", "busy"},
		{"the database is taken away", store.Faults{}, func(w *world) { move(w.t, db(w), db(w)+".away") }, func(w *world) { move(w.t, db(w)+".away", db(w)) },
			"451", "the database does not take changes", "was deleted or replaced"},
		{"the database is replaced", store.Faults{}, func(w *world) {
			move(w.t, db(w), db(w)+".away")
			if err := os.WriteFile(db(w), []byte("another"), 0o600); err != nil {
				w.t.Fatal(err)
			}
		}, func(w *world) { move(w.t, db(w)+".away", db(w)) }, "451", "the database does not take changes", "was deleted or replaced"},
		{"the log is taken away", store.Faults{}, func(w *world) { move(w.t, db(w)+"-wal", db(w)+"-wal.away") }, func(w *world) { move(w.t, db(w)+"-wal.away", db(w)+"-wal") },
			"451", "the database does not take changes", "-wal was deleted or replaced"},
	} {
		t.Run(row.fault, func(t *testing.T) {
			w := newWorld(t)
			w.faults = row.faults
			s := w.serve()
			bcc := w.bcc(anna)
			s.send(anna, bcc, bodyOf("before", true))
			row.begin(w)
			s.refuses(row.fault, bcc, row.reply)
			if code, st := s.readiness(); code != 503 || len(st.Reasons) != 1 || st.Reasons[0] != row.reason {
				t.Errorf("/readyz = %d %+v, want 503 and %q", code, st, row.reason)
			}
			if n := s.lines("level=ERROR"); n != 1 || s.lines(troubled, row.log) != 1 {
				t.Errorf("%d lines of ERROR, want one with %q:\n%s", n, row.log, s.stderr)
			}
			row.end(w)
			s.send(anna, bcc, bodyOf("after", true))
			if s.lines(recovered, "failures=4") != 1 {
				t.Errorf("the log does not say that mail is taken again:\n%s", s.stderr)
			}
			if code, st := s.readiness(); code != 200 {
				t.Errorf("/readyz = %d %+v after the fault, want 200", code, st)
			}
			if s.stop(); w.t.Failed() {
				return
			}
			w.holds(2)
		})
	}
}

// holds checks that so many mails are filed, and that the database is whole.
func (w *world) holds(mails int) {
	w.t.Helper()
	var acts []crm.Activity
	if w.json(&acts, "activity", "list", "--limit", "0"); len(acts) != mails {
		w.t.Errorf("%d activities, want %d", len(acts), mails)
	}
	w.must("check")
}

// TestCrashBetweenCommitAnd250: the mail is on disk and its sender was not told. He sends it again, and it is a duplicate.
func TestCrashBetweenCommitAnd250(t *testing.T) {
	w := newWorld(t)
	var crash atomic.Bool
	w.faults.AfterCommit = func() error {
		if crash.Load() {
			return errors.New("power failure after the commit")
		}
		return nil
	}
	s := w.serve()
	crash.Store(true)
	if reply, err := s.try(anna, w.bcc(anna), bodyOf("one", false)); err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Fatalf("the answer is %q, %v; want 451", reply, err)
	}
	crash.Store(false)
	if reply, err := s.try(anna, w.bcc(anna), bodyOf("one", false)); err != nil || !strings.Contains(reply, " duplicate") {
		t.Errorf("the answer to the second is %q, %v; want a duplicate", reply, err)
	}
	s.stop()
	w.holds(1)
}

// TestABodyThatCannotBeMadeToLast is no mail: the sender keeps it, small mail is taken meanwhile, and no file stays.
func TestABodyThatCannotBeMadeToLast(t *testing.T) {
	w := newWorld(t)
	var broken atomic.Bool
	w.faults.SyncBody = func() error {
		if broken.Load() {
			return &fs.PathError{Op: "fsync", Path: "x.eml", Err: syscall.EIO}
		}
		return nil
	}
	s := w.serve()
	bcc := w.bcc(anna)
	broken.Store(true)
	if reply, err := s.try(anna, bcc, bodyOf("large", true)); err == nil || !strings.HasPrefix(err.Error(), "451") {
		t.Errorf("a large mail: %q, %v; want 451", reply, err)
	}
	s.send(anna, bcc, bodyOf("small", false))
	broken.Store(false)
	s.send(anna, bcc, bodyOf("large", true))
	s.stop()
	w.holds(2)
	entries, err := os.ReadDir(filepath.Join(w.dir, "blindcopy.db.files"))
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files of bodies (%v), want the one that was taken", len(entries), err)
	}
}

// TestATroubleThatComesAndGoesIsToldOnceAMinute, or a disk that is nearly full would fill itself with the log.
func TestATroubleThatComesAndGoesIsToldOnceAMinute(t *testing.T) {
	clock := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	var log lockedBuffer
	c := &custody{log: textLog(&log), now: func() time.Time { return clock }}
	for range 10 {
		c.note(errors.New("no room"))
		clock = clock.Add(time.Second)
		c.note(nil)
	}
	clock = clock.Add(time.Minute)
	c.note(errors.New("no room"))
	c.note(errors.New("no room"))
	if troubles, over := strings.Count(log.String(), troubled), strings.Count(log.String(), recovered); troubles != 2 || over != 1 {
		t.Errorf("%d troubles and %d recoveries are told, want 2 and 1:\n%s", troubles, over, &log)
	}
}

func textLog(w *lockedBuffer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
