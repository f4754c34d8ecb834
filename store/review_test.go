package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestIntakesAreFoundByWhatNarrows(t *testing.T) {
	n := newNouns(t)
	filed, _ := n.take(letter{subject: "Offer", to: "ben@client.example"})
	held, _ := n.take(letter{subject: "Who", from: "eve@else.example", verdict: crm.Held, codes: []crm.Code{crm.Stranger}})
	ignored, _ := n.take(letter{subject: "Lunch", verdict: crm.Ignored, codes: []crm.Code{crm.InternalOnly}})
	test := func(rule string, f IntakeFilter, want ...crm.IntakeID) {
		t.Helper()
		if got := intakeIDsOf(must(n.Intakes(t.Context(), f))(t)); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", rule, got, want)
		}
	}
	test("all, newest first", IntakeFilter{}, ignored, held, filed)
	test("the newest", IntakeFilter{Limit: 1}, ignored)
	test("with a verdict", IntakeFilter{Verdict: crm.Held}, held)
	test("since a time", IntakeFilter{Since: time.Date(2026, 5, 1, 9, 2, 0, 0, time.UTC)}, ignored, held)
	test("since later", IntakeFilter{Since: time.Date(2027, 5, 1, 9, 2, 0, 0, time.UTC)})
	test("with a text in the author", IntakeFilter{Match: "EVE@"}, held)
	test("with a text in the subject, the newest", IntakeFilter{Match: "o", Limit: 1}, held)
	test("with a recipient", IntakeFilter{Match: "anna-secret", Verdict: crm.Filed}, filed)
	in := must(n.Intake(t.Context(), ignored))(t)
	same(t, "an intake without content", words(in.Verdict, in.Kept, in.Expires == nil, in.Rcpts, in.Owner, in.ActivityIDs, in.Candidates), "ignored false true [anna-secret@bcc.acme.example] anna@acme.example [] []")
	_, err := n.Intake(t.Context(), "01NONE")
	refused(t, "an intake that is not there", err, crm.ErrNotFound, "01NONE")
	same(t, "a Message-ID that is not there", len(must(n.IntakesByMessageID(t.Context(), "<none@x>"))(t)), 0)
}

func TestSinceFindsItsPlaceAmongMany(t *testing.T) {
	n := newNouns(t)
	for i := range 100 {
		n.take(letter{at: time.Date(2026, 5, 1, i, 0, 0, 0, time.UTC)})
	}
	for _, hours := range []int{0, 1, 50, 98, 99, 100} {
		since := time.Date(2026, 5, 1, hours, 0, 0, 0, time.UTC)
		got := must(n.Intakes(t.Context(), IntakeFilter{Since: since}))(t)
		if len(got) != 100-hours {
			t.Errorf("since hour %d: got %d, want %d", hours, len(got), 100-hours)
		}
		from := must(n.seqSince(t.Context(), since))(t)
		if want := max(int64(hours), 1); hours > 1 && from != want {
			t.Errorf("since hour %d: begins to read at %d, want %d", hours, from, want)
		}
	}
}

