package main

import (
	"testing"
	"time"

	"blindcopy/crm"
	"blindcopy/store"
)

// TestDealsAreOfferedMail: a deal that is new, has new people or is open again is offered the conversations that are on none,
// on the pages as by the command; nothing moves by itself.
func TestDealsAreOfferedMail(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "karl@acme.example", "--name", "Karl")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	w.must("contact", "add", "--name", "Eva", "--email", "eva@client.example")
	s := w.serve()
	send := func(from, to, subject, id string, more ...string) {
		s.send(from, w.bcc(from), mail(from, to, subject, id, more...))
	}
	send(anna, "ben@client.example", "Offer", "d1")
	send(anna, "ben@client.example", "Lunch", "d2")
	send(anna, "eva@client.example", "Contract", "d3")
	send("karl@acme.example", "ben@client.example", "[private] Hush", "d4")

	b := w.browse(s, anna)
	page := b.post("/deals/new", 200, "title", "Website", "contact", "1")
	b.has("a new deal", page, "Mail for Website", "Offer", "Lunch", "!Contract", "!Hush")
	said := b.post("/deals/1/offers", 200, "mail", "1", "mail", "3", "mail", "4")
	b.has("mail that was not offered", said, "1 conversation is on the deal; the others are on another one by now.")
	b.get("/deals/1", 200, "1 conversation with them</a>")
	b.get("/timeline/deal/1", 200, "Offer", "!Lunch", "!Contract", "!Hush")
	page = b.post("/deals/1/edit", 200, "title", "Website", "contact", "1", "contact", "2")
	b.has("new people", page, "Mail for Website", "Contract", "Lunch", "!Hush")
	page = b.post("/deals/1/edit", 200, "title", "Website 2", "contact", "1", "contact", "2")
	b.has("nobody new", page, "Website 2 is saved.", "!Mail for Website")

	var closed, open dealWithOffers
	w.json(&closed, "deal", "close", "1", "--lost")
	send(anna, "ben@client.example", "Re: Offer", "d5", "In-Reply-To: <d1@acme.example>")
	w.json(&open, "deal", "reopen", "1", "--as", anna)
	if open.Status != crm.DealOpen || open.ClosedAt != nil || len(open.Offers) != 2 {
		t.Errorf("deal reopen: got %s, closed at %v, offered %+v, want it open with two offers", open.Status, open.ClosedAt, open.Offers)
	}
	page = b.post("/deals/1/reopen", 200)
	b.has("reopened", page, "Website 2 is open again.", "Lunch", "Contract")
}

// closeDeal ends a deal at a time of the past.
func (w *world) closeDeal(id int64, at time.Time) {
	w.t.Helper()
	s, err := store.Open(w.t.Context(), store.Options{DSN: w.dir + "/blindcopy.db", Now: func() time.Time { return at }})
	if err != nil {
		w.t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.CloseDeal(w.t.Context(), id, true); err != nil {
		w.t.Fatal(err)
	}
}

// TestDealThatWasClosedForLong: what its conversations went on with meanwhile is offered when it is opened again.
func TestDealThatWasClosedForLong(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	w.must("deal", "add", "--title", "Website", "--contact", "1")
	s := w.serve()
	s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Offer", "e1"))
	w.closeDeal(1, time.Now().AddDate(0, 0, -60))
	s.send(anna, w.bcc(anna), mail(anna, "ben@client.example", "Re: Offer", "e2", "In-Reply-To: <e1@acme.example>"))
	var d dealWithOffers
	if w.json(&d, "deal", "reopen", "1"); len(d.Offers) != 1 || d.Offers[0].ActivityID != 2 {
		t.Fatalf("offered: got %+v, want the mail that came while the deal was closed", d.Offers)
	}
	w.must("activity", "link", "2", "--deal", "1")
	var list []crm.Activity
	if w.json(&list, "timeline", "deal:1"); len(list) != 2 {
		t.Errorf("on the deal: got %d mails, want both", len(list))
	}
	if w.json(&d, "deal", "reopen", "1"); len(d.Offers) != 0 {
		t.Errorf("offered again: got %+v, want nothing", d.Offers)
	}
}

// TestChangesWarn: what a change warns of on the command line stands on the page, too.
func TestChangesWarn(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	b := w.browse(s, anna)
	page := b.post("/contacts/new", 200, "name", "Eva", "emails", "ben@client.example eva@client.example")
	b.has("a shared address", page, "Eva was added.", `class="flash warn"`, "Ben (contact:1) has ben@client.example too")
	b.has("a warning is said once", b.get("/contacts/2", 200), "!flash warn")
	b.post("/contacts/new", 200, "name", "Joe", "emails", "joe@client.example")
	page = b.post("/contacts/2/merge", 200, "with", "3")
	b.has("merged", page, "The two are one now", "Ben (contact:1) has ben@client.example too")
	page = b.post("/companies/new", 200, "name", "Mail", "domains", "gmail.com")
	b.has("a free-mail domain", page, "Mail is saved.", "Gmail.com gives mailboxes to everybody")
}
