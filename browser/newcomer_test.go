package browser_test

import (
	"regexp"
	"testing"
	"time"
)

var setUpLink = regexp.MustCompile(`open (http://\S+/setup\S*) to set up`)

// testNewcomer has never seen the program: from an empty database and the link in the log to a filed mail on a
// timeline. A person reads and types slower than this test, so it has a small part of the two minutes.
func testNewcomer(t *testing.T, w world) {
	s := newSite(t, w.program)
	began := time.Now()
	b := w.tab(t, s)

	b.visit(s.said(setUpLink)[1])
	b.sees("You are the first one here")
	b.setUp()
	b.sees("Welcome, Anna Weber. You are all set.", "Your first mail")

	bcc := eval[string](b, `document.querySelector(".copy code").innerText`)
	b.press("Send a test mail")
	b.press("Send a test mail")
	b.sees("Waiting for your mail", bcc)

	s.send("anna@corp.example", bcc, mail("Anna Weber <anna@corp.example>", "Ben Carter <ben@client.example>", "Our first mail", "Dear Ben, here it is."))
	b.sees("It arrived, and it is filed") // by itself

	b.press("Open the mail")
	b.sees("Our first mail", "Dear Ben, here it is.")
	b.press(".crumbs a")
	b.sees("Ben Carter", "Our first mail")
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("from the link to the timeline took %s, want at most 20 s", took.Round(time.Millisecond))
	}
}

// setUp makes the first account, on the page that the link leads to.
func (b *tab) setUp() {
	b.t.Helper()
	b.fill("Your name", "Anna Weber")
	b.fill("Your e-mail address", "anna@corp.example")
	b.fill("Password", password)
	b.want("set up", b.press("Set up"), 200)
}
