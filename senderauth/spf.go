package senderauth

import (
	"context"
	"strings"

	"blindcopy/crm"

	"blitiri.com.ar/go/spf"
)

// checkSPF evaluates the SPF record of the reverse path's domain or, where that is null, of the HELO name
// (RFC 7208 §2.3, §2.4).
//
// Mail that was not brought by a peer (fetched, imported) has no SPF.
func (c *Checker) checkSPF(ctx context.Context, in *crm.Inbound) finding {
	sender := spfSender(in)
	if sender == "" || !in.Remote.IsValid() {
		return finding{word: none}
	}
	result, _ := spf.CheckHostWithSender(in.Remote.AsSlice(), in.Helo, string(sender),
		spf.WithContext(ctx), spf.WithResolver(c.dns))
	return finding{word: string(result), domain: sender.Domain()}
}

// spfSender returns the identity that SPF is asked about, "" if there is none to ask about (RFC 7208 §4.3).
func spfSender(in *crm.Inbound) crm.Address {
	path := in.MailFrom
	if path == "" {
		path = "postmaster@" + in.Helo
	}
	// A second @, legal in a quoted local part, makes the library ask about another domain than it reports.
	sender, ok := crm.ParseAddress(path)
	if !ok || strings.Contains(sender.Local(), "@") || !isHostName(sender.Domain()) {
		return ""
	}
	return sender
}

// isHostName tells whether a domain can be in DNS and is not a machine's short name (RFC 7208 §4.3).
func isHostName(domain string) bool {
	labels := strings.Split(domain, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 {
			return false
		}
	}
	return len(labels) > 1 && len(domain) <= 253
}
