package senderauth

import (
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/foxcpp/go-mockdns"
)

// BenchmarkAuthenticate measures one message with one signature, at an ordinary and at the largest size.
func BenchmarkAuthenticate(b *testing.B) {
	line := strings.Repeat("x", 76) + "\r\n"
	bodies := map[string]string{
		"4KiB":                     strings.Repeat(line, 4<<10/78),
		"35MiB":                    strings.Repeat(line, 35<<20/78),
		"35MiB of short lines":     strings.Repeat("\r\n \r\nx", 5<<20),
		"35MiB of runs of CRLF":    strings.Repeat(strings.Repeat("\r\n", maxLineEnds/2-8)+"x", 35<<20/maxLineEnds),
		"35MiB of runs of bare LF": strings.Repeat(strings.Repeat("\n", maxLineEnds-16)+"x", 35<<20/maxLineEnds),
	}
	for _, canon := range []dkim.Canonicalization{dkim.CanonicalizationSimple, dkim.CanonicalizationRelaxed} {
		for name, body := range bodies {
			b.Run(string(canon)+"/"+name, func(b *testing.B) {
				c := newChecker(&mockdns.Resolver{Zones: zones()})
				m := mail{raw: sign(b, letter("ann@corp.example")+body, signing{domain: "corp.example", canon: canon})}
				in := m.inbound()
				b.SetBytes(in.Raw.Size())
				for b.Loop() {
					if a := c.Authenticate(b.Context(), in, "ann@corp.example"); a.DKIM != pass {
						b.Fatalf("got %+v", a)
					}
				}
			})
		}
	}
}

// BenchmarkHostileHeader measures headers made to be slow.
func BenchmarkHostileHeader(b *testing.B) {
	signature := "DKIM-Signature: v=1; a=ed25519-sha256; d=corp.example; s=e; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA; h=from"
	many := strings.Repeat(signature+strings.Repeat(":x", maxSignedNames-1)+"\r\n", 5)
	for name, fields := range map[string]string{
		"many folds":  strings.Repeat(signature+strings.Repeat("\r\n : x"+strings.Repeat(" ", 200), 250)+"\r\n", 5)[:200<<10],
		"many fields": many + strings.Repeat("x: y\r\n", maxLines-50),
		"one name":    many + strings.Repeat("x:"+strings.Repeat("\r\n "+strings.Repeat("y", 50), maxFieldLines-1)+"\r\n", 3),
	} {
		b.Run(name, func(b *testing.B) {
			c := newChecker(&mockdns.Resolver{Zones: zones()})
			in := mail{raw: fields + "From: ann@corp.example\r\n\r\n"}.inbound()
			for b.Loop() {
				if a := c.Authenticate(b.Context(), in, "ann@corp.example"); a.Result == "pass" {
					b.Fatalf("got %+v", a)
				}
			}
		})
	}
}
