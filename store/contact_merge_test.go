package store

import (
	"testing"

	"blindcopy/crm"
)

func toContact(id int64, code crm.Code, source crm.Source) crm.NewLink {
	return crm.NewLink{Ref: crm.Ref{Kind: crm.KindContact, ID: id}, Code: code, Source: source}
}

func TestMergeMovesEverything(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example", "both@client.example"}}))(t)
	must(n.AddContact(ctx, NewContact{Name: "B. Carter", Emails: []crm.Address{"b@client.example", "both@client.example"}, Company: "Client Ltd", Owner: "anna@acme.example"}))(t)
	must(n.EditContact(ctx, 1, ContactEdit{Former: []crm.Address{"both@client.example"}}))(t)
	must(n.EditContact(ctx, 2, ContactEdit{Former: []crm.Address{"b@client.example"}}))(t)
	must(n.AddDeal(ctx, NewDeal{Title: "Both", Contacts: []int64{1, 2}}))(t)
	must(n.AddDeal(ctx, NewDeal{Title: "Gone", Contacts: []int64{2}}))(t)
	n.mail([]crm.NewLink{toContact(1, crm.ContactByAddress, crm.SourceAuto)})
	n.mail([]crm.NewLink{toContact(2, crm.ContactByAddress, crm.SourceAuto)})
	n.mail([]crm.NewLink{toContact(1, crm.ContactByAddress, crm.SourceAuto), toContact(2, crm.LinkedByUser, crm.SourceManual)})
	n.mail([]crm.NewLink{toContact(1, crm.LinkedByUser, crm.SourceManual), toContact(2, crm.ContactByAddress, crm.SourceAuto)})
	n.facts("ben@client.example", "b@client.example", "both@client.example") // remembered from here on

	c := must(n.MergeContacts(ctx, 1, 2))(t)
	same(t, "addresses", emails(c.Emails), "ben@client.example both@client.example (b@client.example)")
	if c.Name != "Ben" || c.Company == nil || c.Owner != "anna@acme.example" {
		t.Errorf("it keeps its name and gets what it lacks, got %+v", c)
	}
	for a, want := range map[crm.Address]string{"ben@client.example": "contact:1", "b@client.example": "former contact:1", "both@client.example": "contact:1"} {
		same(t, "holder of "+string(a), n.holders(a), want)
	}
	same(t, "timeline", n.timeline(crm.Ref{Kind: crm.KindContact, ID: 1}),
		[]string{"1 contact_by_address auto", "2 contact_by_address auto", "3 linked_by_user manual", "4 linked_by_user manual"})
	same(t, "timeline of gone", n.timeline(crm.Ref{Kind: crm.KindContact, ID: 2}), []string{})
	for _, d := range must(n.Deals(ctx, Filter{}))(t) {
		same(t, "contacts of deal "+d.Title, d.Contacts, []crm.Named{{ID: 1, Name: "Ben"}})
	}
	same(t, "open deals of the facts", n.facts("b@client.example").Contacts[1].OpenDeals, []int64{1, 2})
	_, err := n.Contact(ctx, 2)
	refused(t, "gone", err, crm.ErrNotFound, "merged into contact 1")
}

func TestMergeOfAChainNamesTheLast(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for range 3 {
		must(n.AddContact(ctx, NewContact{Name: "Ben"}))(t)
	}
	must(n.MergeContacts(ctx, 2, 3))(t)
	must(n.MergeContacts(ctx, 1, 2))(t)
	_, err := n.Contact(ctx, 3)
	refused(t, "gone first", err, crm.ErrNotFound, "merged into contact 1")
	_, err = n.MergeContacts(ctx, 1, 3)
	refused(t, "merge what is gone", err, crm.ErrNotFound, "merged into contact 1")
	_, err = n.MergeContacts(ctx, 1, 1)
	refused(t, "merge with itself", err, ErrInvalid, "itself")
	_, err = n.MergeContacts(ctx, 9, 1)
	refused(t, "merge into nobody", err, crm.ErrNotFound, "contact 9")
	same(t, "contacts", len(must(n.Contacts(ctx, Filter{}))(t)), 1)
}

func TestMergeTakesTheBetterName(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	n.mail(nil, crm.NewRecord{Kind: crm.KindContact, Name: "B Carter", Guessed: true, Emails: []crm.Address{"b.carter@client.example"}})
	must(n.AddContact(ctx, NewContact{Name: "Ben Carter"}))(t)
	c := must(n.MergeContacts(ctx, 1, 2))(t)
	if c.Name != "Ben Carter" || c.NeedsCheck {
		t.Errorf("got %+v, want the name that a person gave, checked", c)
	}
	if !n.facts("b.carter@client.example").Contacts[1].NameKnown {
		t.Error("a later mail would replace it")
	}
}

func TestMergeMovesTheLeadsOfAContact(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben"}))(t)
	lead := n.leadFrom("B. Carter", false, "b@client.example")
	_, c, err := n.ConvertLead(ctx, lead, ConvertLead{})
	if err != nil {
		t.Fatal(err)
	}
	must(n.MergeContacts(ctx, 1, c.ID))(t)
	same(t, "contact of the lead", *must(n.Lead(ctx, lead))(t).ContactID, int64(1))
	same(t, "for the next mail", n.facts("b@client.example").Leads[lead].Contact, int64(1))
}

func TestMergeKeepsWhatAPersonTookAway(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for range 2 {
		must(n.AddContact(ctx, NewContact{Name: "Ben"}))(t)
	}
	n.mail(nil)
	n.mail([]crm.NewLink{toContact(1, crm.ContactByAddress, crm.SourceAuto)})
	err := n.write(ctx, func(t *tx) error {
		for activity := range int64(2) { // both taken from the one that goes
			if err := t.exec(`INSERT INTO unlinked (activity, kind, record) VALUES (?, 1, 2)`, activity+1); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	must(n.MergeContacts(ctx, 1, 2))(t)
	err = n.write(ctx, func(t *tx) error {
		for activity := range int64(2) {
			if err := t.link(activity+1, 5, toContact(1, crm.ContactByAddress, crm.SourceAuto)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	got := n.timeline(crm.Ref{Kind: crm.KindContact, ID: 1})
	same(t, "timeline", got[len(got)-1:], []string{"2 contact_by_address auto"})
	for _, line := range got {
		if line[0] == '1' {
			t.Errorf("a rule put back what a person took away: %v", got)
		}
	}
}

func TestMergeOfALongTimelineGoesInPieces(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for range 2 {
		must(n.AddContact(ctx, NewContact{Name: "Ben"}))(t)
	}
	const mails = 2*mergePiece + 500
	err := n.write(ctx, func(t *tx) error {
		for i := range int64(mails) {
			if err := t.link(i+1, 1000*(i/3), toContact(2, crm.ContactByAddress, crm.SourceAuto)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	transactions := 0
	n.Faults.BeforeCommit = func() error { transactions++; return nil }
	must(n.MergeContacts(ctx, 1, 2))(t)
	n.Faults.BeforeCommit = nil
	same(t, "transactions", transactions, 3)
	same(t, "links of keep", len(n.timeline(crm.Ref{Kind: crm.KindContact, ID: 1})), mails)
	same(t, "links of gone", len(n.timeline(crm.Ref{Kind: crm.KindContact, ID: 2})), 0)
}
