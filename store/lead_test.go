package store

import (
	"testing"

	"blindcopy/crm"
)

// leadFrom files a mail that makes a lead.
func (n *nouns) leadFrom(name string, guessed bool, a ...crm.Address) int64 {
	n.t.Helper()
	done := n.mail(nil, crm.NewRecord{Kind: crm.KindLead, Title: name, Name: name, Guessed: guessed, Emails: a, Domain: a[0].Domain(), Owner: 1})
	return done.Created[0].ID
}

func TestLeadBecomesAContactWithItsMail(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	lead := n.leadFrom("Ben Carter", true, "ben@client.example", "b@client.example")
	n.mail([]crm.NewLink{{Ref: crm.Ref{Kind: crm.KindLead, ID: lead}, Code: crm.LeadByAddress}})
	l := must(n.Lead(ctx, lead))(t)
	if !l.NeedsCheck || l.Status != crm.LeadOpen || l.Responsible != "anna@acme.example" || l.CreatedByIntake == "" {
		t.Errorf("a lead that a mail made: %+v", l)
	}
	same(t, "its domain", n.facts("x@client.example").Domains["client.example"].OpenLeads, []int64{lead})

	l, c, err := n.ConvertLead(ctx, lead, ConvertLead{Name: "Benjamin Carter", Company: "Client Ltd", CompanyDomain: "client.example"})
	if err != nil {
		t.Fatal(err)
	}
	if l.Status != crm.LeadConverted || l.NeedsCheck || l.ContactID == nil || *l.ContactID != c.ID {
		t.Errorf("the lead: %+v", l)
	}
	same(t, "contact", c, crm.Contact{ID: 1, Name: "Benjamin Carter", Owner: "anna@acme.example", Company: &crm.Named{ID: 1, Name: "Client Ltd"},
		Emails: []crm.Email{{Address: "ben@client.example"}, {Address: "b@client.example"}}})
	same(t, "timeline", n.timeline(crm.Ref{Kind: crm.KindContact, ID: 1}), []string{"1 lead_converted auto", "2 lead_converted auto"})
	same(t, "the lead's own", len(n.timeline(crm.Ref{Kind: crm.KindLead, ID: lead})), 2)
	same(t, "holders", n.holders("b@client.example"), "contact:1 lead:1")
	f := n.facts("x@client.example")
	same(t, "its domain is the company's", *f.Domains["client.example"], crm.DomainFacts{Companies: []int64{1}})

	_, _, err = n.ConvertLead(ctx, lead, ConvertLead{})
	refused(t, "convert twice", err, ErrInvalid, "converted to contact 1 already")
	_, err = n.DismissLead(ctx, lead)
	refused(t, "dismiss what was converted", err, ErrInvalid, "contact 1")
}

func TestAddressTakenFromTheContactIsNotFoundByItsLead(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	lead := n.leadFrom("Ben", false, "ben@client.example", "b@client.example")
	_, c, err := n.ConvertLead(ctx, lead, ConvertLead{})
	if err != nil {
		t.Fatal(err)
	}
	must(n.EditContact(ctx, c.ID, ContactEdit{Remove: []crm.Address{"b@client.example"}}))(t)
	same(t, "removed", n.holders("b@client.example"), "")
	same(t, "left", n.holders("ben@client.example"), "contact:1 lead:1")
}

func TestLeadGoesToAContactThatIsThere(t *testing.T) {
	for name, contact := range map[string]int64{"named": 1, "found by its address": 0} {
		t.Run(name, func(t *testing.T) {
			n, ctx := newNouns(t), t.Context()
			must(n.AddContact(ctx, NewContact{Name: "Ben", Owner: "anna@acme.example"}))(t)
			lead := n.leadFrom("Lead", false, "ben@client.example", "b@client.example")
			must(n.EditContact(ctx, 1, ContactEdit{Add: []crm.Address{"ben@client.example"}}))(t)
			err := n.write(ctx, func(t *tx) error { // a person took the first mail away
				return t.exec(`INSERT INTO unlinked (activity, kind, record) VALUES (1, 1, 1)`)
			})
			if err != nil {
				t.Fatal(err)
			}
			n.mail([]crm.NewLink{{Ref: crm.Ref{Kind: crm.KindLead, ID: lead}, Code: crm.LeadByAddress}})
			_, c, err := n.ConvertLead(ctx, lead, ConvertLead{Contact: contact, Company: "Client Ltd"})
			if err != nil {
				t.Fatal(err)
			}
			if c.ID != 1 || c.Name != "Ben" || c.Company == nil {
				t.Errorf("got %+v, want contact 1 with the company", c)
			}
			same(t, "addresses", emails(c.Emails), "ben@client.example b@client.example")
			same(t, "timeline", n.timeline(crm.Ref{Kind: crm.KindContact, ID: 1}), []string{"2 lead_converted auto"})
		})
	}
	n, ctx := newNouns(t), t.Context()
	lead := n.leadFrom("Lead", false, "ben@client.example")
	_, _, err := n.ConvertLead(ctx, lead, ConvertLead{Contact: 9})
	refused(t, "a contact that is not there", err, crm.ErrNotFound, "contact 9")
	same(t, "status", must(n.Lead(ctx, lead))(t).Status, crm.LeadOpen)
}

func TestGuessedNameOfALeadStaysGuessed(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for _, guessed := range []bool{true, false} {
		a := crm.Address("guessed@client.example")
		if !guessed {
			a = "known@client.example"
		}
		if _, _, err := n.ConvertLead(ctx, n.leadFrom("Ben", guessed, a), ConvertLead{}); err != nil {
			t.Fatal(err)
		}
		for _, c := range n.facts(a).Contacts {
			if c.NameKnown == guessed {
				t.Errorf("%s: name known is %v", a, c.NameKnown)
			}
		}
	}
}

func TestDismissedLeadStaysAndHasNoDomain(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	lead := n.leadFrom("Ben", false, "ben@client.example")
	n.facts("ben@client.example")
	l := must(n.DismissLead(ctx, lead))(t)
	if l.Status != crm.LeadDismissed || l.NeedsCheck {
		t.Errorf("got %+v", l)
	}
	f := n.facts("ben@client.example")
	same(t, "its domain", f.Domains["client.example"], nil)
	same(t, "its status", f.Leads[lead].Status, crm.LeadDismissed)
	_, c, err := n.ConvertLead(ctx, lead, ConvertLead{})
	if err != nil || c.Name != "Ben" {
		t.Errorf("a dismissed lead may still be converted: %+v, %v", c, err)
	}
	_, err = n.Lead(ctx, 7)
	refused(t, "no lead", err, crm.ErrNotFound, "lead 7")
}

func TestLeadsAreListedNewestFirst(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	n.leadFrom("Ben", false, "ben@client.example")
	n.leadFrom("Анна", false, "a@romashka.example")
	must(n.DismissLead(ctx, 1))(t)
	for _, test := range []struct {
		f    LeadFilter
		want []int64
	}{
		{LeadFilter{}, []int64{2, 1}},
		{LeadFilter{Limit: 1}, []int64{2}},
		{LeadFilter{Status: crm.LeadDismissed}, []int64{1}},
		{LeadFilter{Match: "анна"}, []int64{2}},
		{LeadFilter{Match: "@client"}, []int64{1}},
	} {
		got := ids(must(n.Leads(ctx, test.f))(t), func(l crm.Lead) int64 { return l.ID })
		same(t, "leads", got, test.want)
	}
}
