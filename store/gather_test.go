package store

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestGatherAnswersTheWholeQuestion(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "Client Ltd", "ben@client.example")
	must(n.EditCompany(t.Context(), 1, CompanyEdit{AddDomains: []string{"client.example"}}))(t)
	deal := n.deal("Deal", ben)
	n.take(letter{messageID: "parent@x", subject: "offer", to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben), auto(crm.KindDeal, deal)}})
	n.take(letter{messageID: "reply@x", to: "ben@client.example", edit: func(r *crm.Record) { r.Plan.Results[0].New.Answers = []string{"later@x"} }})
	n.take(letter{to: "carl@new.example", creates: []crm.NewRecord{{Kind: crm.KindLead, Title: "Carl", Name: "carl", Guessed: true, Emails: []crm.Address{"carl@new.example"}, Domain: "new.example"}}})
	f := must(n.Gather(t.Context(), crm.Question{
		Addresses: []crm.Address{"ben+tag@client.example", "carl@new.example", "who@new.example"},
		Keys:      []string{"id:parent@x", "id:none@x"}, Messages: []string{"parent@x", "later@x"},
		Tags:     []crm.Ref{{Kind: crm.KindDeal, ID: deal}, {Kind: crm.KindDeal, ID: 99}},
		Subjects: []crm.SubjectHint{{BaseSubject: "offer", Address: "ben@client.example", Since: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}},
		Forwards: []crm.ForwardHint{{BaseSubject: "offer", Author: "anna@acme.example", At: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}},
	}))(t)
	same(t, "holders, also without the tag", f.Holders["ben@client.example"], []crm.Holder{{Kind: crm.KindContact, ID: ben}})
	same(t, "companies of the domain", f.Domains["client.example"].Companies, []int64{1})
	same(t, "open leads of the domain", f.Domains["new.example"].OpenLeads, []int64{1})
	same(t, "the contact's open deals", f.Contacts[ben].OpenDeals, []int64{deal})
	same(t, "a person gave the name of the contact", f.Contacts[ben].NameKnown, true)
	same(t, "a rule guessed that of the lead", f.Leads[1].NameKnown, false)
	same(t, "the deal of the tag", f.Deals[deal].Title, "Deal")
	if f.Deals[99] != nil {
		t.Error("a deal that is not there was found")
	}
	same(t, "sightings", fmt.Sprint(f.Sightings["id:parent@x"][0].Activity, len(f.Sightings["id:none@x"])), "1 0")
	same(t, "the thread that is answered", f.ByMessage["parent@x"], 1)
	same(t, "the thread that waits", f.Waiting["later@x"], []crm.ThreadID{2})
	same(t, "the thread of the same subject and person", f.BySubject["offer"][0].Thread, 1)
	same(t, "the mail that a forward shows", f.Forwarded["offer"][0].Activity, 1)
	same(t, "what the thread is on", fmt.Sprint(f.Threads[1].Contacts, f.Threads[1].Deals), "[1] [1]")
}

func TestGatherCountsWhatAStrangerMadeUsCreate(t *testing.T) {
	n := newNouns(t)
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return now }
	n.take(letter{from: "eve@spam.example", creates: []crm.NewRecord{{Kind: crm.KindLead, Emails: []crm.Address{"a@x.example"}}, {Kind: crm.KindLead, Emails: []crm.Address{"b@x.example"}}},
		edit: func(r *crm.Record) { r.Question.Creator = "eve@spam.example" }})
	count := func() int {
		return must(n.Gather(t.Context(), crm.Question{Creator: "eve@spam.example"}))(t).Created
	}
	same(t, "created within two hours", count(), 2)
	now = now.Add(3 * time.Hour)
	same(t, "created three hours ago", count(), 0)
}

func TestQueueGivesOnePlaceToOneMail(t *testing.T) {
	n := newNouns(t)
	must(n.AddUser(t.Context(), NewUser{Email: "uwe@acme.example"}))(t)
	shared := must(n.AddMailbox(t.Context(), NewMailbox{Address: "info@acme.example", Distribution: &crm.Distribution{Order: crm.QueueFewestOpen,
		Queue: []crm.QueueMember{{User: "anna@acme.example"}, {User: "uwe@acme.example"}}}}))(t)
	lead := func(from int64) *crm.Record {
		return n.record(letter{creates: []crm.NewRecord{{Kind: crm.KindLead, Emails: []crm.Address{crm.Address(fmt.Sprintf("p%d@x.example", n.mails))}, Owner: 2}},
			edit: func(r *crm.Record) {
				r.Question.Mailbox = shared.ID
				r.Plan.Results[0].Cursor = &crm.CursorMove{Mailbox: shared.ID, From: from, To: from + 1}
				r.Plan.Stamp = must(n.Gather(t.Context(), crm.Question{}))(t).Stamp
			}})
	}
	must(n.Record(t.Context(), lead(0)))(t)
	if _, err := n.Record(t.Context(), lead(0)); !errors.Is(err, crm.ErrStale) {
		t.Errorf("a second lead for the same place: got %v, want %v", err, crm.ErrStale)
	}
	f := must(n.Gather(t.Context(), crm.Question{Mailbox: shared.ID}))(t)
	same(t, "the next place", f.Cursor, 1)
	same(t, "open leads", f.OpenLeads, map[crm.UserID]int{1: 0, 2: 1})
	r := lead(0)
	r.Again = func(f *crm.Facts) (*crm.Plan, error) {
		p := *r.Plan
		p.Results[0].Cursor.From, p.Results[0].Cursor.To = f.Cursor, f.Cursor+1
		return &p, nil
	}
	must(n.Record(t.Context(), r))(t)
	same(t, "the place after the one that was decided in the writer", must(n.Gather(t.Context(), crm.Question{Mailbox: shared.ID}))(t).Cursor, 2)
}

