package store

import (
	"strings"
	"testing"

	"blindcopy/crm"
)

func TestCompanyIsFoundByDomainAndAddress(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	same(t, "before", n.facts("x@client.example").Domains["client.example"], nil)
	c := must(n.AddCompany(ctx, NewCompany{Name: "Client  Ltd", Domains: []string{"Client.Example", "müller.example"}, Emails: []crm.Address{"office@client.example"}, Owner: "anna@acme.example"}))(t)
	same(t, "company", c, crm.Company{ID: 1, Name: "Client Ltd", Domains: []string{"client.example", "xn--mller-kva.example"},
		Emails: []crm.Email{{Address: "office@client.example"}}, Owner: "anna@acme.example"})
	same(t, "by domain", n.facts("x@client.example").Domains["client.example"].Companies, []int64{1})
	same(t, "by address", n.holders("office@client.example"), "company:1")

	must(n.AddCompany(ctx, NewCompany{Name: "Client Asia", Domains: []string{"client.example"}}))(t)
	same(t, "several of one domain", n.facts("x@client.example").Domains["client.example"].Companies, []int64{1, 2})
}

func TestCompanyEditIsSeenByTheNextMail(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddCompany(ctx, NewCompany{Name: "Client", Domains: []string{"old.example"}, Emails: []crm.Address{"office@old.example"}}))(t)
	same(t, "before", n.facts("office@old.example").Companies[1].Name, "Client")
	c := must(n.EditCompany(ctx, 1, CompanyEdit{Name: ref("Client Ltd"), AddDomains: []string{"new.example"}, RemoveDomains: []string{"old.example"},
		Add: []crm.Address{"office@new.example"}, Former: []crm.Address{"office@old.example"}, Owner: ref(crm.Address("anna@acme.example"))}))(t)
	same(t, "domains", c.Domains, []string{"new.example"})
	same(t, "addresses", emails(c.Emails), "office@new.example (office@old.example)")
	f := n.facts("office@old.example", "x@new.example")
	same(t, "the old domain", f.Domains["old.example"], nil)
	same(t, "the new domain", f.Domains["new.example"].Companies, []int64{1})
	same(t, "facts", *f.Companies[1], crm.CompanyFacts{ID: 1, Name: "Client Ltd", Owner: 1})
	same(t, "found by its new name", must(n.AddContact(ctx, NewContact{Name: "Ben", Company: "client ltd"}))(t).Company.ID, int64(1))

	_, err := n.EditCompany(ctx, 1, CompanyEdit{RemoveDomains: []string{"old.example"}})
	refused(t, "remove a foreign domain", err, crm.ErrNotFound, "domain old.example")
	_, err = n.EditCompany(ctx, 1, CompanyEdit{Name: ref(" ")})
	refused(t, "no name", err, ErrInvalid, "name")
	_, err = n.AddCompany(ctx, NewCompany{Name: "X", Domains: []string{"a b"}})
	refused(t, "no domain", err, ErrInvalid, `"a b" is no domain`)
	_, err = n.Company(ctx, 2)
	refused(t, "what was refused", err, crm.ErrNotFound, "company 2")
}

func TestCompaniesAreListedNewestFirst(t *testing.T) {
	n, ctx := newNouns(t), t.Context()
	must(n.AddCompany(ctx, NewCompany{Name: "Client", Domains: []string{"client.example"}}))(t)
	must(n.AddCompany(ctx, NewCompany{Name: "Ромашка", Emails: []crm.Address{"info@flower.example"}, Owner: "anna@acme.example"}))(t)
	for _, test := range []struct {
		f    Filter
		want string
	}{
		{Filter{}, "Ромашка Client"},
		{Filter{Limit: 1}, "Ромашка"},
		{Filter{Match: "client.ex"}, "Client"},
		{Filter{Match: "info@"}, "Ромашка"},
		{Filter{Owner: "anna@acme.example"}, "Ромашка"},
	} {
		var names []string
		for _, c := range must(n.Companies(ctx, test.f))(t) {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%+v: got %q, want %q", test.f, got, test.want)
		}
	}
}