func TestReviewListsWhatAsksAPerson(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben Client", "", "ben@client.example")
	proposal := crm.Candidate{Kind: crm.KindContact, ID: ben, Title: "Ben Client", Why: "has the same name"}
	nameOnly, _ := n.take(letter{verdict: crm.Held, codes: []crm.Code{crm.ForwardNoAddress}, edit: func(r *crm.Record) { r.Plan.Results[0].Proposals = []crm.Candidate{proposal} }})
	n.take(letter{to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
	open, act := n.take(letter{cc: "carl@new.example", links: []crm.NewLink{auto(crm.KindContact, ben)}, open: "carl@new.example", codes: []crm.Code{crm.UnknownReview}})
	n.take(letter{verdict: crm.Ignored, open: "dora@new.example"})
	list := must(n.Review(t.Context(), ReviewFilter{}))(t)
	same(t, "what waits, newest first", intakeIDsOf(list), []crm.IntakeID{open, nameOnly})
	same(t, "the first of it", intakeIDsOf(must(n.Review(t.Context(), ReviewFilter{Limit: 1}))(t)), []crm.IntakeID{open})
	same(t, "what the decision proposed", list[1].Proposals, []crm.Candidate{proposal})
	must(n.LinkActivity(t.Context(), act, crm.Ref{Kind: crm.KindDeal, ID: n.deal("Deal")}))(t)
	same(t, "after a deal was chosen", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 2)
	must(n.LinkActivity(t.Context(), act, crm.Ref{Kind: crm.KindContact, ID: n.contact("Carl", "")}))(t)
	same(t, "after the unknown person was", intakeIDsOf(must(n.Review(t.Context(), ReviewFilter{}))(t)), []crm.IntakeID{nameOnly})
}

func TestAnsweredQuestionsLeaveTheReviewList(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	id, act := n.take(letter{cc: "carl@new.example", open: "carl@new.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
	carl := n.contact("Carl", "", "carl@new.example")
	if err := n.AddLinks(t.Context(), []crm.Relinked{{Activity: act, Add: []crm.NewLink{auto(crm.KindContact, carl)}, Answered: true}}); err != nil {
		t.Fatal(err)
	}
	same(t, "what waits", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "what the trace says more", in.Codes, []crm.Code{crm.ContactByAddress})
	same(t, "its last step", in.Steps[len(in.Steps)-1].Code, crm.ContactByAddress)
}

func TestDismissedMailIsIgnored(t *testing.T) {
	n := newNouns(t)
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return now }
	id, _ := n.take(letter{messageID: "1@x", to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.Stranger}})
	in := must(n.DismissIntake(t.Context(), id))(t)
	same(t, "the intake", words(in.Verdict, in.Codes, in.Kept, in.Results[0].Verdict), "ignored [stranger dismissed] true ignored")
	same(t, "what waits", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	same(t, "mail to look at again", len(must(n.MailWith(t.Context(), []crm.Address{"ben@client.example"}, nil, 0, 0))(t)), 0)
	seen := must(n.Gather(t.Context(), crm.Question{Keys: []string{"id:1@x"}}))(t).Sightings["id:1@x"]
	same(t, "a second sighting finds it", words(seen[0].Intake, seen[0].Verdict), words(id, crm.Ignored))
	if _, err := n.Raw(t.Context(), id); err != nil {
		t.Errorf("the content goes when its time is over, not before: %v", err)
	}
	now = now.Add(31 * day)
	same(t, "expired", must(n.Expire(t.Context()))(t), ExpireReport{Bodies: 1})
	if _, err := n.Raw(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the content after its time: got %v, want %v", err, crm.ErrNotFound)
	}
	same(t, "dismissed twice", must(n.DismissIntake(t.Context(), id))(t).Verdict, crm.Ignored)
}

func TestDismissedQuestionLeavesTheMailFiled(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	id, act := n.take(letter{open: "carl@new.example", links: []crm.NewLink{auto(crm.KindContact, ben)}, codes: []crm.Code{crm.UnknownReview}})
	in := must(n.DismissIntake(t.Context(), id))(t)
	same(t, "the intake", words(in.Verdict, in.Codes, in.ActivityIDs), words(crm.Filed, "[unknown_review contact_by_address dismissed]", []crm.ActivityID{act}))
	same(t, "what waits", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	plain, _ := n.take(letter{links: []crm.NewLink{auto(crm.KindContact, ben)}})
	_, err := n.DismissIntake(t.Context(), plain)
	refused(t, "a mail that asks nothing", err, ErrInvalid, "is filed")
}

func TestWhichDealIsAQuestionUntilTheConversationIsOnOne(t *testing.T) {
	n := newNouns(t)
	ben, deal := n.contact("Ben", "", "ben@client.example"), n.deal("Deal")
	asks := func(r *crm.Record) { r.Plan.Results[0].AskDeal = true }
	links := []crm.NewLink{auto(crm.KindContact, ben)}
	_, first := n.take(letter{links: links, edit: asks})
	thread := must(n.Activity(t.Context(), first))(t).ThreadID
	n.take(letter{links: links, edit: asks, thread: thread})
	other, linked := n.take(letter{links: links, edit: asks, open: "carl@new.example"})
	waiting := func(rule string, want int) {
		t.Helper()
		same(t, rule, len(must(n.Review(t.Context(), ReviewFilter{}))(t)), want)
	}
	waiting("each mail asks", 3)
	must(n.LinkActivity(t.Context(), first, crm.Ref{Kind: crm.KindDeal, ID: deal}))(t)
	waiting("one choice answers for its conversation", 1)
	if err := n.AddLinks(t.Context(), []crm.Relinked{{Activity: linked, Add: []crm.NewLink{auto(crm.KindDeal, deal)}}}); err != nil {
		t.Fatal(err)
	}
	in := must(n.Intake(t.Context(), other))(t)
	same(t, "a rule that finds the deal answers it, and not who is unknown", words(in.Open, in.WhichDeal, len(in.Unknown)), "true false 1")
	must(n.UnlinkActivity(t.Context(), first, crm.Ref{Kind: crm.KindDeal, ID: deal}))(t)
	same(t, "a choice that is taken back takes its followers along", n.timeline(crm.Ref{Kind: crm.KindDeal, ID: deal}), []string{"3 deal_unique auto"})
}

func TestExpiryGoesStepByStep(t *testing.T) {
	n := newNouns(t)
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return now }
	large := make([]byte, 100<<10)
	spool := n.NewSpool()
	must(spool.Write(large))(t)
	raw := must(spool.Finish())(t)
	held, _ := n.take(letter{messageID: "held@x", to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.Stranger}, edit: func(r *crm.Record) { r.Inbound.Raw = raw }})
	raw.Release()
	filed, act := n.take(letter{messageID: "filed@x", to: "ben@client.example"})
	twice, _ := n.take(letter{messageID: "filed@x", verdict: crm.Duplicate, edit: func(r *crm.Record) {
		r.Plan.Results[0].Claims, r.Plan.Results[0].DuplicateOf, r.Plan.Results[0].Activity = nil, filed, act
	}})
	ignored, _ := n.take(letter{messageID: "ignored@x", verdict: crm.Ignored})
	files := func() int { return len(must(filepath.Glob(filepath.Join(n.file+".files", "*")))(t)) }
	expire := func(rule string, after time.Duration, want ExpireReport) {
		t.Helper()
		now = now.Add(after)
		same(t, rule, must(n.Expire(t.Context()))(t), want)
	}
	same(t, "files before", files(), 1)
	expire("29 days later", 29*day, ExpireReport{})
	expire("a month later: the content of held mail and of duplicates", 2*day, ExpireReport{Bodies: 2})
	same(t, "files after", files(), 0)
	same(t, "mail to look at again", len(must(n.MailWith(t.Context(), []crm.Address{"ben@client.example"}, nil, 0, 0))(t)), 1)
	_, err := n.Stored(t.Context(), held)
	refused(t, "held mail without content", err, crm.ErrNotFound, string(held))
	same(t, "what waits for review", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	expire("three months later: the traces", 60*day, ExpireReport{Traces: 3})
	expire("a year later", 365*day, ExpireReport{})
	for _, id := range []crm.IntakeID{held, twice, ignored} {
		if _, err := n.Intake(t.Context(), id); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("intake %s: got %v, want %v", id, err, crm.ErrNotFound)
		}
	}
	if _, err := n.Raw(t.Context(), filed); err != nil {
		t.Errorf("what is filed stays: %v", err)
	}
	f := must(n.Gather(t.Context(), crm.Question{Keys: []string{"held@x", "id:filed@x", "id:held@x", "id:ignored@x"}}))(t)
	same(t, "identities", len(f.Sightings), 1)
	_, again := n.take(letter{messageID: "held@x"})
	same(t, "what was forgotten is new", must(n.Activity(t.Context(), again))(t).MessageID, "held@x")
}

func TestSweepSparesNewFilesAndThoseOfIntakes(t *testing.T) {
	n := newNouns(t)
	keep := func(name string, age time.Duration) {
		path := filepath.Join(n.file+".files", name)
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	keep("old.eml", 2*time.Hour)
	keep("old.eml.part", 2*time.Hour)
	keep("new.eml", time.Minute)
	keep("kept.eml", 2*time.Hour)
	n.take(letter{edit: func(r *crm.Record) { r.Inbound.Raw = crm.Raw{File: "kept.eml", Bytes: []byte("x")} }})
	same(t, "swept", must(n.Expire(t.Context()))(t), ExpireReport{Files: 2})
	var left []string
	for _, e := range must(os.ReadDir(n.file + ".files"))(t) {
		left = append(left, e.Name())
	}
	same(t, "left", left, []string{"kept.eml", "new.eml"})
}

func TestLogOfChangesIsTrimmed(t *testing.T) {
	n := newNouns(t)
	other := must(Open(t.Context(), Options{DSN: n.DSN}))(t)
	defer other.Close()
	must(other.Gather(t.Context(), crm.Question{Addresses: []crm.Address{"ben@client.example"}}))(t)
	err := n.write(t.Context(), func(x *tx) error {
		_, err := x.do(`WITH RECURSIVE i(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < ?) INSERT INTO address_change (key) SELECT 'x' || n FROM i`, keepLog+3*pageSize)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n.contact("Ben", "", "ben@client.example")
	must(n.Expire(t.Context()))(t)
	var left int
	must(n.reading().get(t.Context(), &left, `SELECT count(*) FROM address_change`))(t)
	same(t, "changes that are left", left, keepLog)
	f := must(other.Gather(t.Context(), crm.Question{Addresses: []crm.Address{"ben@client.example"}}))(t)
	same(t, "holders as a process finds them that read the log last before", len(f.Holders["ben@client.example"]), 1)
}