func TestAbsenceAndDistributionAreRules(t *testing.T) {
	n := newNouns(t)
	until := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	must(n.SetUserAbsence(t.Context(), 1, &crm.Absence{From: until.Add(-day), Until: until}))(t)
	dist := crm.Distribution{Order: crm.QueueInOrder, Queue: []crm.QueueMember{}, Rules: []crm.DistributionRule{{Words: []string{"price"}, User: "anna@acme.example"}}, Fallback: "anna@acme.example"}
	box := must(n.AddMailbox(t.Context(), NewMailbox{Address: "info@acme.example"}))(t)
	must(n.EditMailbox(t.Context(), box.ID, MailboxEdit{Distribution: &dist}))(t)
	rules := must(n.Rules(t.Context()))(t)
	same(t, "away", rules.Users[1].Absence, &crm.Absence{From: until.Add(-day), Until: until})
	same(t, "distribution", rules.Mailboxes[box.ID].Distribution, &dist)
	must(n.SetUserAbsence(t.Context(), 1, nil))(t)
	if a := must(n.Rules(t.Context()))(t).Users[1].Absence; a != nil {
		t.Errorf("back, but still away: %v", a)
	}
}

func TestNamesOfMailReplaceOnlyGuessedOnes(t *testing.T) {
	n := newNouns(t)
	n.contact("Ben By Hand", "", "ben@client.example")
	n.take(letter{creates: []crm.NewRecord{{Kind: crm.KindContact, Name: "carl", Guessed: true, Emails: []crm.Address{"carl@x.example"}},
		{Kind: crm.KindContact, Name: "Dora Given", Emails: []crm.Address{"dora@x.example"}}}})
	n.facts("carl@x.example", "dora@x.example") // remembered
	n.take(letter{edit: func(r *crm.Record) {
		for id := range int64(3) {
			r.Plan.Results[0].Names = append(r.Plan.Results[0].Names, crm.NewName{Ref: crm.Ref{Kind: crm.KindContact, ID: id + 1}, Name: "From Mail"})
		}
	}})
	f := n.facts("ben@client.example", "carl@x.example", "dora@x.example")
	var names []string
	for id := range int64(3) {
		names = append(names, f.Contacts[id+1].Name)
	}
	same(t, "names as the next mail finds them", names, []string{"Ben By Hand", "From Mail", "Dora Given"})
	same(t, "a name of a mail is known", f.Contacts[2].NameKnown, true)
}

func TestWarmKnowsWhatGatheringWouldFind(t *testing.T) {
	n := newNouns(t)
	n.contact("Ben", "", "ben@client.example", "shared@client.example")
	n.contact("Carl", "", "shared@client.example")
	cold := n.facts("ben@client.example", "shared@client.example").Holders
	other := must(Open(t.Context(), Options{DSN: n.DSN}))(t)
	defer other.Close()
	if err := other.Warm(t.Context()); err != nil {
		t.Fatal(err)
	}
	same(t, "addresses that are remembered", len(other.memory.addresses), 2)
	warm := must(other.Gather(t.Context(), crm.Question{Addresses: []crm.Address{"ben@client.example", "shared@client.example"}}))(t)
	same(t, "holders", warm.Holders, cold)
	n.contact("Dora", "", "ben@client.example")
	again := must(other.Gather(t.Context(), crm.Question{Addresses: []crm.Address{"ben@client.example"}}))(t)
	same(t, "holders after another process added one", len(again.Holders["ben@client.example"]), 2)
}

func TestLongQuestionsAreAskedWhole(t *testing.T) {
	n := newNouns(t)
	var keys []string
	for i := range 150 {
		id := fmt.Sprintf("%d@x", i)
		n.take(letter{messageID: id})
		keys = append(keys, "id:"+id)
	}
	f := must(n.Gather(t.Context(), crm.Question{Keys: append(slices.Clone(keys), keys...)}))(t)
	for _, key := range keys {
		if len(f.Sightings[key]) != 1 {
			t.Fatalf("%s: %d sightings, want 1", key, len(f.Sightings[key]))
		}
	}
}
