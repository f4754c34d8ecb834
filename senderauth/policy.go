package senderauth

import (
	"context"
	"net"
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// policy is what a domain publishes by DMARC. What it asks to be done with forged mail (p=) is not ours to do:
// that it wants forged mail recognised is all we take from it.
type policy struct {
	word                  string // pass: published; none, temperror
	strictSPF, strictDKIM bool
}

// unknownPolicy is one that cannot be had now. It may be strict.
var unknownPolicy = policy{word: tempError, strictSPF: true, strictDKIM: true}

// lookupPolicy finds the DMARC record of the author's domain, or that of its organizational domain
// (RFC 7489 §6.6.3).
func (c *Checker) lookupPolicy(ctx context.Context, domain string) policy {
	found := c.policyAt(ctx, domain)
	if org := organization(domain); found.word == none && org != domain {
		found = c.policyAt(ctx, org)
	}
	return found
}

func (c *Checker) policyAt(ctx context.Context, domain string) policy {
	records, err := c.dns.LookupTXT(ctx, "_dmarc."+domain)
	if isNotFound(err) {
		return policy{word: none}
	}
	if err != nil {
		return unknownPolicy
	}
	return readPolicy(records)
}

// readPolicy picks the DMARC record out of the TXT records of a name. Several of them are none (RFC 7489 §6.6.3).
func readPolicy(records []string) policy {
	found, n := policy{word: none}, 0
	for _, record := range records {
		if version, _, _ := strings.Cut(record, ";"); strings.ReplaceAll(version, " ", "") != "v=DMARC1" {
			continue
		}
		n++
		parsed, err := dmarc.Parse(essential(record))
		if err != nil {
			continue
		}
		found = policy{word: pass, strictSPF: parsed.SPFAlignment == dmarc.AlignmentStrict, strictDKIM: parsed.DKIMAlignment == dmarc.AlignmentStrict}
	}
	if n > 1 {
		return policy{word: none}
	}
	return found
}

// essential keeps the tags of a record that we act on.
//
// RFC 7489 §6.3 has a reader ignore what it does not understand in the other tags, and §6.6.3 has it take a
// record without a policy that asks for reports for p=none; the parser refuses both.
func essential(record string) string {
	tags := map[string]string{}
	for tag := range strings.SplitSeq(record, ";") {
		name, value, _ := strings.Cut(tag, "=")
		tags[strings.ToLower(strings.TrimSpace(name))] = strings.ToLower(strings.TrimSpace(value))
	}
	kept := "v=DMARC1"
	switch p := tags["p"]; {
	case p == "none" || p == "quarantine" || p == "reject":
		kept += "; p=" + p
	case strings.HasPrefix(tags["rua"], "mailto:"):
		kept += "; p=none"
	}
	for _, mode := range []string{"adkim", "aspf"} {
		if tags[mode] == "s" {
			kept += "; " + mode + "=s"
		}
	}
	return kept
}

// aligned tells whether a domain that SPF or DKIM has authenticated speaks for the author's (RFC 7489 §3.1):
// strictly if they are the same, relaxed if they belong to the same organization.
func aligned(author, domain string, strict bool) bool {
	if author == "" || domain == "" {
		return false
	}
	return author == domain || !strict && organization(author) == organization(domain)
}

// organization returns the organizational domain (RFC 7489 §3.2) by the public suffix list. A public suffix, a
// single label, or an address literal has no organization but itself.
func organization(domain string) string {
	if net.ParseIP(domain) != nil {
		return domain
	}
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}
