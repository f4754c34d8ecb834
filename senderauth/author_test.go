package senderauth

import (
	"strings"
	"testing"

	"blindcopy/crm"
)

// TestAuthorIsWhatIsAuthenticated has the tricks that make a program show one author and check another.
func TestAuthorIsWhatIsAuthenticated(t *testing.T) {
	const unverified = "fail spf=skipped dkim=skipped dmarc=permerror"
	signed := func(raw string) mail {
		return mail{raw: sign(t, raw, signing{domain: "corp.example", fields: []string{"From"}})}
	}
	byEvil := func(raw string) mail {
		return mail{raw: sign(t, raw, signing{domain: "esp.example", fields: []string{"From"}}), path: "evil@esp.example", peer: theirs}
	}
	as := func(m mail, author crm.Address) mail { m.from = author; return m }
	above := func(m mail, fields string) mail { m.raw = fields + m.raw; return m }
	ann := signed(letter("Ann <ann@corp.example>"))

	runCases(t, map[string][]mailCase{
		"two readings of the author": {
			{"two From fields, the signed one second", above(ann, "From: Boss <boss@corp.example>\r\n"), unverified},
			{"two From fields, the signed one first", signed(letter("ann@corp.example", "From: ann@corp.example")), unverified},
			{"a From field with white space before its colon", above(ann, "From : Boss <boss@corp.example>\r\n"), unverified},
			{"a From field in other letters", above(ann, "FROM: Boss <boss@corp.example>\r\n"), unverified},
			{"a From field indented on the first line", above(ann, " From: Boss <boss@corp.example>\r\n"), unverified},
			{"a From field behind a bare CR", above(ann, "X-Nothing: 1\rFrom: Boss <boss@corp.example>\r\n"), unverified},
			{"a bare CR elsewhere: no signature counts", above(ann, "X-Nothing: 1\r2\r\n"), "fail spf=none dkim=permerror dmarc=fail"},
			{"no From field", mail{raw: strings.Replace(letter("x"), "From:", "Sender:", 1)}, unverified},
			{"several addresses in From", signed(letter("Ann <ann@corp.example>, Eve <eve@esp.example>")), unverified},
			{"several addresses in From, the other first", as(signed(letter("eve@esp.example, ann@corp.example")), "eve@esp.example"), unverified},
			{"a group in From", signed(letter("Team: ann@corp.example, ben@corp.example;")), unverified},
			{"an address nobody has written", as(ann, "boss@corp.example"), unverified},
			{"no author", as(mail{raw: letter("MAILER-DAEMON")}, "mailer-daemon@corp.example"), unverified},
			{"an author in an encoded word", byEvil(letter("=?utf-8?q?Ann_=3Cann=40corp.example=3E=00?= <evil@esp.example>")), unverified},
			{"an author in a comment", byEvil(letter("evil@esp.example (ann@corp.example)")), unverified},
			{"an author in a quoted name", byEvil(letter(`"ann@corp.example" <evil@esp.example>`)), unverified},
			{"NUL in From", signed(letter("ann@corp.example\x00 <ann@corp.example>")), unverified},
		},
		"one reading": {
			{"the name may show another address: the author is who wrote", as(byEvil(letter(`"ann@corp.example" <evil@esp.example>`)), "evil@esp.example"), "pass spf=pass dkim=pass dmarc=pass"},
			{"Sender is believed nothing", byEvil(letter("ann@corp.example", "Sender: evil@esp.example")), "fail spf=pass dkim=pass dmarc=fail"},
			{"Reply-To is believed nothing", byEvil(letter("ann@corp.example", "Reply-To: evil@esp.example")), "fail spf=pass dkim=pass dmarc=fail"},
			{"X-Original-From is believed nothing", as(byEvil(letter("list@esp.example", "List-Id: x", "X-Original-From: ann@corp.example")), "ann@corp.example"), unverified},
			{"From: in the body", signed(letter("ann@corp.example") + "From: boss@corp.example\r\n"), "pass spf=none dkim=pass dmarc=pass"},
			{"a folded From", signed(letter("Ann\r\n <ann@corp.example>")), "pass spf=none dkim=pass dmarc=pass"},
			{"a header that ends in CR CR LF", mail{raw: strings.ReplaceAll(letter("ann@corp.example"), "\r\n", "\r\r\n"), path: "ann@corp.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
		},
		"bounds": {
			{"a header over 256 KiB", above(ann, "X-Long: "+strings.Repeat("x", maxHeader)+"\r\n"), unverified},
			{"a header over 256 KiB, its From field within", mail{raw: "From: ann@corp.example\r\nX-Long: " + strings.Repeat("x", maxHeader) + "\r\n\r\n", path: "ann@corp.example", peer: theirs}, unverified},
			{"a header of too many lines", above(ann, strings.Repeat("X: 1\r\n", maxLines)), unverified},
			{"a field of too many lines", above(ann, "X: 1\r\n"+strings.Repeat(" 2\r\n", maxFieldLines)), "fail spf=none dkim=permerror dmarc=fail"},
			{"a signature over very many names", mail{raw: sign(t, letter("ann@corp.example"), signing{domain: "corp.example", fields: names(maxSignedNames)})}, "pass spf=none dkim=pass dmarc=pass"},
			{"a signature over too many names", mail{raw: sign(t, letter("ann@corp.example"), signing{domain: "corp.example", fields: names(maxSignedNames + 1)})}, "fail spf=none dkim=permerror dmarc=fail"},
			{"nothing but line ends at the end", signed(letter("ann@corp.example") + strings.Repeat("\r\n", maxLineEnds)), "pass spf=none dkim=pass dmarc=pass"},
			{"nothing but line ends", signed(letter("ann@corp.example") + strings.Repeat("\r\n", maxLineEnds) + "x\r\n"), "fail spf=none dkim=policy dmarc=fail"},
			{"a message without an end of its header", mail{raw: "From: ann@corp.example", path: "ann@corp.example", peer: theirs}, "pass spf=pass dkim=none dmarc=pass"},
			{"an empty message", mail{raw: ""}, unverified},
		},
	})
}

// names returns From and others that are not there, n together.
func names(n int) []string {
	return append([]string{"From"}, strings.Fields(strings.Repeat("X-Other ", n-1))...)
}
