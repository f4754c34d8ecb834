package store

import (
	"strings"
	"testing"

	"blindcopy/crm"
)

func TestContactIsAddedWithItsCompany(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	add := func(c NewContact) crm.Contact { t.Helper(); return must(n.AddContact(ctx, c))(t) }
	ben := add(NewContact{Name: " Ben\n Carter ", Emails: []crm.Address{"ben@client.example", "b@client.example", "ben@client.example"},
		Company: "Client Ltd", CompanyDomain: "client.example", Owner: "anna@acme.example"})
	same(t, "contact", ben, crm.Contact{ID: 1, Name: "Ben Carter", Owner: "anna@acme.example", Company: &crm.Named{ID: 1, Name: "Client Ltd"},
		Emails: []crm.Email{{Address: "ben@client.example"}, {Address: "b@client.example"}}})
	same(t, "read back", must(n.Contact(ctx, 1))(t), ben)

	for company, want := range map[string]int64{"CLIENT  ltd": 1, "1": 1, "Client Asia": 2, "": 0} {
		c := add(NewContact{Name: "Olivia", Company: company, CompanyDomain: "client.example"})
		got := int64(0)
		if c.Company != nil {
			got = c.Company.ID
		}
		if got != want {
			t.Errorf("company %q: got %d, want %d", company, got, want)
		}
	}
	same(t, "the domain stays with the company that has it", n.facts("new@client.example").Domains["client.example"].Companies, []int64{1})
	same(t, "of the new company", must(n.Company(ctx, 2))(t).Domains, []string{})
}

func TestContactThatCannotBeIsRefused(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for what, c := range map[string]NewContact{
		"there is no company 99":          {Name: "Ben", Company: "99"},
		"there is no user x@acme.example": {Name: "Ben", Owner: "x@acme.example"},
	} {
		_, err := n.AddContact(ctx, c)
		refused(t, what, err, crm.ErrNotFound, what)
	}
	_, err := n.AddContact(ctx, NewContact{Name: " "})
	refused(t, "nothing", err, ErrInvalid, "name or an e-mail address")
	same(t, "contacts", len(must(n.Contacts(ctx, Filter{}))(t)), 0)
}

func TestContactEditIsSeenByTheNextMail(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@old.example", "gone@old.example"}}))(t)
	same(t, "before", n.holders("ben@new.example"), "")
	same(t, "company before", n.facts("ben@old.example").Contacts[1].Company, int64(0))

	c := must(n.EditContact(ctx, 1, ContactEdit{Name: ref("Ben Carter"), Company: ref("Client Ltd"), Owner: ref(crm.Address("anna@acme.example")),
		Add: []crm.Address{"ben@new.example"}, Former: []crm.Address{"ben@old.example", "never@old.example"}, Remove: []crm.Address{"gone@old.example"}}))(t)
	same(t, "addresses", emails(c.Emails), "ben@new.example (ben@old.example) (never@old.example)")
	for a, want := range map[crm.Address]string{"ben@new.example": "contact:1", "ben@old.example": "former contact:1", "never@old.example": "former contact:1", "gone@old.example": ""} {
		same(t, "holder of "+string(a), n.holders(a), want)
	}
	f := n.facts("ben@new.example").Contacts[1]
	same(t, "facts", *f, crm.ContactFacts{ID: 1, Name: "Ben Carter", Company: 1, Owner: 1, NameKnown: true})

	c = must(n.EditContact(ctx, 1, ContactEdit{Add: []crm.Address{"ben@old.example"}, Company: ref(""), Owner: ref(crm.Address(""))}))(t)
	same(t, "an address that is added again is current", emails(c.Emails), "ben@old.example ben@new.example (never@old.example)")
	if c.Company != nil || c.Owner != "" {
		t.Errorf("company %v and owner %q stayed", c.Company, c.Owner)
	}
	_, err := n.EditContact(ctx, 1, ContactEdit{Name: ref("Nobody"), Remove: []crm.Address{"x@new.example"}})
	refused(t, "remove a foreign address", err, crm.ErrNotFound, "address x@new.example")
	same(t, "a refused edit changes nothing", must(n.Contact(ctx, 1))(t).Name, "Ben Carter")
	_, err = n.EditContact(ctx, 2, ContactEdit{})
	refused(t, "edit nobody", err, crm.ErrNotFound, "contact 2")
}

func TestOneAddressMayBeOfSeveralContacts(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	for _, name := range []string{"Ben", "Olivia"} {
		must(n.AddContact(ctx, NewContact{Name: name, Emails: []crm.Address{"office@client.example"}}))(t)
	}
	same(t, "holders", n.holders("office@client.example"), "contact:1 contact:2")
}

func TestContactOfAMailIsCheckedByAPerson(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	n.mail(nil, crm.NewRecord{Kind: crm.KindContact, Name: "Ben Carter", Guessed: true, Emails: []crm.Address{"ben.carter@client.example"}})
	c := must(n.Contact(ctx, 1))(t)
	if !c.NeedsCheck || c.CreatedByIntake == "" || n.facts("ben.carter@client.example").Contacts[1].NameKnown {
		t.Errorf("a contact that a mail made: %+v", c)
	}
	c = must(n.EditContact(ctx, 1, ContactEdit{Owner: ref(crm.Address("anna@acme.example"))}))(t)
	if c.NeedsCheck || n.facts("ben.carter@client.example").Contacts[1].NameKnown {
		t.Errorf("a person looked at it, but gave no name: %+v", c)
	}
	must(n.EditContact(ctx, 1, ContactEdit{Name: ref("Benjamin")}))(t)
	if !n.facts("ben.carter@client.example").Contacts[1].NameKnown {
		t.Error("the name that a person gave would be replaced")
	}
}

func TestContactsAreListedNewestFirst(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddContact(ctx, NewContact{Name: "Ben", Emails: []crm.Address{"ben@client.example"}, Company: "Client Ltd"}))(t)
	must(n.AddContact(ctx, NewContact{Name: "Анна", Emails: []crm.Address{"a@romashka.example"}, Owner: "anna@acme.example"}))(t)
	must(n.AddContact(ctx, NewContact{Name: "Olivia", Company: "1"}))(t)
	for _, test := range []struct {
		f    Filter
		want string
	}{
		{Filter{}, "Olivia Анна Ben"},
		{Filter{Limit: 2}, "Olivia Анна"},
		{Filter{Match: "АНН"}, "Анна"},
		{Filter{Match: "client.ex"}, "Ben"},
		{Filter{Match: "нн"}, "Анна"}, // within a word
		{Filter{Match: "LIVI"}, "Olivia"},
		{Filter{Match: "ent.exa"}, "Ben"}, // within an address
		{Filter{Match: "n@c"}, "Ben"},
		{Filter{Match: "."}, "Анна Ben"},
		{Filter{Match: ".", Limit: 1}, "Анна"},
		{Filter{Match: ".", Before: 2}, "Ben"},
		{Filter{Match: "%"}, ""},
		{Filter{Match: "li", Company: 1}, "Olivia Ben"}, // @client.example
		{Filter{Company: 1}, "Olivia Ben"},
		{Filter{Company: 1, Limit: 1}, "Olivia"},
		{Filter{Owner: "anna@acme.example"}, "Анна"},
		{Filter{Match: "nobody"}, ""},
	} {
		var names []string
		for _, c := range must(n.Contacts(ctx, test.f))(t) {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.f, got, test.want)
		}
	}
	_, err := n.Contacts(ctx, Filter{Owner: "x@acme.example"})
	refused(t, "of nobody", err, crm.ErrNotFound, "x@acme.example")
}
