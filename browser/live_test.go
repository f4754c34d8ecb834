package browser_test

import (
	"net/smtp"
	"strings"
	"testing"
)

// testLive leaves pages open while mail comes: it stands there by itself, and moves nothing under the hands of who reads or
// types.
func testLive(t *testing.T, w world) {
	s := newCompany(t, w)
	s.must("user", "add", "karl@corp.example")
	anna, karl := w.signedIn(t, s, "anna@corp.example"), w.signedIn(t, s, "karl@corp.example")
	bcc := s.bcc("anna@corp.example")
	write := func(subject string, more ...string) {
		s.send("anna@corp.example", bcc, mail("anna@corp.example", "ben@client.example", subject, strings.Repeat("Hello.\n", 60), more...)) // longer than a phone
	}
	held := func(from string) { s.send(from, bcc, mail(from, bcc, "Who is "+from, "Hello.")) }

	karl.visit(s.path("contact", "Ben Carter"))
	karl.sees("No mail yet")
	anna.visit("/")
	anna.sees("Your first mail")
	write("The first")
	anna.sees("Came in today", "The first")
	karl.sees("Just arrived", "The first")
	karl.seesNot("No mail yet")

	write("Hush", "Sensitivity: Private")
	write("The second")
	anna.sees("Hush", "The second")
	karl.sees("The second")
	karl.seesNot("Hush")

	held("eva@new.example")
	anna.sees("Who is eva@new.example")
	anna.until("count what waits", func() bool {
		return eval[string](anna, `document.querySelector("#review-count span").innerText`) == "1"
	})
	anna.fill(".question input[type=search]", "be")
	held("ada@new.example")
	anna.sees("1 more mail needs you")
	anna.until("find what was typed", func() bool { return eval[string](anna, `document.activeElement.value`) == "be" })
	anna.click("1 more mail needs you")
	anna.sees("Who is ada@new.example", "Who is eva@new.example")

	karl.looks(phone, "light")
	karl.click("The first")
	karl.sees("Open on its own page")
	eval[bool](karl, "window.scrollTo(0, document.body.scrollHeight), true")
	at := eval[float64](karl, "scrollY")
	write("The third")
	karl.sees("1 new mail")
	if now := eval[float64](karl, "scrollY"); at == 0 || now != at {
		t.Errorf("the page stood at %v and stands at %v: want it pushed up, and left there", at, now)
	}
	karl.seesNot("The third")
	karl.click("1 new mail")
	karl.sees("The third", "Open on its own page")
}

// testTestMail watches a test mail come: that a mail server names the address, and what becomes of the message.
func testTestMail(t *testing.T, w world) {
	s := newCompany(t, w)
	b := w.signedIn(t, s, "anna@corp.example")
	b.visit("/address/test")
	b.sees("Waiting for your mail")
	c, err := smtp.Dial(s.smtp)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := c.Mail("anna@corp.example"); err != nil {
		t.Fatal(err)
	}
	b.until("hear of the delivery", func() bool { // the page may still be on its way to the server
		if err := c.Rcpt(s.bcc("anna@corp.example")); err != nil {
			t.Fatal(err)
		}
		return eval[bool](b, `!document.querySelector("[data-arriving]").hidden`)
	})
	b.sees("A mail server delivers to your address.")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	b.seesNot("It arrived")
	s.send("anna@corp.example", s.bcc("anna@corp.example"), mail("anna@corp.example", "ben@client.example", "My test", "Hello."))
	b.sees("It arrived, and it is filed", "My test", "It was delivered to your address.", "Filed to Ben Carter")
	b.press("Open the mail")
	b.sees("My test")
}
