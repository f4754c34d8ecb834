package store

import (
	"testing"
	"time"

	"blindcopy/crm"
)

func TestNumbers(t *testing.T) {
	n := newNouns(t)
	ben := n.contact("Ben", "", "ben@client.example")
	monday := time.Date(2026, 5, 4, 8, 0, 0, 0, time.UTC)
	n.Now = func() time.Time { return monday.Add(30 * time.Hour) }
	thread := func(d time.Duration) time.Time { return monday.Add(d) }

	n.take(letter{at: thread(-30 * 24 * time.Hour), to: "ben@client.example"}) // too long ago
	_, first := n.take(letter{at: thread(-48 * time.Hour), from: "ben@client.example", links: []crm.NewLink{auto(crm.KindContact, ben)}, codes: []crm.Code{crm.ContactByAddress}})
	same := must(n.Activity(t.Context(), first))(t).ThreadID
	n.take(letter{at: thread(-47 * time.Hour), from: "ben@client.example", thread: same})
	n.take(letter{at: thread(2 * time.Hour), thread: same, links: []crm.NewLink{auto(crm.KindContact, ben)}, codes: []crm.Code{crm.ContactByAddress}})
	n.take(letter{at: thread(3 * time.Hour), thread: same}) // answers nothing more
	n.take(letter{at: thread(4 * time.Hour), from: "x@y.example", verdict: crm.Held, codes: []crm.Code{crm.Stranger}})
	n.take(letter{at: thread(5 * time.Hour), to: "new@lead.example", creates: []crm.NewRecord{{Kind: crm.KindLead, Name: "New", Emails: []crm.Address{"new@lead.example"}}}})

	got := must(n.Numbers(t.Context(), 2))(t)
	if len(got.Weeks) != 2 || !got.From.Equal(time.Date(2026, 4, 27, 0, 0, 0, 0, time.UTC)) || got.Partial {
		t.Fatalf("the weeks are %+v, want two from 27 April", got)
	}
	last, now := got.Weeks[0], got.Weeks[1]
	if last.Received != 2 || last.Linked != 1 || last.People[1].Received != 2 || last.People[1].Sent != 0 {
		t.Errorf("last week is %+v, want two mails that Anna received, one of them linked", last)
	}
	if now.Received != 4 || now.Verdicts[crm.Filed] != 3 || now.Verdicts[crm.Held] != 1 || now.Created != 1 || now.Mails != 3 || now.Linked != 2 || now.People[1].Sent != 3 {
		t.Errorf("this week is %+v, want three filed, one held, one that made a lead", now)
	}
	if answers := now.People[1].Answers; len(answers) != 1 || answers[0] != 50*time.Hour {
		t.Errorf("the answers of this week took %v, want one of 50h: from the first question to the first answer", answers)
	}
	if got.Reasons[crm.ContactByAddress] != 2 || got.Reasons[crm.Stranger] != 1 {
		t.Errorf("the reasons are %v, want contact_by_address twice and stranger once", got.Reasons)
	}
}

func TestLastAdminStays(t *testing.T) {
	n := newNouns(t)
	if _, err := n.SetUserRole(t.Context(), 1, crm.RoleManager); err == nil {
		t.Error("a company without an admin is taken, want an error")
	}
	if u := must(n.SetUserRole(t.Context(), 1, crm.RoleAdmin))(t); u.Role != crm.RoleAdmin {
		t.Errorf("the role is %s, want admin", u.Role)
	}
	must(n.AddUser(t.Context(), NewUser{Email: "karl@acme.example"}))(t)
	if u := must(n.SetUserRole(t.Context(), 2, crm.RoleManager))(t); u.Role != crm.RoleManager {
		t.Errorf("the role is %s, want manager", u.Role)
	}
}

func TestAskedAddressesAreNobodys(t *testing.T) {
	n := newNouns(t)
	must(n.AddTicket(t.Context(), crm.Ticket{Purpose: crm.TicketAddress, User: 1, Address: "a@private.example"}))(t)
	must(n.AddTicket(t.Context(), crm.Ticket{Purpose: crm.TicketAddress, User: 1, Address: "b@private.example"}))(t)
	must(n.AddTicket(t.Context(), crm.Ticket{Purpose: crm.TicketReset, User: 1}))(t)
	if err := n.ForgetAsked(t.Context(), 1, "a@private.example"); err != nil {
		t.Fatal(err)
	}
	list := must(n.AskedAddresses(t.Context(), 0))(t)
	if len(list) != 1 || list[0].Address != "b@private.example" || list[0].User != 1 {
		t.Errorf("AskedAddresses = %+v, want b@private.example of user 1", list)
	}
	if other := must(n.AskedAddresses(t.Context(), 2))(t); len(other) != 0 {
		t.Errorf("AskedAddresses of another user = %+v, want none", other)
	}
	n.Now = func() time.Time { return time.Now().Add(8 * 24 * time.Hour) }
	if old := must(n.AskedAddresses(t.Context(), 1))(t); len(old) != 0 {
		t.Errorf("AskedAddresses after 8 days = %+v, want none", old)
	}
}
