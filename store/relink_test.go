package store

import (
	"bytes"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestStoredIsWhatCameIn(t *testing.T) {
	n := newNouns(t)
	_, tags := crm.ParseBCCLocal("anna-abcdefghjk+deal42+private")
	var in *crm.Inbound
	id, _ := n.take(letter{raw: []byte("Subject: x\r\n\r\n\x00\xff"), edit: func(r *crm.Record) {
		in = r.Inbound
		in.Remote, in.Helo, in.TLS, in.Trusted, in.MailFrom = netip.MustParseAddr("192.0.2.7"), "mail.example", "TLS 1.3", true, "bounce+1@relay.example"
		in.Recipients[0].Tags = tags
	}})
	got := must(n.Stored(t.Context(), id))(t)
	if !bytes.Equal(got.Raw.Bytes, in.Raw.Bytes) || got.Raw.SHA256 != in.Raw.SHA256 {
		t.Errorf("raw bytes: got %q, want %q", got.Raw.Bytes, in.Raw.Bytes)
	}
	same(t, "the envelope", fmt.Sprintf("%v %v %v %v %v %v %+v", got.ReceivedAt, got.Remote, got.Helo, got.TLS, got.Trusted, got.MailFrom, got.Recipients),
		fmt.Sprintf("%v %v %v %v %v %v %+v", in.ReceivedAt, in.Remote, in.Helo, in.TLS, in.Trusted, in.MailFrom, in.Recipients))
	_, err := n.Stored(t.Context(), "01NONE")
	refused(t, "an intake that is not there", err, crm.ErrNotFound, "01NONE")
}

func TestMailWithFindsFiledAndHeldMail(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	n.take(letter{to: "Ben <ben@client.example>", cc: "carl@client.example", subject: "Offer", links: []crm.NewLink{auto(crm.KindContact, ben)}}) // 1
	n.take(letter{to: "ben+work@client.example"})                                                                                                 // 2
	n.take(letter{to: "benno@client.example"})                                                                                                    // 3
	n.take(letter{to: "ben@other.example"})                                                                                                       // 4
	held, _ := n.take(letter{from: "carl@client.example", to: "anna@acme.example", subject: "Held", verdict: crm.Held})
	test := func(rule string, addresses []crm.Address, domains []string, want ...crm.ActivityID) {
		t.Helper()
		var got []crm.ActivityID
		for _, m := range must(n.MailWith(t.Context(), addresses, domains, 0, 0))(t) {
			got = append(got, m.Activity)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v (0 is held)", rule, got, want)
		}
	}
	test("an address, also with a tag, and no other that begins alike", []crm.Address{"ben@client.example"}, nil, 1, 2)
	test("an address of filed and held mail", []crm.Address{"carl@client.example"}, nil, 1, 0)
	test("a domain", nil, []string{"client.example"}, 1, 2, 3, 0)
	test("all below a domain", nil, []string{"*.example"}, 1, 2, 3, 4, 0)
	test("nothing below a domain, and not the domain itself", nil, []string{"*.client.example"})
	test("both, each mail once", []crm.Address{"ben@client.example", "ben@other.example"}, []string{"client.example"}, 1, 2, 3, 4, 0)
	test("nobody", []crm.Address{"eve@else.example"}, []string{"none.example"})

	list := must(n.MailWith(t.Context(), []crm.Address{"carl@client.example"}, nil, 0, 0))(t)
	at := time.Date(2026, 5, 1, 9, 1, 0, 0, time.UTC)
	list[0].Row = nil
	same(t, "filed mail", list[0], crm.StoredMail{Cursor: 1, Intake: list[0].Intake, Activity: 1, Thread: 1, Direction: crm.Outgoing, AuthorUser: 1, Owner: 1, Mailbox: 1,
		Visibility: crm.VisibilityLinked, At: at, Links: []crm.Link{{Kind: crm.KindContact, ID: ben, Title: "Ben", Code: crm.ContactByAddress, Source: crm.SourceAuto}},
		Mail: &crm.Mail{MessageID: "1@acme.example", Subject: "Offer", Date: at, From: []crm.Party{{Address: "anna@acme.example"}},
			To: []crm.Party{{Name: "Ben", Address: "ben@client.example"}}, Cc: []crm.Party{{Address: "carl@client.example"}}}})
	same(t, "held mail", words(list[1].Intake, list[1].Mail.Subject, list[1].Owner, list[1].Mailbox), words(held, "Held", 1, 1))
}

func TestMailWithGoesOnAfterACursor(t *testing.T) {
	n := newNouns(t)
	for i := range 20 {
		l := letter{to: "ben@client.example, carl@client.example, dora@client.example"}
		if i%4 == 3 {
			l.verdict = crm.Held
		}
		n.take(l)
	}
	people := []crm.Address{"ben@client.example", "carl@client.example"}
	want := withoutRows(must(n.MailWith(t.Context(), people, nil, 0, 0))(t))
	same(t, "mails", len(want), 20)
	for _, limit := range []int{1, 2, 3, 7, 19, 20, 21} {
		var got []crm.StoredMail
		for cursor := crm.MailCursor(0); ; {
			page := must(n.MailWith(t.Context(), people, []string{"client.example"}, cursor, limit))(t)
			if len(page) > limit {
				t.Fatalf("limit %d: a page of %d", limit, len(page))
			}
			if len(page) == 0 {
				break
			}
			got, cursor = append(got, page...), page[len(page)-1].Cursor
		}
		same(t, fmt.Sprintf("all pages of %d", limit), withoutRows(got), want)
	}
}

// withoutRows leaves out what is the store's own, and cannot be compared.
func withoutRows(list []crm.StoredMail) []crm.StoredMail {
	for i := range list {
		list[i].Row, list[i].Inbound = nil, nil
	}
	return list
}

func TestMailWithOfVeryManyAddresses(t *testing.T) {
	n := newNouns(t)
	var people []crm.Address
	for i := range manyPeople + 500 {
		people = append(people, crm.Address(fmt.Sprintf("p%d@client.example", i)))
	}
	err := n.write(t.Context(), func(x *tx) error {
		for _, a := range people {
			if _, err := x.addressID(a); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		l := letter{to: string(people[i*100]) + ", x@other.example"}
		if i == 3 {
			l.to = "x@other.example"
		}
		if i == 5 {
			l.verdict = crm.Held
		}
		n.take(l)
	}
	test := func(name string, addresses []crm.Address, domains []string) {
		t.Helper()
		var got []crm.ActivityID
		for cursor := crm.MailCursor(0); ; {
			page := must(n.MailWith(t.Context(), addresses, domains, cursor, 2))(t)
			if len(page) == 0 {
				break
			}
			for _, m := range page {
				got = append(got, m.Activity)
			}
			cursor = page[len(page)-1].Cursor
		}
		same(t, name, got, []crm.ActivityID{1, 2, 3, 5, 0})
	}
	test("mails of many addresses, few of them seen in mail", people, nil)
	test("mails of a domain with many addresses", nil, []string{"client.example"})
}

func TestAddLinksCommitsInShortPieces(t *testing.T) {
	n := newNouns(t)
	ben, deal := n.contact("Ben", "", "ben@client.example"), n.deal("Deal")
	var more []crm.Relinked
	for range 300 {
		_, act := n.take(letter{links: []crm.NewLink{auto(crm.KindDeal, deal)}})
		more = append(more, crm.Relinked{Activity: act, Add: []crm.NewLink{auto(crm.KindContact, ben), auto(crm.KindDeal, deal)}, Remove: []crm.Ref{{Kind: crm.KindCompany, ID: 1}}})
	}
	more = append(more, crm.Relinked{Activity: 9999, Add: more[0].Add}) // gone meanwhile
	var commits int
	n.Faults.BeforeCommit = func() error { commits++; return nil }
	start := time.Now()
	if err := n.AddLinks(t.Context(), more); err != nil {
		t.Fatal(err)
	}
	n.Faults.BeforeCommit = nil
	if longest := time.Since(start) / time.Duration(commits); longest > 100*time.Millisecond {
		t.Errorf("%d commits took %s each", commits, longest)
	}
	same(t, "mails of the contact", len(n.timeline(crm.Ref{Kind: crm.KindContact, ID: ben})), 300)
	same(t, "a link that is there already stays as it is", n.timeline(crm.Ref{Kind: crm.KindDeal, ID: deal})[0], "1 deal_unique auto")
}

func TestRerunFilesHeldMail(t *testing.T) {
	n := newNouns(t)
	id, _ := n.take(letter{messageID: "1@x", to: "ben@client.example", verdict: crm.Held, codes: []crm.Code{crm.UnknownReview}})
	ben := n.contact("Ben", "", "ben@client.example")
	rerun := func(edit func(*crm.Record)) crm.Recorded {
		r := n.record(letter{messageID: "1@x", to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
		in := must(n.Stored(t.Context(), id))(t)
		r.Inbound, r.Rerun = in, true
		r.Plan.Results[0].Claims[0].Replace = true
		r.Plan.Stamp = must(n.Gather(t.Context(), crm.Question{}))(t).Stamp
		if edit != nil {
			edit(r)
		}
		return must(n.Record(t.Context(), r))(t)
	}
	act := rerun(nil).Activities[0]
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "its intake", words(in.Verdict, in.Codes, in.ActivityIDs, in.Kept, in.Expires), words(crm.Filed, "[unknown_review contact_by_address]", []crm.ActivityID{act}, true, nil))
	got := must(n.Activity(t.Context(), act))(t)
	same(t, "the capture moved along", got.Captures[0].IntakeID, id)
	same(t, "mail to look at again", len(must(n.MailWith(t.Context(), []crm.Address{"ben@client.example"}, nil, 0, 0))(t)), 1)
	same(t, "what waits for review", len(must(n.Review(t.Context(), ReviewFilter{}))(t)), 0)
	same(t, "a second rerun leaves it", rerun(nil).Activities[0], act)
	same(t, "activities", must(n.Stats(t.Context()))(t).Activities, 1)
}
