package web

import (
	"fmt"
	"regexp"
	"testing"

	"blindcopy/crm"
)

// TestTokenIsShownOnce, works until it is revoked, and is its owner's alone to revoke.
func TestTokenIsShownOnce(t *testing.T) {
	w, _, karl := deskWorld(t)
	b := w.signedIn("karl@acme.example")
	b.post("/address/tokens", "name", " ").want(422, "Name the token")
	shown := b.post("/address/tokens", "name", "<b>sync</b>").want(200, "&lt;b&gt;sync", "!<b>sync")
	secret := regexp.MustCompile(`data-copy="([^"]{43})"`).FindStringSubmatch(shown.body)
	if secret == nil {
		t.Fatalf("the page shows no token:\n%s", shown.body)
	}
	b.get("/address").want(200, "&lt;b&gt;sync", "never used", "!"+secret[1])
	c := &caller{w.browser(), secret[1]}
	c.get("/users").want(200)
	list, err := w.store.APITokens(t.Context(), karl.ID)
	if err != nil || len(list) != 1 {
		t.Fatalf("APITokens = %v, %v, want one", list, err)
	}
	revoke := fmt.Sprintf("/address/tokens/%d/remove", list[0].ID)
	w.signedIn("anna@acme.example").post(revoke).want(404)
	c.get("/users").want(200)
	b.post(revoke).want(303).to("/address")
	c.get("/users").want(401)
}

func TestAuditPage(t *testing.T) {
	w, _, _ := deskWorld(t)
	w.signedIn("karl@acme.example").get("/settings/audit").want(404, "!user.add")
	b := w.signedIn("anna@acme.example")
	b.get("/settings/audit").want(200, "user.add", "karl@acme.example", `aria-current="page">Audit`)
	for i := range actsAPage + 5 {
		if _, err := w.store.AddExclusion(t.Context(), fmt.Sprintf("d%03d.example", i), ""); err != nil {
			t.Fatal(err)
		}
	}
	first := b.get("/settings/audit").want(200, "d104.example", "d005.example", "!d004.example", `rel="next"`)
	next := regexp.MustCompile(`href="([^"]*before=\d+)"`).FindStringSubmatch(first.body)
	if next == nil {
		t.Fatal("no link leads to what is older")
	}
	b.get(next[1]).want(200, "d004.example", "d000.example", "user.add", "!d005.example", `!rel="next"`)
	b.get("/settings/audit?object=d007.example").want(200, "d007.example", "!d008.example", "!user.add")
	b.get("/settings/audit?object=%3Cscript%3E").want(200, "Nothing was changed", "!<script>")
	if _, err := w.store.AddContact(t.Context(), crm.NewContact{Name: "Ben<i>"}); err != nil {
		t.Fatal(err)
	}
	b.get("/settings/audit?object=contact").want(200, "contact:1", "Ben&lt;i&gt;", "!user.add")
}
