package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestActivityIsComplete(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben Client", "Client Ltd", "ben@client.example")
	n.contact("Other Ben", "", "shared@client.example")
	linked := n.contact("Carla", "", "shared@client.example")
	deal := n.deal("Big deal", ben)
	size := int64(4711)
	id, act := n.take(letter{messageID: "1@acme.example", subject: "Offer", to: "Ben Client <ben@client.example>, ben+work@client.example", cc: "shared@client.example, nobody@else.example",
		links: []crm.NewLink{auto(crm.KindContact, ben), auto(crm.KindContact, linked), manual(crm.KindDeal, deal)},
		edit: func(r *crm.Record) {
			d := r.Plan.Results[0].New
			d.Pin, d.Preview, d.Note, d.DateWritten, d.Badges = deal, "Hello", "See below", "yesterday", []crm.Badge{crm.BadgeForwarded}
			d.Attachments = []crm.Attachment{{ID: 1, Name: "offer.pdf", ContentType: "application/pdf", Size: &size, Stored: true, Part: "1.2"}}
		}})
	got := must(n.Activity(t.Context(), act))(t)
	at := time.Date(2026, 5, 1, 9, 1, 0, 0, time.UTC)
	user, benID, carla := int64(1), ben, linked
	want := crm.Activity{ID: act, MessageID: "1@acme.example", Direction: crm.Outgoing, Subject: "Offer", OccurredAt: at, CapturedAt: at,
		Author: crm.Author{Address: "anna@acme.example", Name: "Anna", User: "anna@acme.example"},
		Participants: []crm.Participant{
			{Role: crm.RoleFrom, Address: "anna@acme.example", Name: "Anna", Kind: crm.KindUser, ID: &user},
			{Role: crm.RoleTo, Address: "ben@client.example", Name: "Ben Client", Kind: crm.KindContact, ID: &benID},
			{Role: crm.RoleTo, Address: "ben+work@client.example", Name: "Ben Client", Kind: crm.KindContact, ID: &benID},
			{Role: crm.RoleCc, Address: "shared@client.example", Name: "Carla", Kind: crm.KindContact, ID: &carla},
			{Role: crm.RoleCc, Address: "nobody@else.example", Kind: crm.KindUnknown},
		},
		Links: []crm.Link{
			{Kind: crm.KindContact, ID: ben, Title: "Ben Client", Code: crm.ContactByAddress, Source: crm.SourceAuto},
			{Kind: crm.KindContact, ID: linked, Title: "Carla", Code: crm.ContactByAddress, Source: crm.SourceAuto},
			{Kind: crm.KindDeal, ID: deal, Title: "Big deal", Code: crm.LinkedByUser, Source: crm.SourceManual},
		},
		Captures:   []crm.Capture{{IntakeID: id, Mailbox: 1, User: "anna@acme.example", Via: crm.ViaSMTP, ReceivedAt: at}},
		Badges:     []crm.Badge{crm.BadgeForwarded},
		Visibility: crm.VisibilityLinked, ThreadID: 1, ThreadPinned: true, Preview: "Hello", Note: "See below", DateWritten: "yesterday",
		Attachments: []crm.Attachment{{ID: 1, Name: "offer.pdf", ContentType: "application/pdf", Size: &size, Stored: true, Part: "1.2"}},
		Bounces:     []crm.Bounce{}, IntakeID: id,
	}
	same(t, "the activity", got, want)
	_, err := n.Activity(t.Context(), 99)
	refused(t, "a mail that is not there", err, crm.ErrNotFound, "activity 99")
}

