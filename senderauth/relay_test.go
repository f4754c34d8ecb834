package senderauth

import (
	"strings"
	"testing"
)

// TestAuthenticationResults has whose word is taken for what (RFC 8601 §5).
func TestAuthenticationResults(t *testing.T) {
	const (
		word     = "Authentication-Results: mx.ours.example; dmarc=pass header.from=corp.example"
		border   = "Received: from evil.example (evil.example [203.0.113.9]) by mx.ours.example; Mon, 23 Nov 2026 10:00:00 +0000"
		hop      = "Received: from mx.ours.example (mx.ours.example [10.0.0.1])\r\n\tby hub.ours.example; Mon, 23 Nov 2026 10:00:01 +0000"
		loop     = "Received: from localhost (localhost [IPv6:::1]) by mx.ours.example (filter)"
		pretends = "Received: from [10.0.0.7] (evil.example [203.0.113.9]) by mx.ours.example"
		pickup   = "Received: by mx.ours.example (Postfix, from userid 1000) id 1"

		believed  = "pass spf=skipped dkim=none dmarc=pass"
		unheard   = "fail spf=skipped dkim=none dmarc=fail"
		elsewhere = "fail spf=none dkim=none dmarc=fail"
	)
	by := func(fields ...string) mail { return mail{raw: letter("ann@corp.example", fields...), peer: relay} }
	from := func(results string) mail {
		return by("Authentication-Results: mx.ours.example; "+results, border)
	}

	runCases(t, map[string][]mailCase{
		"where": {
			{"above what our server received", by(word, border), believed},
			{"below: anybody may have written it", by(border, word), unheard},
			{"below a hop of ours", by(hop, loop, word, border), believed},
			{"below a hop that pretends to be ours", by(pretends, word), unheard},
			{"below a hop from nowhere", by(pickup, word), unheard},
			{"where no server has stamped", by(word), believed},
			{"where no server has stamped, below the author's fields", mail{raw: "From: ann@corp.example\r\n" + word + "\r\n\r\n", peer: relay}, unheard},
			{"in the body", mail{raw: letter("ann@corp.example") + word, peer: relay}, unheard},
		},
		"whose": {
			{"from a peer that is no relay of ours", mail{raw: letter("ann@corp.example", word, border)}, elsewhere},
			{"from a peer that is no relay, in an address of another form", mail{raw: letter("ann@corp.example", word, border), peer: netipMapped(anybody)}, elsewhere},
			{"from a relay of ours, in an address of another form", mail{raw: letter("ann@corp.example", word, border), peer: netipMapped(relay)}, believed},
			{"of another server", by("Authentication-Results: mx.evil.example; dmarc=pass header.from=corp.example", border), unheard},
			{"of a server with a longer name", by("Authentication-Results: mx.ours.example.evil.example; dmarc=pass header.from=corp.example", border), unheard},
			{"of ours in capitals, with a version", by("authentication-results: MX.Ours.Example 1;\r\n\tDMARC=Pass header.from=Corp.Example", border), believed},
			{"of nobody", by("Authentication-Results: ; dmarc=pass header.from=corp.example", border), unheard},
		},
		"what": {
			{"DMARC of another author", from("dmarc=pass header.from=esp.example"), unheard},
			{"DMARC of no author", from("dmarc=pass"), unheard},
			{"DMARC fail, of a policy that is gone since", mail{raw: letter("a@mute.example", "Authentication-Results: mx.ours.example; dmarc=fail header.from=mute.example", border), from: "a@mute.example", peer: relay}, unheard},
			{"DMARC fail of another author", mail{raw: letter("a@mute.example", "Authentication-Results: mx.ours.example; dmarc=fail header.from=corp.example", border), from: "a@mute.example", peer: relay}, "none spf=skipped dkim=none dmarc=none"},
			{"both words, the good one last", from("dmarc=fail header.from=corp.example; dmarc=pass header.from=corp.example"), unheard},
			{"both words, the good one first", from("dmarc=pass header.from=corp.example; dmarc=fail header.from=corp.example"), unheard},
			{"SPF of the author's domain", from("spf=pass smtp.mailfrom=ann@corp.example"), "pass spf=pass dkim=none dmarc=pass"},
			{"SPF of a domain", from("spf=pass smtp.mailfrom=corp.example"), "pass spf=pass dkim=none dmarc=pass"},
			{"SPF of HELO", from("spf=pass smtp.helo=mail.corp.example"), "pass spf=pass dkim=none dmarc=pass"},
			{"SPF of another domain", from("spf=pass smtp.mailfrom=evil@esp.example"), "fail spf=pass dkim=none dmarc=fail"},
			{"SPF fail", from("spf=hardfail smtp.mailfrom=corp.example"), "fail spf=fail dkim=none dmarc=fail"},
			{"a temporary error there", from("spf=temperror smtp.mailfrom=corp.example"), "none spf=temperror dkim=none dmarc=temperror"},
			{"DKIM of the author's domain", from("dkim=pass (good) header.d=corp.example"), "pass spf=skipped dkim=pass dmarc=pass"},
			{"DKIM by its agent", from("dkim=pass header.i=@mail.corp.example"), "pass spf=skipped dkim=pass dmarc=pass"},
			{"DKIM of several domains", from("dkim=fail header.d=corp.example; dkim=pass header.d=esp.example"), "fail spf=skipped dkim=pass dmarc=fail"},
			{"nothing", from("none"), unheard},
			{"a word nobody knows", from("spf=excellent smtp.mailfrom=corp.example"), "fail spf=none dkim=none dmarc=fail"},
			{"our own look at DKIM", mail{raw: border + "\r\n" + sign(t, letter("ann@corp.example"), signing{domain: "corp.example"}), peer: relay}, "pass spf=skipped dkim=pass dmarc=pass"},
			{"the relay's DKIM, where a footer has broken it since", mail{raw: "Authentication-Results: mx.ours.example; dkim=pass header.d=corp.example\r\n" + border + "\r\n" + sign(t, letter("ann@corp.example"), signing{domain: "corp.example"}) + "Checked by us.\r\n", peer: relay}, "pass spf=skipped dkim=pass dmarc=pass"},
		},
		"what the sender has slipped in": {
			{"in a comment", from("spf=pass (from x;dmarc=pass header.from=corp.example;) smtp.mailfrom=esp.example"), "fail spf=pass dkim=none dmarc=fail"},
			{"in a comment in a comment", from(`spf=pass (a (b\) ; dmarc=pass header.from=corp.example ) c) ; x=y) smtp.mailfrom=esp.example`), "fail spf=pass dkim=none dmarc=fail"},
			{"in a quoted local part", from(`spf=pass smtp.mailfrom="a; dmarc=pass header.from=corp.example ; x=y"@esp.example`), "fail spf=pass dkim=none dmarc=fail"},
			{"in a comment that never ends", from("spf=pass (x; dmarc=pass header.from=corp.example"), unheard},
			{"an escaped quote", from(`spf=pass smtp.mailfrom="a\"; dmarc=pass header.from=corp.example; "@esp.example`), "fail spf=pass dkim=none dmarc=fail"},
		},
	})
}

// FuzzResults: nothing in a comment or a quoted string becomes a result.
func FuzzResults(f *testing.F) {
	for _, seed := range []string{"", ")(", `"`, `\`, `a"; dmarc=pass "b`, "a); dmarc=pass (b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		commented, quoted := strings.NewReplacer("(", "", ")", "", `\`, "").Replace(text), strings.NewReplacer(`"`, "", `\`, "").Replace(text)
		for _, value := range []string{"mx; spf=none (" + commented + ")", `mx; spf=none smtp.mailfrom="` + quoted + `"@b`} {
			if id, results := readResults(value); id != "" && len(results) != 1 {
				t.Errorf("%d results of %q: %v", len(results), value, results)
			}
		}
	})
}
