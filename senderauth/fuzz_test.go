package senderauth

import (
	"context"
	"strings"
	"testing"

	"blindcopy/crm"

	"github.com/foxcpp/go-mockdns"
)

// FuzzAuthenticate: whatever a message is, the outcome is one of the words, and only what the DNS of these tests
// vouches for passes.
func FuzzAuthenticate(f *testing.F) {
	f.Add([]byte(letter("Ann <ann@corp.example>")), "ann@corp.example", "corp.example", false)
	f.Add([]byte(sign(f, letter("ann@corp.example"), signing{domain: "corp.example"})), "", "[192.0.2.1]", false)
	f.Add([]byte(letter("ann@corp.example", "Authentication-Results: mx.ours.example; spf=pass (\\) smtp.mailfrom=\"a\"@b")), "a", "b", true)
	f.Add([]byte("DKIM-Signature: v=1; a=rsa-sha256; c=simple; d=corp.example; s=r; h=from; bh=; b=\nFrom: ann@corp.example\n\n\n\n"), "", "", false)
	c := newChecker(&mockdns.Resolver{Zones: zones()})
	f.Fuzz(func(t *testing.T, raw []byte, path, helo string, relayed bool) {
		m := mail{raw: string(raw), path: path, helo: helo}
		if relayed {
			m.peer = relay
		}
		in := m.inbound()
		a := c.Authenticate(context.Background(), in, "ann@corp.example")
		for _, word := range []string{a.SPF, a.DKIM, a.DMARC} {
			if !strings.Contains(" pass fail softfail neutral none policy temperror permerror skipped ", " "+word+" ") {
				t.Errorf("the word %q in %+v", word, a)
			}
		}
		if a.Result == crm.AuthPass && a.DKIM != pass && !relayed {
			t.Errorf("%+v for %q, which nothing vouches for", a, raw)
		}
	})
}
