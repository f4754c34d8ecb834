package browser_test

import "fmt"

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
