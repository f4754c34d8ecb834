package main

import (
	"context"
	"strings"
)

// texts are the TXT records of a name that begin with a version, such as v=spf1.
func (c dnsCheck) texts(ctx context.Context, name, version string) (list []string, err error) {
	all, err := lookUp(ctx, c.resolver.LookupTXT, name+".")
	for _, text := range all {
		first := strings.TrimRight(firstWord(text), ";")
		if strings.EqualFold(first, version) {
			list = append(list, text)
		}
	}
	return list, err
}

// firstWord ends at a space or behind a semicolon.
func firstWord(text string) string {
	if i := strings.IndexAny(text, " \t;"); i >= 0 {
		return text[:i]
	}
	return text
}

// spf: the domain sends no mail, and says so (RFC 7208 §10.1.2).
func (c dnsCheck) spf(ctx context.Context, f *findings) {
	record := publish(c.domain, "TXT", `"v=spf1 -all"`)
	list, err := c.texts(ctx, c.domain, "v=spf1")
	switch {
	case err != nil:
		f.unanswered("SPF", err)
	case len(list) == 0:
		f.warning("SPF", record, "%s has none: others can send in its name", c.domain)
	case len(list) > 1: // RFC 7208 §4.5: permerror
		f.warning("SPF", "Leave one. "+record, "%s has %d of them, and so none counts", c.domain, len(list))
	case strings.Join(strings.Fields(strings.ToLower(list[0])), " ") != "v=spf1 -all":
		f.warning("SPF", record, "%q lets others send in the name of a domain that sends no mail", list[0])
	default:
		f.ok("SPF", "%s", list[0])
	}
}

// dmarc tells receivers what to do with mail that pretends to be ours (RFC 7489 §6.3).
func (c dnsCheck) dmarc(ctx context.Context, f *findings) {
	record := publish("_dmarc."+c.domain, "TXT", `"v=DMARC1; p=reject"`)
	list, err := c.texts(ctx, "_dmarc."+c.domain, "v=DMARC1")
	switch {
	case err != nil:
		f.unanswered("DMARC", err)
	case len(list) == 0:
		f.warning("DMARC", record, "_dmarc.%s has none", c.domain)
	case len(list) > 1: // RFC 7489 §6.6.3: as if there were none
		f.warning("DMARC", "Leave one. "+record, "_dmarc.%s has %d of them, and so none counts", c.domain, len(list))
	case !strings.EqualFold(tag(list[0], "p"), "reject"):
		f.warning("DMARC", record, "%q lets mail through that pretends to come from a domain that sends none", list[0])
	default:
		f.ok("DMARC", "%s", list[0])
	}
}

// tag reads one value of "a=1; b=2".
func tag(record, name string) string {
	for part := range strings.SplitSeq(record, ";") {
		if key, value, ok := strings.Cut(part, "="); ok && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// tlsRPT asks senders to report deliveries that could not be encrypted (RFC 8460).
func (c dnsCheck) tlsRPT(ctx context.Context, f *findings) {
	name := "_smtp._tls." + c.domain
	list, err := c.texts(ctx, name, "v=TLSRPTv1")
	switch {
	case err != nil:
		f.unanswered("TLSRPT", err)
	case len(list) == 0:
		f.add(statusOK, "TLSRPT", "With it, senders report when TLS fails. "+publish(name, "TXT", `"v=TLSRPTv1; rua=mailto:postmaster@example.com"`), "not published; nobody needs it")
	case len(list) > 1: // RFC 8460 §3: as if there were none
		f.warning("TLSRPT", "Leave one TXT record at "+name+".", "%s has %d records, and so none counts", name, len(list))
	case !isReportAddress(tag(list[0], "rua")):
		f.warning("TLSRPT", publish(name, "TXT", `"v=TLSRPTv1; rua=mailto:postmaster@example.com"`), "%q names nobody to report to", list[0])
	default:
		f.ok("TLSRPT", "%s", list[0])
	}
}

// isReportAddress: mailto: or https:, several with commas between them (RFC 8460 §3).
func isReportAddress(rua string) bool {
	for uri := range strings.SplitSeq(rua, ",") {
		uri = strings.ToLower(strings.TrimSpace(uri))
		if !strings.HasPrefix(uri, "mailto:") && !strings.HasPrefix(uri, "https://") {
			return false
		}
	}
	return true
}
