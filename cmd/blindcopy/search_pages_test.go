package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"blindcopy/crm"
	"blindcopy/web"
)

// TestWhereIsMyMail finds what was filed, held, ignored and turned away, by whatever a person remembers of it.
func TestWhereIsMyMail(t *testing.T) {
	w := newWorld(t)
	w.must("user", "add", "karl@acme.example", "--name", "Karl")
	w.must("contact", "add", "--name", "Benjamin Carter", "--email", "bc@client.example")
	s := w.serve()
	bcc, his := w.bcc("anna@acme.example"), w.bcc("karl@acme.example")
	s.send(anna, bcc, mail(anna, "bc@client.example", "Filed offer", "f1"))
	s.send("old.alias@acme.example", bcc, mail("old.alias@acme.example", "bc@client.example", "Held offer", "h1"))
	ignored := s.send(anna, bcc, mail(anna, "karl@acme.example", "Lunch", "i1"))
	wrong := strings.Replace(bcc, "@", "x@", 1)
	if _, err := s.try(anna, wrong, mail(anna, "bc@client.example", "Lost", "l1")); err == nil {
		t.Fatalf("%s takes mail", wrong)
	}
	if _, err := s.try("karl@acme.example", his[:len(his)-len("@bcc.acme.example")-1]+"@bcc.acme.example", "x"); err == nil {
		t.Fatal("half a token takes mail")
	}

	a, k := w.browse(s, anna), w.browse(s, "karl@acme.example")
	for _, c := range []struct {
		rule, query string
		want        []string
		not         string
	}{
		{"a contact's name finds his held mail", "benjamin", []string{"Held offer", "Filed offer", `href="/contacts/1"`}, "Lunch"},
		{"an address", "bc@client.example", []string{"Held offer", "Filed offer"}, "Lunch"},
		{"a domain", "client.example", []string{"Held offer", "Filed offer"}, "Lunch"},
		{"the id in the server's answer", string(ignored), []string{"Lunch"}, "offer"},
		{"a subject that was ignored", "lunch", []string{"Lunch"}, "offer"},
		{"a Message-ID", "<h1@acme.example>", nil, "Lunch"},
		{"an address that was misspelt", "x@bcc.acme.example", []string{"Turned away at the door", wrong, "550 5.1.1"}, "Lunch"},
		{"nothing", "no such thing", []string{"No such mail reached us", "Was your address in Bcc?", bcc, "90 days"}, "Turned away"},
	} {
		page := a.get("/search?q="+url.QueryEscape(c.query), 200)
		for _, text := range c.want {
			if !strings.Contains(page, text) {
				t.Errorf("%s: searching for %q does not show %q\n%s", c.rule, c.query, text, page)
			}
		}
		if strings.Contains(page, c.not) {
			t.Errorf("%s: searching for %q shows %q", c.rule, c.query, c.not)
		}
	}
	for query, what := range map[string]string{"benjamin": "Held offer", "lunch": "Lunch", "x@bcc.acme.example": "Turned away"} {
		if page := k.get("/search?q="+url.QueryEscape(query), 200); strings.Contains(page, what) && !strings.Contains(what, "Turned") {
			t.Errorf("karl finds %q, which is anna's", what)
		}
	}
	if page := k.get("/search?verdict=refused", 200); !strings.Contains(page, "karl@acme.example") || strings.Contains(page, wrong) {
		t.Errorf("karl is to see the refusal of his own mail, and not anna's:\n%s", page)
	}
}

func TestRefusalsAreBounded(t *testing.T) {
	r := &refusals{}
	for i := range mostRefusals + 10 {
		r.add(web.Refusal{From: fmt.Sprint(i)})
	}
	got := r.newest(mostRefusals*2, func(web.Refusal) bool { return true })
	if len(got) != mostRefusals || got[0].From != fmt.Sprint(mostRefusals+9) {
		t.Errorf("%d are kept, the newest %+v, want the newest %d", len(got), got[0], mostRefusals)
	}
	if o := (&office{}); o.Refusals(crm.User{}, "", 10) != nil {
		t.Error("a command beside the server knows of refusals")
	}
}
