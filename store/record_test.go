package store

import (
	"fmt"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestSameMessageIDOfAnotherMailIsItsOwn(t *testing.T) {
	n := newNouns(t)
	_, first := n.take(letter{messageID: "same@x"})
	_, second := n.take(letter{messageID: "same@x", edit: func(r *crm.Record) { r.Plan.Results[0].Claims[0].N = 1 }})
	if first == second {
		t.Fatal("two mails became one activity")
	}
	seen := must(n.Gather(t.Context(), crm.Question{Keys: []string{"id:same@x"}}))(t).Sightings["id:same@x"]
	same(t, "sightings", fmt.Sprint(seen[0].Activity, seen[0].N, seen[1].Activity, seen[1].N), "1 0 2 1")
	_, err := n.Record(t.Context(), n.record(letter{messageID: "same@x", edit: func(r *crm.Record) {
		r.Plan.Results[0].Claims[0].N = 1
		r.Plan.Stamp = must(n.Gather(t.Context(), crm.Question{}))(t).Stamp
	}}))
	refused(t, "a third that saw one mail only", err, crm.ErrStale, "")
}

func TestHeldMailIsSupersededByASightingThatMayFileIt(t *testing.T) {
	n := newNouns(t)
	held, _ := n.take(letter{messageID: "1@x", to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.SenderAuthFailed}, claims: []crm.Claim{{Key: "cover:1"}}})
	twice, _ := n.take(letter{messageID: "1@x", verdict: crm.Duplicate, codes: []crm.Code{crm.DuplicateOf}, edit: func(r *crm.Record) {
		r.Plan.Results[0].Claims, r.Plan.Results[0].DuplicateOf = nil, held
	}})
	id, act := n.take(letter{messageID: "1@x", to: "ben@client.example", edit: func(r *crm.Record) {
		res := &r.Plan.Results[0]
		res.Supersedes, res.DuplicateOf, res.Claims[0].Replace = held, held, true
	}})
	in := must(n.Intake(t.Context(), held))(t)
	same(t, "the held intake", words(in.Verdict, in.DuplicateOf, in.ActivityIDs, in.Codes), words("duplicate", id, "[1] [sender_auth_failed superseded]"))
	same(t, "the activity that its duplicate was added to", must(n.Intake(t.Context(), twice))(t).ActivityIDs, []crm.ActivityID{act})
	same(t, "captures", len(must(n.Activity(t.Context(), act))(t).Captures), 3)
	same(t, "what waits for review", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	f := must(n.Gather(t.Context(), crm.Question{Keys: []string{"id:1@x", "cover:1"}}))(t)
	for key, want := range map[string]string{"id:1@x": "filed 1", "cover:1": "filed 1"} {
		if got := fmt.Sprint(f.Sightings[key][0].Verdict, " ", f.Sightings[key][0].Activity); got != want || len(f.Sightings[key]) != 1 {
			t.Errorf("%s: got %d sightings, the first %s, want one: %s", key, len(f.Sightings[key]), got, want)
		}
	}
	_, err := n.Record(t.Context(), n.record(letter{messageID: "1@x", edit: func(r *crm.Record) {
		r.Plan.Results[0].Supersedes, r.Plan.Results[0].DuplicateOf, r.Plan.Results[0].Claims[0].Replace = held, held, true
		r.Plan.Stamp = must(n.Gather(t.Context(), crm.Question{}))(t).Stamp
	}}))
	refused(t, "the same once more", err, crm.ErrStale, "")
}

func TestIgnoredMailIsTakenOver(t *testing.T) {
	n := newNouns(t)
	ignored, _ := n.take(letter{messageID: "1@x", verdict: crm.Ignored, codes: []crm.Code{crm.UnknownIgnored}})
	_, err := n.Raw(t.Context(), ignored)
	refused(t, "the content of ignored mail", err, crm.ErrNotFound, "")
	id, act := n.take(letter{messageID: "1@x", edit: func(r *crm.Record) {
		r.Plan.Results[0].DuplicateOf, r.Plan.Results[0].Claims[0].Replace = ignored, true
	}})
	seen := must(n.Gather(t.Context(), crm.Question{Keys: []string{"id:1@x"}}))(t).Sightings["id:1@x"]
	same(t, "sightings", fmt.Sprint(len(seen), seen[0].Intake, seen[0].Activity, seen[0].Verdict), fmt.Sprint(1, id, act, crm.Filed))
}

func TestBarredSightingIsCompletedOnce(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	first, act := n.take(letter{messageID: "1@x", links: []crm.NewLink{auto(crm.KindContact, ben)}, edit: func(r *crm.Record) { r.Plan.Results[0].Claims[0].Barred = true }})
	_, again := n.take(letter{messageID: "1@x", verdict: crm.Duplicate, creates: []crm.NewRecord{{Kind: crm.KindLead, Title: "New", Emails: []crm.Address{"carl@new.example"}}},
		edit: func(r *crm.Record) {
			res := &r.Plan.Results[0]
			res.DuplicateOf, res.Activity, res.Claims[0].Replace = first, act, true
		}})
	same(t, "the activity", again, act)
	same(t, "its links", linksOf(must(n.Activity(t.Context(), act))(t)), []string{"contact:1 contact_by_address auto", "lead:1 lead_by_address auto"})
	seen := must(n.Gather(t.Context(), crm.Question{Keys: []string{"id:1@x"}}))(t).Sightings["id:1@x"]
	same(t, "sightings: the first one, barred no more", fmt.Sprint(len(seen), seen[0].Intake, seen[0].Barred), fmt.Sprint(1, first, false))
}

func TestDeliveryReportIsAddedToItsMail(t *testing.T) {
	n := newNouns(t)
	n.contact("Ben", "", "ben@client.example")
	n.contact("Carl", "", "carl@client.example")
	_, act := n.take(letter{messageID: "1@x", to: "ben@client.example, carl@client.example"})
	at := time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)
	report := letter{messageID: "dsn@x", from: "mailer-daemon@client.example", edit: func(r *crm.Record) {
		res := &r.Plan.Results[0]
		res.New, res.Activity = nil, act
		res.Bounces = []crm.Bounce{{Address: "ben@client.example", Status: "5.1.1", At: at}, {Address: "carl@client.example", Status: "4.2.2", At: at}, {Address: "dora@else.example", Status: "5.1.1", At: at}}
	}}
	report.codes = []crm.Code{crm.BounceReport}
	id, added := n.take(report)
	same(t, "the activity", added, act)
	again := report
	again.edit = func(r *crm.Record) { report.edit(r); r.Plan.Results[0].Claims[0].N = 1 }
	n.take(again)
	got := must(n.Activity(t.Context(), act))(t)
	same(t, "bounces, told twice, of those it was sent to", got.Bounces, []crm.Bounce{{Address: "ben@client.example", Status: "5.1.1", At: at}, {Address: "carl@client.example", Status: "4.2.2", At: at}})
	same(t, "badges", got.Badges, []crm.Badge{crm.BadgeBounced})
	same(t, "a report is no sighting", len(got.Captures), 1)
	same(t, "the address that failed", must(n.Contact(t.Context(), 1))(t).Emails[0].BouncedAt, &at)
	if b := must(n.Contact(t.Context(), 2))(t).Emails[0].BouncedAt; b != nil {
		t.Errorf("a delay is no failure, but the address is marked since %v", b)
	}
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "its intake", words(in.Verdict, in.ActivityIDs, in.Codes), "filed [1] [bounce]")
}

