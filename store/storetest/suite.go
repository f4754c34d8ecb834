// Package storetest is what every database behind package store has to keep: the promises that a linker, a
// command line and a mail server rely on, tested from outside.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"blindcopy/crm"
	"blindcopy/store"
)

// Opener opens the database at a path that the suite chose; where there is none, a new one.
type Opener func(ctx context.Context, o store.Options) (*store.Store, error)

// Run runs the suite.
func Run(t *testing.T, open Opener) {
	for _, test := range []struct {
		rule string
		run  func(*testing.T, *suite)
	}{
		{"a second sighting is a capture of the same activity", secondSighting},
		{"one mail fifty times at once is one activity", oneMailManyTimes},
		{"fifty mails to one unknown address make one lead", oneAddressManyMails},
		{"what was decided from old facts is refused", oldFacts},
		{"what was decided by old rules is refused", oldRules},
		{"what is decided in the writer is never stale", decidedInTheWriter},
		{"a change of somebody else refuses nothing", otherFacts},
		{"a reply that comes before its parent is joined to it", replyFirst},
		{"raw bytes come back exactly", rawBytes},
		{"a body that nobody took is gone", looseBody},
		{"what was committed is there after opening again", reopened},
		{"two processes make one activity and one lead", twoProcesses},
		{"a rule that one process changes holds in the other at once", rulesOfTwo},
		{"a commit that fails leaves nothing", failedCommit},
		{"a crash after the commit leaves one mail, however often it is sent again", crashAfterCommit},
		{"a record that fails fails alone", failsAlone},
		{"nothing is written by whoever only reads", readOnly},
		{"an intake is not recorded twice", sameIntake},
	} {
		t.Run(test.rule, func(t *testing.T) { test.run(t, newSuite(t, open)) })
	}
}

// suite is one test with a database of its own.
type suite struct {
	open Opener
	path string
	*office
}

func newSuite(t *testing.T, open Opener) *suite {
	t.Helper()
	s := &suite{open: open, path: filepath.Join(t.TempDir(), "crm.db")}
	s.office = newOffice(t, s.another(t, nil))
	return s
}

