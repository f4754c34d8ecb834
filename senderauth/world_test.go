package senderauth

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"blindcopy/crm"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/foxcpp/go-mockdns"
)

// The peers of these tests: the server that corp.example names in its SPF record, one that nobody names, and a
// mail server of ours.
var (
	theirs  = netip.MustParseAddr("192.0.2.1")
	anybody = netip.MustParseAddr("203.0.113.9")
	relay   = netip.MustParseAddr("10.1.2.3")
)

// keys are made once: RSA takes a while.
var keys = sync.OnceValue(func() (k struct {
	rsa, other, short *rsa.PrivateKey
	ed                ed25519.PrivateKey
}) {
	var errs [4]error
	k.rsa, errs[0] = rsa.GenerateKey(rand.Reader, 2048)
	k.other, errs[1] = rsa.GenerateKey(rand.Reader, 2048)
	_, k.ed, errs[2] = ed25519.GenerateKey(rand.Reader)
	k.short, errs[3] = shortKey()
	if err := errors.Join(errs[:]...); err != nil {
		panic(err)
	}
	return k
})

// weakKeys has Go make keys that it makes no more.
const weakKeys = "rsa1024min=0"

// shortKey is one of 512 bits, as was usual once (RFC 8301 §3.2).
func shortKey() (*rsa.PrivateKey, error) {
	before := os.Getenv("GODEBUG")
	defer os.Setenv("GODEBUG", before)
	os.Setenv("GODEBUG", weakKeys)
	return rsa.GenerateKey(rand.Reader, 512)
}

func rsaRecord(key *rsa.PrivateKey) string {
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(public)
}

// mechanisms is a piece of an SPF record that takes n look-ups.
func mechanisms(n int) string {
	terms := ""
	for i := range n {
		terms += fmt.Sprintf(" a:n%d.many.example", i)
	}
	return terms
}

