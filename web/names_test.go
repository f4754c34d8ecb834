package web

import (
	"testing"

	"blindcopy/crm"
)

func TestOwnersAreShownByName(t *testing.T) {
	w := newWorld(t)
	w.user("anna@acme.example", true)
	for _, n := range []crm.NewUser{{Email: "karl@acme.example", Name: "Karl <Brandt>"}, {Email: "eva@acme.example", Name: "Eva"}, {Email: "eva.roth@acme.example", Name: "Eva"}} {
		if _, err := w.store.AddUser(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	b := w.signedIn("anna@acme.example")
	b.post("/companies/new", "name", "Client", "domains", "client.example", "owner", "karl@acme.example").want(303)
	b.post("/contacts/new", "name", "Ben", "emails", "ben@client.example", "owner", "karl@acme.example").want(303)
	b.post("/contacts/new", "name", "Ida", "emails", "ida@client.example", "owner", "eva@acme.example").want(303)
	b.post("/deals/new", "title", "Relaunch", "owner", "anna@acme.example").want(303)
	const karl = `<bdi title="karl@acme.example">Karl &lt;Brandt&gt;</bdi>`
	for _, page := range []string{"/contacts", "/contacts/1", "/companies", "/companies/1"} {
		b.get(page).want(200, karl)
	}
	b.get("/contacts").want(200, `<bdi title="eva@acme.example">Eva (eva@acme.example)</bdi>`)
	b.get("/deals").want(200, "<bdi>anna@acme.example</bdi>") // who has no name
}