// another opens the same database once more, as another process would.
func (s *suite) another(t *testing.T, edit func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{DSN: s.path, Domain: "bcc.acme.example"}
	if edit != nil {
		edit(&o)
	}
	db, err := s.open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// counts of what is there.
func counts(t *testing.T, s *store.Store) string {
	t.Helper()
	st, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d intakes, %d activities, %d leads", st.Intakes, st.Activities, st.Leads)
}

func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func secondSighting(t *testing.T, s *suite) {
	first, done := s.must(t, letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
	second, again := s.must(t, letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
	want(t, "activity of the second sighting", again.Activities[0], done.Activities[0])
	act, err := s.Activity(t.Context(), done.Activities[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(act.Captures) != 2 || act.Captures[0].IntakeID != first || act.Captures[1].IntakeID != second {
		t.Errorf("captures: got %+v, want those of %s and %s", act.Captures, first, second)
	}
	in, err := s.Intake(t.Context(), second)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "verdict", in.Verdict, crm.Duplicate)
	want(t, "duplicate_of", in.DuplicateOf, first)
	want(t, "there is", counts(t, s.Store), "2 intakes, 1 activities, 1 leads")
}

// atOnce runs n takers, each on its own, and returns their errors.
func atOnce(n int, run func(i int) error) error {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = run(i) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func oneMailManyTimes(t *testing.T, s *suite) {
	err := atOnce(50, func(int) error {
		_, _, err := s.take(t.Context(), s.intakeID("A"), letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "there is", counts(t, s.Store), "50 intakes, 1 activities, 1 leads")
	act, err := s.Activity(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "captures", len(act.Captures), 50)
}

func oneAddressManyMails(t *testing.T, s *suite) {
	err := atOnce(50, func(i int) error {
		_, _, err := s.take(t.Context(), s.intakeID("A"), letter{id: fmt.Sprintf("%d@acme.example", i), to: "ben@client.example", subject: "offer"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "there is", counts(t, s.Store), "50 intakes, 50 activities, 1 leads")
	list, err := s.Activities(t.Context(), store.ActivityFilter{Ref: &crm.Ref{Kind: crm.KindLead, ID: 1}})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "mails of the lead", len(list), 50)
}

func oldFacts(t *testing.T, s *suite) {
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	facts, err := s.Gather(t.Context(), l.question())
	if err != nil {
		t.Fatal(err)
	}
	r := &crm.Record{Inbound: s.inbound("A1", l), Message: l.mail(), Plan: s.decide(l, facts), Question: l.question()}
	if _, err := s.AddContact(t.Context(), store.NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), r); !errors.Is(err, crm.ErrStale) {
		t.Errorf("a lead for an address that has a contact by now: got %v, want %v", err, crm.ErrStale)
	}
	want(t, "there is", counts(t, s.Store), "0 intakes, 0 activities, 0 leads")
}

func oldRules(t *testing.T, s *suite) {
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	facts, err := s.Gather(t.Context(), l.question())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddExclusion(t.Context(), "client.example", ""); err != nil {
		t.Fatal(err)
	}
	r := &crm.Record{Inbound: s.inbound("A1", l), Message: l.mail(), Plan: s.decide(l, facts), Question: l.question()}
	if _, err := s.Record(t.Context(), r); !errors.Is(err, crm.ErrStale) {
		t.Errorf("a mail to somebody who is excluded by now: got %v, want %v", err, crm.ErrStale)
	}
}

func decidedInTheWriter(t *testing.T, s *suite) {
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	facts, err := s.Gather(t.Context(), l.question())
	if err != nil {
		t.Fatal(err)
	}
	r := &crm.Record{Inbound: s.inbound("A1", l), Message: l.mail(), Plan: s.decide(l, facts), Question: l.question(),
		Again: func(f *crm.Facts) (*crm.Plan, error) { return s.decide(l, f), nil }}
	if _, err := s.AddContact(t.Context(), store.NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Record(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	want(t, "there is", counts(t, s.Store), "1 intakes, 1 activities, 0 leads")
	want(t, "links of the plan that was carried out, told to the caller", fmt.Sprint(r.Plan.Results[0].Links[0].Ref), "contact:1")
}

func otherFacts(t *testing.T, s *suite) {
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	facts, err := s.Gather(t.Context(), l.question())
	if err != nil {
		t.Fatal(err)
	}
	r := &crm.Record{Inbound: s.inbound("A1", l), Message: l.mail(), Plan: s.decide(l, facts), Question: l.question()}
	s.must(t, letter{id: "2@acme.example", to: "carl@other.example", subject: "else"})
	if _, err := s.Record(t.Context(), r); err != nil {
		t.Errorf("a mail to somebody else came in between: got %v, want it recorded", err)
	}
}

func replyFirst(t *testing.T, s *suite) {
	_, reply := s.must(t, letter{id: "2@acme.example", answers: "1@acme.example", to: "ben@client.example", subject: "offer"})
	_, other := s.must(t, letter{id: "3@acme.example", answers: "1@acme.example", to: "ben@client.example", subject: "offer"})
	_, parent := s.must(t, letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
	_, later := s.must(t, letter{id: "4@acme.example", answers: "3@acme.example", to: "ben@client.example", subject: "offer"})
	threads := map[crm.ThreadID]bool{}
	for _, done := range []crm.Recorded{reply, other, parent, later} {
		act, err := s.Activity(t.Context(), done.Activities[0])
		if err != nil {
			t.Fatal(err)
		}
		threads[act.ThreadID] = true
	}
	want(t, "conversations of two replies, their parent and an answer", len(threads), 1)
}

func rawBytes(t *testing.T, s *suite) {
	for _, size := range []int{0, 1, 64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		body := make([]byte, size)
		rand.New(rand.NewSource(int64(size))).Read(body)
		spool := s.NewSpool()
		for rest := body; len(rest) > 0; {
			n := min(len(rest), 4000)
			if _, err := spool.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		raw, err := spool.Finish()
		if err != nil {
			t.Fatal(err)
		}
		l := letter{id: fmt.Sprintf("%d@acme.example", size), to: "ben@client.example", raw: []byte{}}
		facts, err := s.Gather(t.Context(), l.question())
		if err != nil {
			t.Fatal(err)
		}
		in := s.inbound(s.intakeID("A"), l)
		in.Raw = raw
		if _, err := s.Record(t.Context(), &crm.Record{Inbound: in, Message: l.mail(), Plan: s.decide(l, facts), Question: l.question()}); err != nil {
			t.Fatal(err)
		}
		release(raw)
		stored, err := s.Stored(t.Context(), in.ID)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if !bytes.Equal(stored.Raw.Bytes, body) || stored.Raw.SHA256 != raw.SHA256 {
			t.Errorf("%d bytes: got %d other ones back, or another digest", size, len(stored.Raw.Bytes))
		}
		release(stored.Raw)
	}
}

func release(raw crm.Raw) {
	if raw.Release != nil {
		raw.Release()
	}
}

func looseBody(t *testing.T, s *suite) {
	spool := s.NewSpool()
	if _, err := spool.Write(make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	raw, err := spool.Finish()
	if err != nil {
		t.Fatal(err)
	}
	release(raw)
	cut := s.NewSpool()
	if _, err := cut.Write(make([]byte, 100<<10)); err != nil {
		t.Fatal(err)
	}
	cut.Discard()
	left, err := filepath.Glob(filepath.Join(s.path+".files", "*"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "files of bodies", len(left), 0)
}

func reopened(t *testing.T, s *suite) {
	o := store.Options{DSN: s.path + ".second", Domain: "bcc.acme.example"}
	db, err := s.open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	id, done := newOffice(t, db).must(t, letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
	before, err := db.Activity(t.Context(), done.Activities[0])
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	s.path = o.DSN
	again := newOffice(t, s.another(t, nil))
	after, err := again.Activity(t.Context(), done.Activities[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the activity (-before +after):\n%s", diff)
	}
	resent, _, err := again.take(t.Context(), "R1", letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the activity of a resend", resent.Activities[0], done.Activities[0])
	if _, err := again.Intake(t.Context(), id); err != nil {
		t.Error(err)
	}
}

func twoProcesses(t *testing.T, s *suite) {
	other := newOffice(t, s.another(t, nil))
	err := atOnce(40, func(i int) error {
		o, prefix := s.office, "A"
		if i%2 == 1 {
			o, prefix = other, "B"
		}
		_, _, err := o.take(t.Context(), o.intakeID(prefix), letter{id: fmt.Sprintf("%d@acme.example", i/4), to: "ben@client.example", subject: "offer"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "there is", counts(t, s.Store), "40 intakes, 10 activities, 1 leads")
}

func rulesOfTwo(t *testing.T, s *suite) {
	other := s.another(t, nil)
	token, _ := crm.ParseBCCLocal(s.anna.BCCAddress.Local())
	if _, known, err := other.Token(t.Context(), token); !known || err != nil {
		t.Fatalf("the token %q: known %v, error %v", token, known, err)
	}
	if _, err := s.SetUserActive(t.Context(), s.anna.ID, false); err != nil {
		t.Fatal(err)
	}
	_, known, err := other.Token(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the address of a user that was disabled elsewhere is known", known, false)
	if _, err := s.AddExclusion(t.Context(), "bank.example", ""); err != nil {
		t.Fatal(err)
	}
	rules, err := other.Rules(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want(t, "exclusions", len(rules.Exclusions), 1)
}

func failedCommit(t *testing.T, s *suite) {
	broken := errors.New("broken disk")
	failing := true
	faulty := newOffice(t, s.another(t, func(o *store.Options) {
		o.Faults.BeforeCommit = func() error {
			if failing {
				return broken
			}
			return nil
		}
	}))
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	if _, _, err := faulty.take(t.Context(), "A1", l); !errors.Is(err, broken) {
		t.Errorf("got %v, want %v", err, broken)
	}
	want(t, "there is", counts(t, s.Store), "0 intakes, 0 activities, 0 leads")
	failing = false
	if _, _, err := faulty.take(t.Context(), "A1", l); err != nil {
		t.Fatalf("the same again, after the disk was mended: %v", err)
	}
	want(t, "there is", counts(t, s.Store), "1 intakes, 1 activities, 1 leads")
}

func crashAfterCommit(t *testing.T, s *suite) {
	crash := errors.New("crash")
	crashing := newOffice(t, s.another(t, func(o *store.Options) { o.Faults.AfterCommit = func() error { return crash } }))
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	if _, _, err := crashing.take(t.Context(), "A1", l); !errors.Is(err, crash) {
		t.Errorf("got %v, want %v", err, crash)
	}
	_, done := s.must(t, l)
	want(t, "the activity of the resend", done.Activities[0], 1)
	want(t, "there is", counts(t, s.Store), "2 intakes, 1 activities, 1 leads")
}

func failsAlone(t *testing.T, s *suite) {
	err := atOnce(30, func(i int) error {
		l := letter{id: fmt.Sprintf("%d@acme.example", i), to: crm.Address(fmt.Sprintf("p%d@client%d.example", i, i)), subject: "offer"}
		facts, err := s.Gather(t.Context(), l.question())
		if err != nil {
			return err
		}
		plan := s.decide(l, facts)
		if i%3 == 0 { // half written when it fails: a link to a record that no result makes
			plan.Results[0].Links = append(plan.Results[0].Links, crm.NewLink{Created: 2})
		}
		_, err = s.Record(t.Context(), &crm.Record{Inbound: s.inbound(s.intakeID("A"), l), Message: l.mail(), Plan: plan, Question: l.question()})
		if (err != nil) != (i%3 == 0) {
			return fmt.Errorf("mail %d: error %w, wanted one for every third only", i, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "there is", counts(t, s.Store), "20 intakes, 20 activities, 20 leads")
}

func readOnly(t *testing.T, s *suite) {
	s.must(t, letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"})
	reader := s.another(t, func(o *store.Options) { o.ReadOnly = true })
	want(t, "it reads", counts(t, reader), "1 intakes, 1 activities, 1 leads")
	if _, err := reader.AddUser(t.Context(), store.NewUser{Email: "eve@acme.example"}); err == nil {
		t.Error("a user was added to a database that was opened for reading only")
	}
	_, err := s.open(t.Context(), store.Options{DSN: s.path + ".none", ReadOnly: true})
	if !errors.Is(err, store.ErrNoDatabase) {
		t.Errorf("a database that is not there: got %v, want %v", err, store.ErrNoDatabase)
	}
}

func sameIntake(t *testing.T, s *suite) {
	l := letter{id: "1@acme.example", to: "ben@client.example", subject: "offer"}
	if _, _, err := s.take(t.Context(), "A1", l); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.take(t.Context(), "A1", letter{id: "2@acme.example", to: "ben@client.example", subject: "offer"}); err == nil {
		t.Error("one intake id was taken for two messages")
	}
	want(t, "there is", counts(t, s.Store), "1 intakes, 1 activities, 1 leads")
}
