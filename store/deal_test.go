package store

import (
	"testing"
	"time"

	"blindcopy/crm"
)

func TestDealIsSeenByTheNextMail(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return now }
	must(n.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example"}, Company: "Client Ltd"}))(t)
	must(n.AddContact(ctx, NewContact{Emails: []crm.Address{"old@client.example", "olivia@client.example"}}))(t)
	must(n.EditContact(ctx, 2, ContactEdit{Former: []crm.Address{"old@client.example"}}))(t)
	same(t, "before", n.facts("ben@client.example").Contacts[1].OpenDeals, nil)

	d := must(n.AddDeal(ctx, NewDeal{Title: "Website", Contacts: []int64{1, 1, 2}, Company: 1, Owner: "anna@acme.example", Stage: "offer"}))(t)
	same(t, "deal", d, crm.Deal{ID: 1, Title: "Website", Status: crm.DealOpen, Stage: "offer", Owner: "anna@acme.example",
		Company: &crm.Named{ID: 1, Name: "Client Ltd"}, Contacts: []crm.Named{{ID: 1, Name: "Ben"}, {ID: 2, Name: "olivia@client.example"}}, CreatedAt: now})
	f := n.facts("ben@client.example")
	same(t, "open deals of the contact", f.Contacts[1].OpenDeals, []int64{1})
	same(t, "open deals of the company", f.Companies[1].OpenDeals, []int64{1})

	now = now.Add(time.Hour)
	d = must(n.CloseDeal(ctx, 1, true))(t)
	same(t, "closed", []any{d.Status, *d.ClosedAt}, []any{crm.DealWon, now})
	same(t, "open deals after", n.facts("ben@client.example").Contacts[1].OpenDeals, nil)
	now = now.Add(time.Hour)
	same(t, "won again", *must(n.CloseDeal(ctx, 1, true))(t).ClosedAt, now.Add(-time.Hour))
	same(t, "lost after all", must(n.CloseDeal(ctx, 1, false))(t).Status, crm.DealLost)
}

func TestDealEditChangesWhatIsSet(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for _, name := range []string{"Ben", "Olivia"} {
		must(n.AddContact(ctx, NewContact{Name: name, Company: "Client Ltd"}))(t)
	}
	must(n.AddDeal(ctx, NewDeal{Title: "Website", Contacts: []int64{1}, Company: 1, Stage: "offer"}))(t)
	d := must(n.EditDeal(ctx, 1, DealEdit{Stage: ref("signed"), AddContacts: []int64{2}, RemoveContacts: []int64{1}, Company: ref(int64(0)), Owner: ref(crm.Address("anna@acme.example"))}))(t)
	if d.Title != "Website" || d.Stage != "signed" || d.Company != nil || d.Owner != "anna@acme.example" {
		t.Errorf("got %+v", d)
	}
	same(t, "contacts", d.Contacts, []crm.Named{{ID: 2, Name: "Olivia"}})
	for words, e := range map[string]DealEdit{"contact 9": {AddContacts: []int64{9}}, "contact 1": {RemoveContacts: []int64{1}}, "company 9": {Company: ref(int64(9))}} {
		_, err := n.EditDeal(ctx, 1, e)
		refused(t, "edit", err, crm.ErrNotFound, words)
	}
	_, err := n.EditDeal(ctx, 1, DealEdit{Title: ref("")})
	refused(t, "no title", err, ErrInvalid, "title")
	for words, deal := range map[string]NewDeal{"contact 9": {Title: "X", Contacts: []int64{9}}, "company 9": {Title: "X", Company: 9}, "user x@y.example": {Title: "X", Owner: "x@y.example"}} {
		_, err := n.AddDeal(ctx, deal)
		refused(t, "add", err, crm.ErrNotFound, words)
	}
	_, err = n.CloseDeal(ctx, 2, true)
	refused(t, "what was refused", err, crm.ErrNotFound, "deal 2")
}

func TestDealsAreListedNewestFirst(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben", Company: "Client Ltd"}))(t)
	must(n.AddDeal(ctx, NewDeal{Title: "Website", Contacts: []int64{1}, Owner: "anna@acme.example"}))(t)
	must(n.AddDeal(ctx, NewDeal{Title: "Ersatzteile", Company: 1}))(t)
	must(n.CloseDeal(ctx, 1, false))(t)
	for _, test := range []struct {
		f    Filter
		want []int64
	}{
		{Filter{}, []int64{2, 1}},
		{Filter{Limit: 1}, []int64{2}},
		{Filter{Match: "WEB"}, []int64{1}},
		{Filter{Contact: 1}, []int64{1}},
		{Filter{Company: 1}, []int64{2}},
		{Filter{Status: crm.DealOpen}, []int64{2}},
		{Filter{Owner: "anna@acme.example", Status: crm.DealLost}, []int64{1}},
	} {
		got := ids(must(n.Deals(ctx, test.f))(t), func(d crm.Deal) int64 { return d.ID })
		same(t, "deals", got, test.want)
	}
}

func TestReopenedDeal(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example"}}))(t)
	must(n.AddDeal(ctx, NewDeal{Title: "Website", Contacts: []int64{1}}))(t)
	must(n.CloseDeal(ctx, 1, true))(t)
	d := must(n.ReopenDeal(ctx, 1))(t)
	same(t, "status and end", []any{d.Status, d.ClosedAt == nil}, []any{crm.DealOpen, true})
	same(t, "open deals for the next mail", n.facts("ben@client.example").Contacts[1].OpenDeals, []int64{1})
	same(t, "open again", must(n.ReopenDeal(ctx, 1))(t).Status, crm.DealOpen)
	_, err := n.ReopenDeal(ctx, 9)
	refused(t, "reopen", err, crm.ErrNotFound, "deal 9")
}
