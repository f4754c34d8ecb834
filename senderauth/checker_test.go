package senderauth

import (
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/foxcpp/go-mockdns"
)

// TestAuthenticate has what happens to a mail, rule by rule.
func TestAuthenticate(t *testing.T) {
	ann := letter("Ann <ann@corp.example>")
	t.Setenv("GODEBUG", weakKeys)
	by := func(domain string) string { return sign(t, ann, signing{domain: domain}) }

	runCases(t, map[string][]mailCase{
		"who is believed without a look": {
			{"a trusted peer", mail{raw: ann, trusted: true}, "pass spf=skipped dkim=skipped dmarc=skipped"},
			{"not a relay of ours that is in a trusted network too", mail{raw: ann, trusted: true, peer: relay}, "fail spf=skipped dkim=none dmarc=fail"},
		},
		"SPF": {
			{"of the author's domain", mail{raw: ann, path: "ann@corp.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
			{"of a subdomain", mail{raw: ann, path: "b@mail.corp.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
			{"of a subdomain, where the policy is strict", mail{raw: letter("a@strict.example"), from: "a@strict.example", path: "b@mail.strict.example", peer: theirs}, "fail spf=pass dkim=none dmarc=fail"},
			{"of another domain speaks for nobody", mail{raw: ann, path: "b@esp.example", peer: theirs}, "fail spf=pass dkim=none dmarc=fail"},
			{"of another domain under the same public suffix", mail{raw: letter("a@one.co.uk"), from: "a@one.co.uk", path: "b@two.co.uk", peer: theirs}, "fail spf=pass dkim=none dmarc=fail"},
			{"of HELO, where the reverse path is null", mail{raw: ann, path: "<>", helo: "mail.corp.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
			{"of HELO, where it is not", mail{raw: ann, path: "b@unknown.example", helo: "corp.example", peer: theirs}, "fail spf=none dkim=none dmarc=fail"},
			{"HELO with a short name", mail{raw: ann, path: "<>", helo: "LAPTOP", peer: theirs}, "fail spf=none dkim=none dmarc=fail"},
			{"an IPv4 peer on a socket of both families", mail{raw: ann, path: "ann@corp.example", peer: netipMapped(theirs)}, "pass spf=pass dkim=none dmarc=pass"},
			{"HELO with an address", mail{raw: ann, path: "<>", helo: "[192.0.2.1]", peer: theirs}, "fail spf=none dkim=none dmarc=fail"},
			{"a reverse path with two domains", mail{raw: ann, path: `"a@corp.example"@esp.example`, peer: theirs}, "fail spf=none dkim=none dmarc=fail"},
			{"a reverse path with two domains, one of which allows anybody", mail{raw: ann, path: "a@evil@corp.example"}, "fail spf=none dkim=none dmarc=fail"},
			{"a subdomain with a policy of its own", mail{raw: letter("a@own.plain.example"), from: "a@own.plain.example", path: "a@plain.example", peer: theirs}, "fail spf=pass dkim=none dmarc=fail"},
			{"a subdomain's mail needs no record of its own", mail{raw: letter("a@mail.corp.example"), from: "a@mail.corp.example", path: "a@corp.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
			{"ten look-ups", mail{raw: letter("a@many.example"), from: "a@many.example", path: "a@many.example", peer: theirs}, "pass spf=pass dkim=none dmarc=none"},
			{"more than ten look-ups (RFC 7208 §4.6.4)", mail{raw: letter("a@toomany.example"), from: "a@toomany.example", path: "a@toomany.example", peer: theirs}, "none spf=permerror dkim=none dmarc=none"},
			{"more than two look-ups of nothing", mail{raw: letter("a@void.example"), from: "a@void.example", path: "a@void.example", peer: theirs}, "none spf=permerror dkim=none dmarc=none"},
			{"+all: the domain wants it so", mail{raw: letter("a@wide.example"), from: "a@wide.example", path: "a@wide.example"}, "pass spf=pass dkim=none dmarc=pass"},
			{"a record that includes itself", mail{raw: letter("a@lost.example"), from: "a@lost.example", path: "a@lost.example", peer: theirs}, "fail spf=permerror dkim=none dmarc=fail"},
		},
		"without DMARC": {
			{"SPF pass is enough", mail{raw: letter("a@plain.example"), from: "a@plain.example", path: "a@plain.example", peer: theirs}, "pass spf=pass dkim=none dmarc=none"},
			{"SPF fail is enough too", mail{raw: letter("a@plain.example"), from: "a@plain.example", path: "a@plain.example"}, "fail spf=fail dkim=none dmarc=none"},
			{"SPF fail of another domain is nothing against the author", mail{raw: letter("a@mute.example"), from: "a@mute.example", path: "a@plain.example"}, "none spf=fail dkim=none dmarc=none"},
			{"softfail says nothing", mail{raw: letter("a@soft.example"), from: "a@soft.example", path: "a@soft.example"}, "none spf=softfail dkim=none dmarc=none"},
			{"a domain that publishes nothing", mail{raw: letter("a@mute.example"), from: "a@mute.example", path: "a@mute.example"}, "none spf=none dkim=none dmarc=none"},
		},
		"the policy of the organization (RFC 7489 §6.6.3)": {
			{"sp= is a policy for a subdomain that has none", mail{raw: letter("a@x.sub.example"), from: "a@x.sub.example"}, "fail spf=none dkim=none dmarc=fail"},
			{"its modes hold for the subdomain too", mail{raw: letter("a@x.sub.example"), from: "a@x.sub.example", path: "a@sub.example", peer: theirs}, "fail spf=pass dkim=none dmarc=fail"},
			{"strict, by the subdomain itself", mail{raw: letter("a@x.sub.example"), from: "a@x.sub.example", path: "a@x.sub.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
			{"sp=none is a policy too: forged mail is to be recognised", mail{raw: letter("a@any.sp.example"), from: "a@any.sp.example"}, "fail spf=none dkim=none dmarc=fail"},
			{"deeper below", mail{raw: letter("a@a.b.c.corp.example"), from: "a@a.b.c.corp.example"}, "fail spf=none dkim=none dmarc=fail"},
		},
		"DKIM": {
			{"Ed25519", mail{raw: by("corp.example")}, "pass spf=none dkim=pass dmarc=pass"},
			{"RSA", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "r"})}, "pass spf=none dkim=pass dmarc=pass"},
			{"simple canonicalization", mail{raw: sign(t, ann, signing{domain: "corp.example", canon: dkim.CanonicalizationSimple})}, "pass spf=none dkim=pass dmarc=pass"},
			{"empty lines at the end are not signed", mail{raw: sign(t, ann, signing{domain: "corp.example", canon: dkim.CanonicalizationSimple}) + "\r\n\r\n"}, "pass spf=none dkim=pass dmarc=pass"},
			{"bare LF, which is signed as CRLF", mail{raw: strings.ReplaceAll(by("corp.example"), "\r\n", "\n")}, "pass spf=none dkim=pass dmarc=pass"},
			{"no body at all", mail{raw: sign(t, "From: ann@corp.example\r\n\r\n", signing{domain: "corp.example", fields: []string{"From"}})}, "pass spf=none dkim=pass dmarc=pass"},
			{"of a subdomain", mail{raw: by("mail.corp.example")}, "pass spf=none dkim=pass dmarc=pass"},
			{"of a subdomain, where the policy is strict", mail{raw: sign(t, letter("a@strict.example"), signing{domain: "mail.strict.example"}), from: "a@strict.example"}, "fail spf=none dkim=pass dmarc=fail"},
			{"of a subdomain and of the domain, where the policy is strict", mail{raw: sign(t, sign(t, letter("a@strict.example"), signing{domain: "strict.example"}), signing{domain: "mail.strict.example"}), from: "a@strict.example"}, "pass spf=none dkim=pass dmarc=pass"},
			{"of another domain speaks for nobody", mail{raw: by("esp.example")}, "fail spf=none dkim=pass dmarc=fail"},
			{"a key behind a CNAME", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "moved"})}, "pass spf=none dkim=pass dmarc=pass"},
			{"a key of 512 bits (RFC 8301 §3.2)", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "short", key: keys().short})}, "fail spf=none dkim=permerror dmarc=fail"},
			{"no such key", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "gone"})}, "fail spf=none dkim=permerror dmarc=fail"},
			{"a revoked key", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "revoked"})}, "fail spf=none dkim=permerror dmarc=fail"},
			{"a key record beyond all measure", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "huge", key: keys().rsa})}, "fail spf=none dkim=permerror dmarc=fail"},
			{"somebody else's key", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "r", key: keys().other})}, "fail spf=none dkim=fail dmarc=fail"},
			{"expired", mail{raw: sign(t, ann, signing{domain: "corp.example", expires: time.Now().Add(-time.Hour)})}, "fail spf=none dkim=permerror dmarc=fail"},
			{"not yet expired", mail{raw: sign(t, ann, signing{domain: "corp.example", expires: time.Now().Add(time.Hour)})}, "pass spf=none dkim=pass dmarc=pass"},
			{"another body", mail{raw: strings.Replace(by("corp.example"), "offer", "0ffer", 1)}, "fail spf=none dkim=fail dmarc=fail"},
			{"another subject", mail{raw: strings.Replace(by("corp.example"), "Offer", "Invoice", 1)}, "fail spf=none dkim=fail dmarc=fail"},
			{"not a signature", mail{raw: "DKIM-Signature: d=corp.example\r\n" + ann}, "fail spf=none dkim=permerror dmarc=fail"},
			{"l=, under which anything may be appended", mail{raw: signPrefix(t, ann) + "P.S. Send the money elsewhere.\r\n"}, "fail spf=none dkim=policy dmarc=fail"},
		},
		"a signed mail that somebody has sent again": {
			{"as it was", mail{raw: by("corp.example")}, "pass spf=none dkim=pass dmarc=pass"},
			{"with another To above", mail{raw: "To: eve@esp.example\r\n" + by("corp.example")}, "fail spf=none dkim=policy dmarc=fail"},
			{"with another Subject, its colon apart", mail{raw: "Subject : Invoice\r\n" + by("corp.example")}, "fail spf=none dkim=policy dmarc=fail"},
			{"with fields that a relay adds", mail{raw: "Received: from a by b\r\nReturn-Path: <a@b.example>\r\n" + by("corp.example")}, "pass spf=none dkim=pass dmarc=pass"},
			{"two To fields from the start, both signed", mail{raw: sign(t, "To: cy@client.example\r\n"+ann, signing{domain: "corp.example", fields: []string{"From", "To", "To"}})}, "pass spf=none dkim=pass dmarc=pass"},
			{"another To where none may be added (RFC 6376 §8.15)", mail{raw: "To: eve@esp.example\r\n" + sign(t, ann, signing{domain: "corp.example", fields: []string{"From", "To", "To"}})}, "fail spf=none dkim=fail dmarc=fail"},
		},
		"several signatures": {
			{"one good", mail{raw: sign(t, "DKIM-Signature: v=1; d=corp.example\r\n"+ann, signing{domain: "corp.example"})}, "pass spf=none dkim=pass dmarc=pass"},
			{"the good one below", mail{raw: "DKIM-Signature: v=1; d=corp.example\r\n" + by("corp.example")}, "pass spf=none dkim=pass dmarc=pass"},
			{"the author's below ten of others", mail{raw: strings.Repeat("DKIM-Signature: v=1; d=esp.example\r\n", 10) + by("corp.example")}, "pass spf=none dkim=pass dmarc=pass"},
			{"a list's above the author's", mail{raw: sign(t, by("corp.example"), signing{domain: "esp.example"})}, "pass spf=none dkim=pass dmarc=pass"},
			{"one that covers the other", mail{raw: "X: 1\r\n" + sign(t, strings.Replace(by("corp.example"), "b=", "b=AAAA", 1), signing{domain: "mail.corp.example", fields: []string{"From", "DKIM-Signature"}})}, "pass spf=none dkim=pass dmarc=pass"},
			{"one that covers those above and below", mail{raw: "DKIM-Signature: v=1; d=esp.example\r\n" + sign(t, by("esp.example"), signing{domain: "corp.example", fields: []string{"From", "DKIM-Signature"}})}, "pass spf=none dkim=pass dmarc=pass"},
			{"the sixth is not looked at, whatever the first five are", mail{raw: strings.Repeat("DKIM-Signature: v=1; d=corp.example; l=1\r\n", 5) + by("corp.example")}, "fail spf=none dkim=policy dmarc=fail"},
			{"the sixth is not looked at", mail{raw: strings.Repeat("DKIM-Signature: v=1; d=corp.example\r\n", 5) + by("corp.example")}, "fail spf=none dkim=permerror dmarc=fail"},
		},
		"temporary errors make nobody a forger": {
			{"of SPF", mail{raw: ann, path: "a@down.corp.example", peer: theirs}, "none spf=temperror dkim=none dmarc=temperror"},
			{"of a key", mail{raw: sign(t, ann, signing{domain: "corp.example", selector: "down"})}, "none spf=none dkim=temperror dmarc=temperror"},
			{"of the policy", mail{raw: letter("a@nopolicy.example"), from: "a@nopolicy.example"}, "none spf=none dkim=none dmarc=temperror"},
			{"of the policy, the domain the same", mail{raw: sign(t, letter("a@nopolicy.example"), signing{domain: "nopolicy.example"}), from: "a@nopolicy.example"}, "pass spf=none dkim=pass dmarc=temperror"},
			{"of the policy, which may be strict", mail{raw: sign(t, letter("a@nopolicy.example"), signing{domain: "mail.nopolicy.example"}), from: "a@nopolicy.example", path: "a@nopolicy.example"}, "none spf=fail dkim=pass dmarc=temperror"},
			{"of the policy, and SPF forbids the peer", mail{raw: letter("a@nopolicy.example"), from: "a@nopolicy.example", path: "a@nopolicy.example"}, "fail spf=fail dkim=none dmarc=temperror"},
			{"of the policy, and of a key under it", mail{raw: sign(t, letter("a@nopolicy.example"), signing{domain: "mail.nopolicy.example", selector: "down"}), from: "a@nopolicy.example", path: "a@nopolicy.example"}, "none spf=fail dkim=temperror dmarc=temperror"},
			{"of what would not speak for the author", mail{raw: letter("a@esp.example"), from: "a@esp.example", path: "a@down.corp.example"}, "fail spf=temperror dkim=none dmarc=fail"},
		},
	})
}

// mailCase is a mail and what becomes of it.
type mailCase struct {
	rule string
	mail mail
	want string
}

func runCases(t *testing.T, groups map[string][]mailCase) {
	t.Helper()
	c := newChecker(&mockdns.Resolver{Zones: zones()})
	for group, cases := range groups {
		for _, tc := range cases {
			t.Run(group+"/"+tc.rule, func(t *testing.T) {
				if got := tc.mail.authenticate(c); got != tc.want {
					t.Errorf("got  %s\nwant %s\nmail of %s from %s\n%s", got, tc.want, tc.mail.path, tc.mail.peer, tc.mail.raw)
				}
			})
		}
	}
}
