package main

import (
	"context"

	"blindcopy/crm"
	"blindcopy/store"
	"blindcopy/web"
)

// The people of the sample company.
const (
	demoAnna crm.Address = "anna@nordlicht.example"
	demoKarl crm.Address = "karl@nordlicht.example"
	demoMei  crm.Address = "mei@nordlicht.example"
)

// demoPassword is everybody's there: the pages listen on this machine alone.
const demoPassword = "nordlicht-demo"

// newCast makes a small company that could exist: three managers, four clients, three deals,
// two of them with the same contact.
func newCast(ctx context.Context, o *office) error {
	users := []store.NewUser{
		{Email: demoAnna, Name: "Anna Weber", Admin: true, Addresses: []crm.Address{"a.weber@nordlicht.example"}},
		{Email: demoKarl, Name: "Karl Brandt"},
		{Email: demoMei, Name: "Mei Lin"},
	}
	hash, err := web.HashPassword(ctx, demoPassword)
	if err != nil {
		return err
	}
	for _, n := range users {
		u, err := o.store.AddUser(ctx, n)
		if err == nil {
			err = o.store.SetPassword(ctx, u.ID, hash)
		}
		if err != nil {
			return err
		}
	}
	companies := []store.NewCompany{
		{Name: "Client Ltd", Domains: []string{"client.example"}, Owner: demoAnna},
		{Name: "ООО «Ромашка»", Domains: []string{"romashka.example"}, Owner: demoAnna},
		{Name: "Müller & Söhne GmbH", Domains: []string{"mueller.example"}, Owner: demoKarl},
		{Name: "株式会社さくら", Domains: []string{"sakura.example"}, Owner: demoMei},
	}
	for _, c := range companies {
		if _, err := o.store.AddCompany(ctx, c); err != nil {
			return err
		}
	}
	return newClients(ctx, o)
}

func newClients(ctx context.Context, o *office) error {
	contacts := []store.NewContact{
		{Name: "Ben Carter", Emails: []crm.Address{demoClient, "b.carter@client.example"}, Company: "Client Ltd", Owner: demoAnna},
		{Name: "Olivia Reed", Emails: []crm.Address{"olivia@client.example"}, Company: "Client Ltd", Owner: demoAnna},
		{Name: "Анна Каренина", Emails: []crm.Address{"karenina@romashka.example"}, Company: "ООО «Ромашка»", Owner: demoAnna},
		{Name: "Jürgen Müller", Emails: []crm.Address{"juergen@mueller.example"}, Company: "Müller & Söhne GmbH", Owner: demoKarl},
		{Name: "佐藤 花子", Emails: []crm.Address{"sato@sakura.example"}, Company: "株式会社さくら", Owner: demoMei},
		{Name: "Sam Novak", Emails: []crm.Address{"sam.novak@mail.example"}, Owner: demoMei},
	}
	ids := map[crm.Address]int64{}
	for _, c := range contacts {
		made, err := o.store.AddContact(ctx, c)
		if err != nil {
			return err
		}
		ids[c.Emails[0]] = made.ID
	}
	deals := []store.NewDeal{
		{Title: "Website relaunch", Contacts: []int64{ids[demoClient], ids["olivia@client.example"]}, Owner: demoAnna, Stage: "offer"},
		{Title: "Поставка оборудования", Contacts: []int64{ids["karenina@romashka.example"]}, Owner: demoAnna, Stage: "negotiation"},
		{Title: "Wartungsvertrag 2027", Contacts: []int64{ids["juergen@mueller.example"]}, Owner: demoKarl, Stage: "offer"},
		{Title: "Ersatzteile", Contacts: []int64{ids["juergen@mueller.example"]}, Owner: demoKarl, Stage: "new"},
	}
	for _, d := range deals {
		if _, err := o.store.AddDeal(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