func TestActivitiesAreFoundByWhatNarrows(t *testing.T) {
	n := newNouns(t)
	must(n.AddUser(t.Context(), NewUser{Email: "uwe@acme.example"}))(t)
	ben, carl := n.contact("Ben", "Client Ltd", "ben@client.example"), n.contact("Carl", "Client Ltd", "carl@client.example")
	dora := n.contact("Dora", "Other Inc", "dora@other.example")
	on := func(at int, subject string, by crm.UserID, contacts ...int64) {
		l := letter{subject: subject, to: "Ben Client <ben@client.example>", at: time.Date(2026, 5, at, 9, 0, 0, 0, time.UTC)}
		for _, c := range contacts {
			l.links = append(l.links, auto(crm.KindContact, c))
		}
		l.edit = func(r *crm.Record) {
			r.Plan.Results[0].New.AuthorUser = by
			r.Plan.Capturers = []crm.Capturer{{Mailbox: crm.MailboxID(by), User: by}}
		}
		n.take(l)
	}
	on(5, "Offer", 1, ben)           // 1
	on(3, "Ünder way", 1, carl, ben) // 2
	on(4, "Invoice", 2, dora)        // 3
	on(5, "Thanks", 2, carl)         // 4
	on(1, "First", 1, dora)          // 5
	contact, company := crm.Ref{Kind: crm.KindContact, ID: ben}, crm.Ref{Kind: crm.KindCompany, ID: 1}
	test := func(rule string, f ActivityFilter, want ...crm.ActivityID) {
		t.Helper()
		got := activityIDsOf(must(n.Activities(t.Context(), f))(t))
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", rule, got, want)
		}
	}
	test("all, by when they occurred, newest first", ActivityFilter{}, 4, 1, 3, 2, 5)
	test("the newest", ActivityFilter{Limit: 2}, 4, 1)
	test("before a moment", ActivityFilter{Before: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}, 2, 5)
	test("before a place among mails of the same moment", ActivityFilter{Before: time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC), BeforeID: 4}, 1, 3, 2, 5)
	test("of a company, before a place", ActivityFilter{Ref: &company, Before: time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC), BeforeID: 4, Limit: 1}, 1)
	test("of a conversation", ActivityFilter{Thread: 2}, 2)
	test("of a contact", ActivityFilter{Ref: &contact}, 1, 2)
	test("of a company stand its contacts' mails, each once", ActivityFilter{Ref: &company}, 4, 1, 2)
	test("of a company, the newest", ActivityFilter{Ref: &company, Limit: 2}, 4, 1)
	test("of a company, the later of two of the same moment", ActivityFilter{Ref: &company, Limit: 1}, 4)
	test("of a company, before a moment", ActivityFilter{Ref: &company, Before: time.Date(2026, 5, 5, 9, 0, 0, 0, time.UTC)}, 2)
	test("of a user", ActivityFilter{User: "uwe@acme.example"}, 4, 3)
	test("of a user and a company", ActivityFilter{User: "uwe@acme.example", Ref: &company}, 4)
	test("of a user, the newest of a company", ActivityFilter{User: "anna@acme.example", Ref: &company, Limit: 1}, 1)
	test("with a text, in any case", ActivityFilter{Match: "ünder"}, 2)
	test("with a name of the people", ActivityFilter{Match: "ben client", Limit: 1}, 4)
	test("with a text that is nowhere", ActivityFilter{Match: "xyz"})
	_, err := n.Activities(t.Context(), ActivityFilter{User: "eve@acme.example"})
	refused(t, "of a user that is not there", err, crm.ErrNotFound, "eve@acme.example")
}

func TestLongListsAreReadInPages(t *testing.T) {
	n := newNouns(t)
	ben, carl := n.contact("Ben", "Client Ltd", "ben@client.example"), n.contact("Carl", "Client Ltd", "carl@client.example")
	var records []*crm.Record
	for i := range pageSize + 300 {
		contact := ben
		if i%3 == 0 {
			contact = carl
		}
		subject := "Odd"
		if i%500 == 0 {
			subject = "Even"
		}
		// Ten mails of the same moment: a page may end between them.
		at := time.Date(2026, 5, 1, 0, i/10, 0, 0, time.UTC)
		records = append(records, n.record(letter{subject: subject, at: at, links: []crm.NewLink{auto(crm.KindContact, contact)}}))
	}
	stamp := must(n.Gather(t.Context(), crm.Question{}))(t).Stamp
	err := inPieces(t.Context(), n.Store, records, func(x *tx, r *crm.Record) error {
		r.Plan.Stamp = stamp
		e, err := n.newEntry(r, r.Plan)
		if err == nil {
			_, err = e.record(x)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	company := crm.Ref{Kind: crm.KindCompany, ID: 1}
	for rule, f := range map[string]ActivityFilter{"all": {}, "of a company": {Ref: &company}, "of a user": {User: "anna@acme.example"}} {
		got := activityIDsOf(must(n.Activities(t.Context(), f))(t))
		slices.Reverse(got)
		for i, id := range got {
			if int(id) != i+1 {
				t.Fatalf("%s: at place %d from the end stands %d", rule, i, id)
			}
		}
		if len(got) != len(records) {
			t.Errorf("%s: got %d, want %d", rule, len(got), len(records))
		}
	}
	same(t, "found on all pages", len(must(n.Activities(t.Context(), ActivityFilter{Match: "even", Ref: &company}))(t)), 3)
	same(t, "intakes", len(must(n.Intakes(t.Context(), IntakeFilter{}))(t)), len(records))
	same(t, "intakes with a text", len(must(n.Intakes(t.Context(), IntakeFilter{Match: "even"}))(t)), 3)
}

func TestFindParty(t *testing.T) {
	n := newNouns(t)
	n.contact("Ben", "", "ben@client.example")
	n.take(letter{creates: []crm.NewRecord{{Kind: crm.KindLead, Title: "Lead", Emails: []crm.Address{"carl@new.example"}}}})
	test := func(rule string, a crm.Address, want string) {
		t.Helper()
		if got := fmt.Sprint(must(n.FindParty(t.Context(), a))(t)); got != want {
			t.Errorf("%s: %s: got %s, want %s", rule, a, got, want)
		}
	}
	test("a contact", "ben@client.example", "[contact:1]")
	test("also with a tag", "ben+x@client.example", "[contact:1]")
	test("a lead", "carl@new.example", "[lead:1]")
	test("a user has no timeline", "anna@acme.example", "[]")
	test("nobody", "eve@else.example", "[]")
}

// TestPeopleAreMatchedAsTheyAreCalled, and not as JSON writes them.
func TestPeopleAreMatchedAsTheyAreCalled(t *testing.T) {
	row := matchRow{People: `[{"role":"to","name":"Smith \u0026 \"Söhne\"","address":"office@smith.example"}]`}
	for text, want := range map[string]bool{"smith & ": true, `"SÖHNE"`: true, "söh": true, "Office@smith": true, "role": false, "u0026": false, "nobody": false, "": true} {
		same(t, "has "+text, must(row.matches(text))(t), want)
	}
}
