package store

import (
	"slices"
	"testing"

	"blindcopy/crm"
)

func TestLinkByHandStays(t *testing.T) {
	n := newNouns(t)
	ben, carl := n.contact("Ben", "", "ben@client.example"), n.contact("Carl", "", "carl@client.example")
	id, act := n.take(letter{to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}})
	got := must(n.LinkActivity(t.Context(), act, crm.Ref{Kind: crm.KindContact, ID: carl}))(t)
	same(t, "links", linksOf(got), []string{"contact:1 contact_by_address auto", "contact:2 linked_by_user manual"})
	got = must(n.LinkActivity(t.Context(), act, crm.Ref{Kind: crm.KindContact, ID: ben}))(t)
	same(t, "links, one of them confirmed", linksOf(got), []string{"contact:1 linked_by_user manual", "contact:2 linked_by_user manual"})
	err := n.AddLinks(t.Context(), []crm.Relinked{{Activity: act, Remove: []crm.Ref{{Kind: crm.KindContact, ID: ben}}}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "a rule takes away none of them", len(must(n.Activity(t.Context(), act))(t).Links), 2)
	if codes := must(n.Intake(t.Context(), id))(t).Codes; !slices.Contains(codes, crm.LinkedByUser) {
		t.Errorf("the trace does not say that a person linked it: %v", codes)
	}
	_, err = n.LinkActivity(t.Context(), act, crm.Ref{Kind: crm.KindDeal, ID: 9})
	refused(t, "a deal that is not there", err, crm.ErrNotFound, "deal 9")
	_, err = n.LinkActivity(t.Context(), 9, crm.Ref{Kind: crm.KindContact, ID: ben})
	refused(t, "a mail that is not there", err, crm.ErrNotFound, "activity 9")
}

func TestUnlinkedStaysUnlinked(t *testing.T) {
	n := newNouns(t)
	ben := crm.Ref{Kind: crm.KindContact, ID: n.contact("Ben", "", "ben@client.example")}
	_, act := n.take(letter{to: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben.ID)}})
	same(t, "links", linksOf(must(n.UnlinkActivity(t.Context(), act, ben))(t)), []string{})
	_, err := n.UnlinkActivity(t.Context(), act, ben)
	refused(t, "twice", err, crm.ErrNotFound, "contact:1")
	if err := n.AddLinks(t.Context(), []crm.Relinked{{Activity: act, Add: []crm.NewLink{auto(crm.KindContact, ben.ID)}}}); err != nil {
		t.Fatal(err)
	}
	same(t, "links after a rule had a second thought", linksOf(must(n.Activity(t.Context(), act))(t)), []string{})
	same(t, "links after a person had one", linksOf(must(n.LinkActivity(t.Context(), act, ben))(t)), []string{"contact:1 linked_by_user manual"})
}

func TestChosenDealPinsTheConversation(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	wrong, right, other := n.deal("Wrong", ben), n.deal("Right", ben), n.deal("Other", ben)
	_, byRule := n.take(letter{links: []crm.NewLink{auto(crm.KindContact, ben), auto(crm.KindDeal, wrong)}})
	_, byHand := n.take(letter{thread: 1, links: []crm.NewLink{manual(crm.KindDeal, other)}})
	_, ambiguous := n.take(letter{thread: 1, links: []crm.NewLink{auto(crm.KindContact, ben)}})
	_, taken := n.take(letter{thread: 1, links: []crm.NewLink{auto(crm.KindDeal, right)}})
	must(n.UnlinkActivity(t.Context(), taken, crm.Ref{Kind: crm.KindDeal, ID: right}))(t)
	_, elsewhere := n.take(letter{links: []crm.NewLink{auto(crm.KindDeal, wrong)}})
	before := n.facts("ben@client.example").Stamp
	_, chosen := n.take(letter{thread: 1})

	got := must(n.LinkActivity(t.Context(), chosen, crm.Ref{Kind: crm.KindDeal, ID: right}))(t)
	same(t, "links of the mail that was chosen", linksOf(got), []string{"deal:2 linked_by_user manual"})
	same(t, "it is pinned", got.ThreadPinned, true)
	test := func(rule string, id crm.ActivityID, want ...string) {
		t.Helper()
		same(t, rule, linksOf(must(n.Activity(t.Context(), id))(t)), append([]string{}, want...))
	}
	test("a rule's link follows", byRule, "contact:1 contact_by_address auto", "deal:2 deal_pinned auto")
	test("a person's link stays", byHand, "deal:3 linked_by_user manual")
	test("what no rule could decide follows", ambiguous, "contact:1 contact_by_address auto", "deal:2 deal_pinned auto")
	test("what a person took away stays away", taken)
	test("another conversation does not follow", elsewhere, "deal:1 deal_unique auto")
	if after := n.facts("ben@client.example").Stamp; after.Version == before.Version {
		t.Error("a decision from before the pin would not be seen as stale")
	}
	unpinned := must(n.UnlinkActivity(t.Context(), chosen, crm.Ref{Kind: crm.KindDeal, ID: right}))(t)
	same(t, "it is pinned, without a person's link", unpinned.ThreadPinned, false)
}

func TestUndoTakesBackWhatRulesDid(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	lead := func(a crm.Address) crm.NewRecord {
		return crm.NewRecord{Kind: crm.KindLead, Title: string(a), Name: "New", Emails: []crm.Address{a}, Domain: a.Domain()}
	}
	id, act := n.take(letter{to: "carl@new.example", links: []crm.NewLink{auto(crm.KindContact, ben), manual(crm.KindDeal, n.deal("Deal"))},
		creates: []crm.NewRecord{lead("carl@new.example"), lead("dora@more.example"), lead("emil@last.example")}})
	n.take(letter{to: "dora@more.example", links: []crm.NewLink{auto(crm.KindLead, 2)}}) // another mail is on the second
	must2(n.ConvertLead(t.Context(), 3, ConvertLead{}))(t)                               // a person touched the third
	same(t, "holders before", n.holders("carl@new.example"), "lead:1")

	got := must(n.UndoActivity(t.Context(), act))(t)
	same(t, "what a person did stays", linksOf(got), []string{"deal:1 linked_by_user manual"})
	_, err := n.Lead(t.Context(), 1)
	refused(t, "the lead that nobody touched", err, crm.ErrNotFound, "lead 1")
	same(t, "holders after", n.holders("carl@new.example"), "")
	if d := n.facts("carl@new.example").Domains["new.example"]; d != nil {
		t.Errorf("its domain still leads to %v", d.OpenLeads)
	}
	for _, kept := range []int64{2, 3} {
		if _, err := n.Lead(t.Context(), kept); err != nil {
			t.Errorf("lead %d is in use: %v", kept, err)
		}
	}
	in := must(n.Intake(t.Context(), id))(t)
	same(t, "the trace stays", in.Created, []crm.Ref{{Kind: crm.KindLead, ID: 1}, {Kind: crm.KindLead, ID: 2}, {Kind: crm.KindLead, ID: 3}})
	if err := n.AddLinks(t.Context(), []crm.Relinked{{Activity: act, Add: []crm.NewLink{auto(crm.KindContact, ben)}}}); err != nil {
		t.Fatal(err)
	}
	same(t, "no rule does it again", len(must(n.Activity(t.Context(), act))(t).Links), 1)
}

func must2[A, B any](_ A, _ B, err error) func(testing.TB) {
	return func(t testing.TB) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}
