package web

import (
	"strings"
	"testing"
	"time"

	"blindcopy/crm"
)

func TestFromAnEmptyDatabaseToTheFirstContact(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/").want(303).to("/sign-in")
	b.get("/sign-in").want(200, "Nobody has a password yet")
	secret := w.ticket(crm.TicketSetup, 0)
	b.get("/setup?ticket="+secret).want(200, "you will be the admin", secret)
	b.post("/setup", "ticket", secret, "name", "Anna", "email", "anna@acme.example", "password", "short").want(422, "at least 10 characters", `value="Anna"`)
	b.post("/setup", "ticket", secret, "name", "Anna", "email", "no address", "password", password).want(422, "Please enter the e-mail address")
	b.post("/setup", "ticket", secret, "name", "Anna", "email", "anna@acme.example", "password", password).want(303).to("/")
	b.get("/").want(200, "Welcome, Anna", "@bcc.acme.example")
	b.get("/").want(200, "!Welcome, Anna") // said once
	b.get("/contacts").want(200, "No contacts yet")
	b.post("/contacts/new", "name", "Ben", "emails", "ben@client.example, b@").want(422, "is no e-mail address", "ben@client.example")
	b.post("/contacts/new", "name", "", "emails", "").want(422, "A contact needs a name or an e-mail address.")
	b.post("/contacts/new", "name", "Ben <b>", "emails", "ben@client.example").want(303).to("/contacts/1")
	b.get("/contacts/1").want(200, "Ben &lt;b&gt;", "ben@client.example", "was added")
	b.get("/contacts?match=nobody").want(200, "Nobody fits")
	w.browser().get("/setup?ticket="+secret).want(404, "does not work any more")
}

func TestSetUpOfAnAdminThatIsThere(t *testing.T) {
	w := newWorld(t)
	u, err := w.store.AddUser(t.Context(), crm.NewUser{Email: "anna@acme.example", Admin: true})
	if err != nil {
		t.Fatal(err)
	}
	secret := w.ticket(crm.TicketSetup, u.ID)
	b := w.browser()
	b.get("/setup?ticket="+secret).want(200, "anna@acme.example", "!Your e-mail address")
	b.post("/setup", "ticket", secret, "email", "eve@evil.example", "password", password).want(303)
	b.get("/").want(200)
	w.signedIn("anna@acme.example")
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	w.user("anna@acme.example", true)
	b := w.browser()
	b.get("/contacts?match=x").want(303).to("/sign-in?next=%2Fcontacts%3Fmatch%3Dx")
	b.post("/sign-in", "email", "anna@acme.example", "password", "wrong").want(422, "E-mail address or password is wrong.")
	b.post("/sign-in", "email", "nobody@acme.example", "password", password).want(422, "E-mail address or password is wrong.")
	b.post("/sign-in", "email", "anna@acme.example", "password", password, "next", "//evil.example/").want(303).to("/")
	b.get("/sign-in?next=/contacts").want(303).to("/contacts")
	b.get("/settings/nothing").want(404, "There is nothing here")
	b.post("/sign-out").want(303).to("/sign-in")
	b.get("/").want(303).to("/sign-in")
}

func TestSignInIsLimited(t *testing.T) {
	w := newWorld(t)
	w.user("anna@acme.example", true)
	b := w.browser()
	for range 10 {
		b.post("/sign-in", "email", "anna@acme.example", "password", "wrong").want(422)
	}
	b.post("/sign-in", "email", "anna@acme.example", "password", password).want(429, "Too many attempts")
	w.now = w.now.Add(2 * time.Minute)
	b.post("/sign-in", "email", "anna@acme.example", "password", password).want(303)
}

func TestSessionsEnd(t *testing.T) {
	test := func(rule string, end func(*world, crm.User)) {
		t.Run(rule, func(t *testing.T) {
			w := newWorld(t)
			u := w.user("anna@acme.example", true)
			b := w.signedIn(u.Email)
			b.get("/contacts").want(200)
			end(w, u)
			b.get("/contacts").want(303)
		})
	}
	test("when nobody used it for long", func(w *world, _ crm.User) { w.now = w.now.Add(idleFor + time.Minute) })
	test("when the user is disabled", func(w *world, u crm.User) {
		if _, err := w.store.SetUserActive(w.t.Context(), u.ID, false); err != nil {
			w.t.Fatal(err)
		}
	})
	test("everywhere when the password is changed", func(w *world, u crm.User) {
		secret := w.ticket(crm.TicketReset, u.ID)
		w.browser().post("/join", "ticket", secret, "password", "another good one").want(303).to("/")
		w.browser().post("/join", "ticket", secret, "password", "and once more please").want(404)
	})
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	w := newWorld(t)
	w.user("anna@acme.example", true)
	b := w.signedIn("anna@acme.example")
	b.header.Set("Sec-Fetch-Site", "cross-site")
	b.post("/contacts/new", "name", "Ben").want(403, "Sent from another site")
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.post("/contacts/new", "name", "Ben").want(303)
}

func TestHTMXGetsThePartItAskedFor(t *testing.T) {
	w := newWorld(t)
	w.user("anna@acme.example", true)
	b := w.signedIn("anna@acme.example")
	b.header.Set("HX-Request", "true")
	b.header.Set("HX-Target", "rows")
	b.get("/contacts").want(200, `<div id="rows"`, "!<html", "!<h1>")
	b.post("/sign-out")
	if got := b.get("/contacts").want(401).Header.Get("HX-Redirect"); got != "/sign-in" {
		t.Errorf("a session that is over leads htmx to %q, want /sign-in", got)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for _, path := range []string{"/sign-in", "/nowhere", "/contacts", w.web.assets.url("style.css")} {
		r := b.get(path)
		for name, want := range map[string]string{"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := r.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q in it", path, name, got, want)
			}
		}
	}
	if got := b.get(w.web.assets.url("htmx.min.js")).Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("an asset may be kept %q, want for ever", got)
	}
}
