package senderauth

import (
	"fmt"
	"testing"
)

func TestReadPolicy(t *testing.T) {
	test := func(rule, want string, records ...string) {
		t.Helper()
		p := readPolicy(records)
		got := p.word
		if p.strictSPF {
			got += " aspf=s"
		}
		if p.strictDKIM {
			got += " adkim=s"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q, of %q", rule, got, want, records)
		}
	}
	test("p=none is a policy", "pass", "v=DMARC1; p=none")
	test("spaces and capitals", "pass adkim=s", " v = DMARC1 ;P = Reject; adkim = S;")
	test("strict in both", "pass aspf=s adkim=s", "v=DMARC1; p=none; adkim=s; aspf=s")
	test("relaxed, said so", "pass", "v=DMARC1; p=none; adkim=r; aspf=r")
	test("a mode that nobody knows is the default", "pass", "v=DMARC1; p=none; adkim=x")
	test("what we do not act on may be wrong", "pass aspf=s", "v=DMARC1; p=quarantine; pct=many; fo=x; ri=-1; rf=iodef; sp=no; aspf=s")
	test("other records beside it", "pass", "v=spf1 -all", "v=DMARC1; p=none", "")
	test("no policy, but reports are asked for", "pass", "v=DMARC1; rua=mailto:a@corp.example")
	test("a policy that nobody knows, but reports are asked for", "pass", "v=DMARC1; p=drop; rua=mailto:a@corp.example")
	test("no policy", "none", "v=DMARC1; sp=reject")
	test("several", "none", "v=DMARC1; p=none", "v=DMARC1; p=reject")
	test("another version", "none", "v=DMARC2; p=none")
	test("the version not first", "none", "p=none; v=DMARC1")
	test("the version in small letters", "none", "v=dmarc1; p=none")
	test("none", "none")
}

func TestAligned(t *testing.T) {
	test := func(author, domain, want string) {
		t.Helper()
		got := fmt.Sprintf("strict %t, relaxed %t", aligned(author, domain, true), aligned(author, domain, false))
		if got != want {
			t.Errorf("%s by %s: got %s, want %s", author, domain, got, want)
		}
	}
	const (
		same   = "strict true, relaxed true"
		within = "strict false, relaxed true"
		apart  = "strict false, relaxed false"
	)
	test("corp.example", "corp.example", same)
	test("corp.example", "a.b.corp.example", within)
	test("a.corp.example", "corp.example", within)
	test("a.corp.example", "b.corp.example", within)
	test("corp.example", "notcorp.example", apart)
	test("one.co.uk", "two.co.uk", apart)
	test("mail.one.co.uk", "one.co.uk", within)
	test("one.co.uk", "co.uk", apart)
	test("co.uk", "co.uk", same)
	test("one.github.io", "two.github.io", apart)
	test("xn--bcher-kva.example", "mail.xn--bcher-kva.example", within)
	test("192.0.2.1", "198.51.2.1", apart)
	test("localhost", "localhost", same)
	test("", "", apart)
	test("corp.example", "", apart)
	test("a..example", "b..example", apart)
}