// zones is the DNS of these tests. Every domain has the keys r (RSA) and e (Ed25519), and an SPF record that names
// theirs.
func zones() map[string]mockdns.Zone {
	rsaKey := rsaRecord(keys().rsa)
	edKey := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(keys().ed.Public().(ed25519.PublicKey))

	z := map[string]mockdns.Zone{}
	domain := func(name, spf, policy string) {
		z[name+"."] = mockdns.Zone{TXT: []string{"a word from our sponsor", spf}}
		z["r._domainkey."+name+"."] = mockdns.Zone{TXT: []string{rsaKey}}
		z["e._domainkey."+name+"."] = mockdns.Zone{TXT: []string{edKey}}
		if policy != "" {
			z["_dmarc."+name+"."] = mockdns.Zone{TXT: []string{policy}}
		}
	}
	domain("corp.example", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=reject")
	domain("mail.corp.example", "v=spf1 ip4:192.0.2.1 -all", "")
	domain("strict.example", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=none; adkim=s; aspf=s")
	domain("mail.strict.example", "v=spf1 ip4:192.0.2.1 -all", "")
	domain("plain.example", "v=spf1 ip4:192.0.2.1 -all", "")
	domain("own.plain.example", "v=spf1 -all", "v=DMARC1; p=none; aspf=s")
	domain("soft.example", "v=spf1 ip4:192.0.2.1 ~all", "")
	domain("lost.example", "v=spf1 include:lost.example -all", "v=DMARC1; p=none")
	domain("esp.example", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=none")
	domain("one.co.uk", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=none")
	domain("two.co.uk", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=none")
	z["moved._domainkey.corp.example."] = mockdns.Zone{CNAME: "e._domainkey.esp.example."}
	z["down._domainkey.corp.example."] = mockdns.Zone{Err: errors.New("server misbehaving")}
	z["revoked._domainkey.corp.example."] = mockdns.Zone{TXT: []string{"v=DKIM1; k=rsa; p="}}
	z["huge._domainkey.corp.example."] = mockdns.Zone{TXT: []string{rsaKey + strings.Repeat(" ", maxKeyRecord)}}
	z["down.corp.example."] = mockdns.Zone{Err: errors.New("server misbehaving")}
	z["evil@corp.example."] = mockdns.Zone{TXT: []string{"v=spf1 +all"}}
	z["short._domainkey.corp.example."] = mockdns.Zone{TXT: []string{rsaRecord(keys().short)}}
	domain("many.example", "v=spf1"+mechanisms(10)+" ip4:192.0.2.1 -all", "")
	domain("toomany.example", "v=spf1"+mechanisms(11)+" ip4:192.0.2.1 -all", "")
	domain("void.example", "v=spf1 a:n1.mute.example a:n2.mute.example a:n3.mute.example ip4:192.0.2.1 -all", "")
	domain("wide.example", "v=spf1 +all", "v=DMARC1; p=reject")
	domain("sub.example", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=none; sp=reject; adkim=s; aspf=s")
	domain("x.sub.example", "v=spf1 ip4:192.0.2.1 -all", "")
	domain("sp.example", "v=spf1 ip4:192.0.2.1 -all", "v=DMARC1; p=reject; sp=none")
	for i := range 11 {
		z[fmt.Sprintf("n%d.many.example.", i)] = mockdns.Zone{A: []string{"198.51.100.1"}}
	}
	z["laptop."] = mockdns.Zone{TXT: []string{"v=spf1 +all"}}
	z["nopolicy.example."] = mockdns.Zone{TXT: []string{"v=spf1 ip4:192.0.2.1 -all"}}
	z["_dmarc.nopolicy.example."] = mockdns.Zone{Err: errors.New("server misbehaving")}
	z["e._domainkey.nopolicy.example."] = mockdns.Zone{TXT: []string{edKey}}
	z["e._domainkey.mail.nopolicy.example."] = mockdns.Zone{TXT: []string{edKey}}
	z["down._domainkey.mail.nopolicy.example."] = mockdns.Zone{Err: errors.New("server misbehaving")}
	return z
}

// newChecker knows relay as a mail server of ours, which writes Authentication-Results as mx.ours.example.
func newChecker(resolver Resolver) *Checker {
	return New(Options{
		Resolver:      resolver,
		RelayNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		AuthservIDs:   []string{"mx.ours.example"},
		Log:           slog.New(slog.DiscardHandler),
	})
}

// mail is a message with its envelope. The empty one comes from anybody, from nobody@esp.example.
type mail struct {
	raw     string
	from    crm.Address // the author that the linker has found
	path    string      // reverse path; "<>" is the null one
	helo    string
	peer    netip.Addr
	trusted bool
}

func (m mail) inbound() *crm.Inbound {
	in := &crm.Inbound{ID: "test", Via: crm.ViaSMTP, Remote: m.peer, Helo: m.helo, MailFrom: m.path, Trusted: m.trusted, Raw: crm.Raw{Bytes: []byte(m.raw)}}
	if !in.Remote.IsValid() {
		in.Remote = anybody
	}
	switch m.path {
	case "":
		in.MailFrom = "nobody@unknown.example"
	case "<>":
		in.MailFrom = ""
	}
	return in
}

// authenticate returns the outcome in one line: `result spf=… dkim=… dmarc=…`.
func (m mail) authenticate(c *Checker) string {
	if m.from == "" {
		m.from = "ann@corp.example"
	}
	a := c.Authenticate(context.Background(), m.inbound(), m.from)
	return fmt.Sprintf("%s spf=%s dkim=%s dmarc=%s", a.Result, a.SPF, a.DKIM, a.DMARC)
}

// letter is an unsigned message. Fields are written above the usual ones.
func letter(from string, fields ...string) string {
	return strings.Join(append(fields, "From: "+from, "To: Ben <ben@client.example>", "Subject: Offer",
		"Date: Mon, 23 Nov 2026 10:00:00 +0000", "Message-ID: <1@corp.example>", "", "Dear Ben,", "  here  is the offer. ", "", "Ann", ""), "\r\n")
}

// signing says how a message is signed.
type signing struct {
	domain   string
	selector string // r, e, or another one that zones() knows; "" is e
	key      crypto.Signer
	canon    dkim.Canonicalization
	expires  time.Time
	fields   []string
}

// sign puts a DKIM-Signature above a message.
func sign(t testing.TB, raw string, s signing) string {
	t.Helper()
	if s.selector == "" {
		s.selector = "e"
	}
	if s.key == nil {
		s.key = keys().ed
		if s.selector == "r" {
			s.key = keys().rsa
		}
	}
	if s.canon == "" {
		s.canon = dkim.CanonicalizationRelaxed
	}
	if s.fields == nil {
		s.fields = []string{"From", "To", "Subject", "Date", "Message-ID"}
	}
	var out bytes.Buffer
	err := dkim.Sign(&out, strings.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key, Hash: crypto.SHA256, Expiration: s.expires, HeaderKeys: s.fields,
		HeaderCanonicalization: s.canon, BodyCanonicalization: s.canon,
	})
	if err != nil {
		t.Fatalf("sign for %s: %v", s.domain, err)
	}
	return out.String()
}

// netipMapped is an IPv4 address as a socket of both families shows it.
func netipMapped(a netip.Addr) netip.Addr { return netip.AddrFrom16(a.As16()) }
