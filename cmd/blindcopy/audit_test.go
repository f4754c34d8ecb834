package main

import (
	"strings"
	"testing"

	"blindcopy/crm"
)

func TestAuditNamesWhoActed(t *testing.T) {
	w := newWorld(t)
	w.env = append(w.env, "SUDO_USER=tina")
	w.must("user", "add", "uwe@acme.example")
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example", "--as", "uwe@acme.example")
	w.must("contact", "edit", "1", "--name", "Benjamin", "--as", anna)
	test := func(rule, act, who string) {
		t.Helper()
		var list []crm.AuditEntry
		w.json(&list, "audit", "list")
		for _, e := range list {
			if e.Act != act {
				continue
			}
			if e.Actor != who || e.Via != "command" {
				t.Errorf("%s: %s was by %q via %q, want %q via command", rule, act, e.Actor, e.Via, who)
			}
			return
		}
		t.Errorf("%s: no %s in %+v", rule, act, list)
	}
	test("the operator, with the account he came from", "user.add", "operator (tina)")
	test("a user", "contact.add", "uwe@acme.example")
	test("another user", "contact.edit", anna)
	if out := w.must("audit", "list", "--object", "contact:1", "--as", anna); !strings.Contains(out, "name Ben → Benjamin") || strings.Contains(out, "user.add") {
		t.Errorf("the acts upon contact:1, for an admin:\n%s", out)
	}
	for _, verb := range [][]string{{"audit", "list"}, {"backup", "x.db"}, {"check"}} {
		if r := w.run(append(verb, "--as", "uwe@acme.example")...); r.code != exitFailed || !strings.Contains(r.stderr, "is no admin") {
			t.Errorf("%v of a manager: exit %d, want %d\n%s", verb, r.code, exitFailed, r.stderr)
		}
	}
}

func TestAuditHoldsWhatAPersonDecidedAboutMail(t *testing.T) {
	w := newWorld(t)
	w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
	s := w.serve()
	held := func(n string) string {
		return string(s.send("eve@elsewhere.example", w.bcc(anna), mail("Eve <eve"+n+"@elsewhere.example>", "x@elsewhere.example", "Psst", n)))
	}
	link, create := held("1"), held("2")
	w.must("review", "link", link, "--contact", "1")
	w.must("review", "create", create, "--lead")
	w.must("contact", "add", "--name", "Tom", "--email", "eve1@elsewhere.example") // files again by rules alone
	var list []crm.AuditEntry
	w.json(&list, "audit", "list", "--object", "intake")
	got := []string{}
	for _, e := range list {
		got = append(got, e.Act+" "+e.Object+" "+e.DetailText())
	}
	want := "review.create intake:" + create + " filed_to [], made [lead:1]\nreview.link intake:" + link + " filed_to [contact:1], made []"
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