func TestConversationsJoin(t *testing.T) {
	n := newNouns(t)
	deal := n.deal("Deal")
	_, a := n.take(letter{})
	_, b := n.take(letter{})
	must(n.LinkActivity(t.Context(), b, crm.Ref{Kind: crm.KindDeal, ID: deal}))(t)
	_, c := n.take(letter{thread: 1, edit: func(r *crm.Record) { r.Plan.Results[0].New.Join = []crm.ThreadID{2} }})
	for _, id := range []crm.ActivityID{a, b, c} {
		got := must(n.Activity(t.Context(), id))(t)
		same(t, fmt.Sprintf("conversation and pin of activity %d", id), fmt.Sprint(got.ThreadID, got.ThreadPinned), "1 true")
	}
	_, d := n.take(letter{thread: 2}) // decided before the join
	same(t, "conversation of a mail that goes on with the joined one", must(n.Activity(t.Context(), d))(t).ThreadID, 1)
}

func TestPostmasterHasNoMailbox(t *testing.T) {
	n := newNouns(t)
	id, _ := n.take(letter{from: "abuse@else.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}, edit: func(r *crm.Record) {
		r.Inbound.Recipients = []crm.Recipient{{Path: "postmaster", Kind: crm.MailboxPostmaster}}
		r.Plan.Mailbox, r.Plan.Owner, r.Plan.Capturers = 0, 0, []crm.Capturer{{}}
	}})
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "its intake", words(in.Verdict, in.Rcpts, in.Owner), "held [postmaster]")
	same(t, "recipients to take it again", must(n.Stored(t.Context(), id))(t).Recipients[0].Kind, crm.MailboxPostmaster)
}

func TestIntakeIsListedAsTheMessageItself(t *testing.T) {
	n := newNouns(t)
	id, _ := n.take(letter{messageID: "inner@x", subject: "Inner", edit: func(r *crm.Record) {
		r.Plan.Results[0].Mail.Original = 1
		r.Message = &crm.Mail{MessageID: "outer@x", Subject: "Outer", From: []crm.Party{{Name: "Anna", Address: "anna@acme.example"}}}
	}})
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "its intake", fmt.Sprint(in.MessageID, " ", in.Subject, " ", in.From), "outer@x Outer Anna <anna@acme.example>")
	for _, mid := range []string{"<Outer@X>", " inner@\r\n x"} {
		same(t, "found by "+mid, intakeIDsOf(must(n.IntakesByMessageID(t.Context(), mid))(t)), []crm.IntakeID{id})
	}
}
