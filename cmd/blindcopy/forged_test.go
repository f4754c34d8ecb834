package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/foxcpp/go-mockdns"
)

// TestAForgedManagerCreatesNothing has mail in Anna's name arrive from outside, over SMTP: signed by her company, and in the ways
// that forgers try. What she wrote makes a lead of an address nobody knows; what others wrote makes nothing,
// and stands on a known client's timeline with a badge.
func TestAForgedManagerCreatesNothing(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	edRecord := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	zones := map[string]mockdns.Zone{
		"acme.example.":               {TXT: []string{"v=spf1 ip4:192.0.2.1 -all"}},
		"_dmarc.acme.example.":        {TXT: []string{"v=DMARC1; p=none"}},
		"e._domainkey.acme.example.":  {TXT: []string{edRecord}},
		"r._domainkey.acme.example.":  {TXT: []string{"v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)}},
		"evil.example.":               {TXT: []string{"v=spf1 ip4:127.0.0.1 -all"}},
		"e._domainkey.evil.example.":  {TXT: []string{edRecord}},
		"_dmarc.client.example.":      {TXT: []string{"v=DMARC1; p=reject"}},
		"e._domainkey.other.example.": {TXT: []string{edRecord}},
	}
	signed := func(raw, domain, selector string, key crypto.Signer, expires time.Time) string {
		var out bytes.Buffer
		err := dkim.Sign(&out, strings.NewReader(raw), &dkim.SignOptions{Domain: domain, Selector: selector, Signer: key, Hash: crypto.SHA256, Expiration: expires,
			HeaderKeys: []string{"From", "To", "Subject", "Date", "Message-ID"}})
		if err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	byAcme := func(raw string) string { return signed(raw, "acme.example", "e", key, time.Time{}) }
	byEvil := func(raw string) string { return signed(raw, "evil.example", "e", key, time.Time{}) }
	same := func(raw string) string { return raw }
	above := func(fields string) func(string) string {
		return func(raw string) string { return fields + raw }
	}
	after := func(first, second func(string) string) func(string) string {
		return func(raw string) string { return second(first(raw)) }
	}

	for _, c := range []struct {
		name    string
		from    string
		make    func(string) string
		genuine bool
	}{
		{"signed, Ed25519", "Anna <anna@acme.example>", byAcme, true},
		{"signed, RSA", "anna@acme.example", func(raw string) string { return signed(raw, "acme.example", "r", rsaKey, time.Time{}) }, true},
		{"not signed", "Anna <anna@acme.example>", same, false},
		{"signed by another domain", "anna@acme.example", byEvil, false},
		{"signed for another text", "anna@acme.example", after(byAcme, func(raw string) string { return strings.Replace(raw, "Hello", "Send money", 1) }), false},
		{"signed, expired", "anna@acme.example", func(raw string) string {
			return signed(raw, "acme.example", "e", key, time.Now().Add(-time.Hour))
		}, false},
		{"another From above", "anna@acme.example", after(byAcme, above("From: anna@acme.example\r\n")), false},
		{"another From below her name", "eve@evil.example\r\nFrom: anna@acme.example", byEvil, false},
		{"her address first of two", "anna@acme.example, eve@evil.example", byEvil, false},
		{"her address second of two", "eve@evil.example, anna@acme.example", byEvil, false},
		{"another To above", "anna@acme.example", after(byAcme, above("To: eve@evil.example\r\n")), false},
		{"our own results", "anna@acme.example", above("Authentication-Results: mx.acme.example; dmarc=pass header.from=acme.example\r\n"), false},
		{"a NUL behind her address", "anna@acme.example\x00 <anna@acme.example>", byAcme, false},
		{"a comment", "eve@evil.example (anna@acme.example)", byEvil, false},
		{"an encoded word", "=?utf-8?q?anna=40acme.example=20=3Canna=40acme.example=3E?= <eve@evil.example>", byEvil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.must("contact", "add", "--name", "Ben", "--email", "ben@client.example")
			w.env = append(w.env, "BLINDCOPY_SMTP_TRUSTED_NETWORKS=none", "BLINDCOPY_SMTP_AUTHSERV_IDS=mx.acme.example", "BLINDCOPY_LINKING_UNKNOWN_OUTGOING=lead")
			send := w.outside(zones)
			raw := func(to string) string {
				return fmt.Sprintf("From: %s\r\nTo: %s\r\nSubject: Offer\r\nDate: %s\r\nMessage-ID: <%s>\r\n\r\nHello.\r\n", c.from, to, time.Now().Format(time.RFC1123Z), to)
			}
			send("eve@evil.example", w.bcc(anna), c.make(raw("nora@new.example")))
			send("eve@evil.example", w.bcc(anna), c.make(raw("ben@client.example")))

			var leads []map[string]any
			w.json(&leads, "lead", "list")
			if made := len(leads) > 0; made != c.genuine {
				t.Errorf("got the leads %v, want some: %t", leads, c.genuine)
			}
			var filed []struct {
				Subject string
				Badges  []string
			}
			w.json(&filed, "activity", "list")
			if c.genuine && len(filed) != 2 {
				t.Errorf("got %d activities of two mails that she wrote", len(filed))
			}
			for _, a := range filed {
				if forged := strings.Contains(strings.Join(a.Badges, " "), "unverified_sender"); forged == c.genuine {
					t.Errorf("got the badges %q of a mail that is genuine: %t", a.Badges, c.genuine)
				}
			}
		})
	}
}

// outside runs a server whose DNS is that of the test, and returns how to send it mail.
func (w *world) outside(zones map[string]mockdns.Zone) (send func(from, rcpt, raw string)) {
	w.t.Helper()
	a := newApp(w.env, strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{})
	a.configFile, a.dns = w.file(), &mockdns.Resolver{Zones: zones}
	cfg, err := a.config()
	if err != nil {
		w.t.Fatal(err)
	}
	s, err := a.build(w.t.Context(), cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runParts(ctx, s.parts()...) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		_ = s.office.close()
	})
	return func(from, rcpt, raw string) {
		w.t.Helper()
		if err := smtp.SendMail(s.smtp.Addrs()[0].String(), nil, from, []string{rcpt}, []byte(raw)); err != nil {
			w.t.Fatalf("%v\n%s", err, raw)
		}
	}
}
