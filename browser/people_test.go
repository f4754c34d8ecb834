package browser_test

import (
	"fmt"
	"io"
	"net/http"
	"testing"
)

const password = "correct horse battery"

// newCompany has an admin, Anna, who wrote to nobody yet, and a contact, Ben.
func newCompany(t *testing.T, w world) *site {
	t.Helper()
	s := newSite(t, w.program)
	s.must("user", "add", "anna@corp.example", "--name", "Anna Weber", "--admin")
	s.must("contact", "add", "--name", "Ben Carter", "--email", "ben@client.example", "--company", "Client Ltd")
	return s
}

// signedIn opens a tab of a user who chose a password through an invitation.
func (w world) signedIn(t *testing.T, s *site, email string) *tab {
	t.Helper()
	b := w.tab(t, s)
	b.visit(s.link("invite", email))
	b.fill("Password", password)
	b.want("choose a password", b.press("Continue"), 200)
	b.sees("Your password is set.")
	return b
}

// signIn signs in with a password.
func (b *tab) signIn(email, password string) {
	b.t.Helper()
	b.visit("/sign-in")
	b.fill("E-mail address", email)
	b.fill("Password", password)
	b.want("sign in", b.press("Sign in"), 200)
	if b.at() != "/" {
		b.fail("sign in", fmt.Errorf("it leads to %s", b.at()))
	}
}

// api asks the JSON API as a user's program does.
func (s *site) api(email, path string) (status int, body string) {
	s.t.Helper()
	token := ask[struct{ Token string }](s, "user", "token", email, "--name", "test").Token
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.url+"/api/v1"+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// testInvitation: an admin invites, the invited choose passwords, once, and see what a manager sees.
func testInvitation(t *testing.T, w world) {
	s := newCompany(t, w)
	anna, karl := w.signedIn(t, s, "anna@corp.example"), w.tab(t, s)

	anna.press("Settings")
	anna.fill("Who", "Karl Brandt <karl@corp.example>\nmei@corp.example")
	anna.want("invite", anna.press("Make links"), 200)
	anna.sees("Karl Brandt", "mei@corp.example", "shown here only now")
	link := eval[string](anna, `document.querySelector("tbody .copy code").innerText`)

	karl.visit(link)
	karl.sees("karl@corp.example")
	karl.fill("Password", "too short")
	karl.click("Continue") // the browser asks for more, and sends nothing
	karl.sees("Choose a password")
	karl.fill("Password", password)
	karl.press("Continue")
	karl.sees("Your password is set.", "Your first mail")
	karl.seesNot("Settings")
	karl.want("a manager in the settings", karl.visit("/settings"), 404)
	karl.want("the link once more", karl.visit(link), 404)
	karl.sees("This link does not work any more")

	karl.visit("/")
	karl.press("Sign out")
	karl.want("a page without signing in", karl.visit("/contacts"), 200)
	if karl.at() != "/sign-in?next=%2Fcontacts" {
		t.Errorf("whoever has not signed in gets to %s, want to be asked", karl.at())
	}
	karl.fill("E-mail address", "karl@corp.example")
	karl.fill("Password", password)
	karl.press("Sign in")
	karl.sees("Ben Carter") // where he wanted to go

	anna.visit("/settings")
	anna.press("Karl Brandt")
	anna.expect("Disable Karl Brandt?")
	anna.press("Disable")
	karl.visit("/contacts")
	karl.sees("Sign in")
	karl.seesNot("Ben Carter")
}
