package browser_test

import "testing"

// testLive: pages that are open show what happens, and are not loaded again for it.
func testLive(t *testing.T, w world) {
	s := newCompany(t, w)
	timeline, home := w.signedIn(t, s, "anna@corp.example"), w.tab(t, s)
	home.signIn("anna@corp.example", password)
	timeline.visit(s.path("contact", "Ben Carter"))
	timeline.sees("No mail yet")
	tabs := []*tab{timeline, home}
	for _, b := range tabs {
		b.settle()
		eval[bool](b, "window.stayed = true")
	}

	s.send("anna@corp.example", s.bcc("anna@corp.example"), mail("Anna <anna@corp.example>", "Ben <ben@client.example>", "While you look", "Here it is."))
	strangersWrite(s, "stella")
	timeline.sees("While you look", "Here it is.", "1 waiting")
	home.sees("While you look", "From stella", "1 waiting")

	s.must("review", "dismiss", ask[[]struct{ ID string }](s, "review", "list")[0].ID)
	home.sees("Nothing waits for a decision")
	for _, b := range tabs {
		if !eval[bool](b, "window.stayed === true") {
			t.Errorf("%s was loaded again", b.at())
		}
	}
}
