package main

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"testing"

	"blindcopy/crm"
)

// TestSetUpInTheBrowser: from the link in the log to a contact, whose held mail is filed by adding it.
func TestSetUpInTheBrowser(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	link := regexp.MustCompile(`open (http://\S+/setup\?ticket=(\S+)) to set up`).FindStringSubmatch(s.stderr.String())
	if link == nil {
		t.Fatalf("the log has no link to set up:\n%s", s.stderr.String())
	}
	if code, body := ask(t, "GET", link[1]); code != 200 {
		t.Fatalf("%s = %d %s, want the page to set up", link[1], code, body)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	anna := &http.Client{Jar: jar}
	post := func(path string, form url.Values) {
		t.Helper()
		res, err := anna.PostForm("http://"+s.web+path, form)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 200 {
			t.Fatalf("POST %s = %s, want a page", path, res.Status)
		}
	}
	post("/setup", url.Values{"ticket": {link[2]}, "password": {"correct horse battery"}})
	post("/contacts/new", url.Values{"name": {"Ben"}, "emails": {"ben@client.example"}, "company": {"Client"}})
	var company []crm.Company
	if w.json(&company, "company", "list"); len(company) != 1 || len(company[0].Domains) != 1 || company[0].Domains[0] != "client.example" {
		t.Errorf("the company of a contact from the page is %+v, want one with the domain client.example, as the command makes it", company)
	}
	s.stop()
	if again := w.serve(); regexp.MustCompile(`to set up`).MatchString(again.stderr.String()) {
		t.Errorf("a server that is set up offers it again:\n%s", again.stderr.String())
	}
}

func TestInvitationLinks(t *testing.T) {
	w := newWorld(t)
	s := w.serve()
	w.env = append(w.env, "BLINDCOPY_WEB_LISTEN="+s.web)
	var link crm.SignInLink
	w.json(&link, "user", "invite", "karl@acme.example", "--name", "Karl")
	if code, body := ask(t, "GET", link.URL); code != 200 || !regexp.MustCompile(`karl@acme\.example`).MatchString(body) {
		t.Errorf("the invitation %s = %d %s, want karl's page", link.URL, code, body)
	}
	w.json(&link, "user", "reset", "anna@acme.example")
	if code, _ := ask(t, "GET", link.URL); code != 200 || link.Purpose != crm.TicketReset {
		t.Errorf("the reset link %+v = %d, want a page", link, code)
	}
	w.must("user", "disable", "karl@acme.example")
	if r := w.run("user", "reset", "karl@acme.example"); r.code != exitFailed {
		t.Errorf("a link for a disabled user: exit %d, %s", r.code, r.stdout)
	}
}
