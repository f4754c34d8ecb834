package senderauth

import (
	"net/netip"
	"slices"
	"strings"

	"blindcopy/crm"

	"github.com/emersion/go-msgauth/authres"
)

// vouched returns what mail servers of ours have written into Authentication-Results fields (RFC 8601) about this
// message, which one of them brought.
//
// A sender can write such fields too, and RFC 8601 §5 has servers remove those that bear their own name, but not all
// do. So position decides. Servers add their fields on top; from there we go down, past the Received fields of
// hops among relay networks and on one machine. The first Received field that tells of a hop from elsewhere
// was written by the server that took the message from outside: what stands above it is ours, what stands
// below may be anybody's. Where no server wrote a Received field, the author's own fields are that line.
//
// So a server that writes its results below its own Received field is not heard. Its mail is judged by DKIM.
func (c *Checker) vouched(h header) []authres.Result {
	var results []authres.Result
	for _, f := range h.fields {
		if f.name == "received" && !c.isInsideHop(f.value()) || slices.Contains(authorFields, f.name) {
			break
		}
		if f.name != "authentication-results" {
			continue
		}
		if id, found := readResults(f.value()); c.isOurID(id) {
			results = append(results, found...)
		}
	}
	return results
}

// authorFields are written by whoever writes the mail, above no field of a relay.
var authorFields = []string{"from", "sender", "reply-to", "to", "cc", "date", "subject", "message-id", "mime-version", "content-type"}

// isInsideHop tells whether a Received field names machines of ours only, at least one. All addresses in it count, for
// some of its text is what the peer said in HELO.
func (c *Checker) isInsideHop(received string) bool {
	hop, _, _ := strings.Cut(received, ";")
	seen := false
	for _, word := range strings.FieldsFunc(hop, func(r rune) bool { return strings.ContainsRune(" \t[]()<>=,", r) }) {
		if len(word) > 5 && strings.EqualFold(word[:5], "IPv6:") { // RFC 5321 §4.1.3
			word = word[5:]
		}
		addr, err := netip.ParseAddr(word)
		if err != nil {
			continue
		}
		if !addr.Unmap().IsLoopback() && !c.isRelay(addr) {
			return false
		}
		seen = true
	}
	return seen
}

func (c *Checker) isOurID(id string) bool {
	return id != "" && slices.ContainsFunc(c.ids, func(ours string) bool { return strings.EqualFold(ours, id) })
}

// readResults reads the value of an Authentication-Results field. It returns no id for one that cannot be read.
func readResults(value string) (id string, results []authres.Result) {
	plain, ok := rewrite(value, harmless)
	if !ok {
		return "", nil
	}
	id, results, err := authres.Parse(plain)
	if err != nil {
		return "", nil
	}
	return id, results
}

// harmless undoes the quotes of a plain value and blots out any other.
//
// QUIRK: the parser knows neither quotes nor comments. Both hold text of the sender's, such as the local part of his
// reverse path, and `"; dmarc=pass header.from=corp.example"@evil.example` is one that SMTP allows.
func harmless(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	for _, c := range inner {
		isPlain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune(".-_+@", c)
		if !isPlain {
			return "?"
		}
	}
	return inner
}

// add takes in what a relay of ours found. Only what it says of the author's domain counts as DMARC; SPF and DKIM are
// weighed like our own findings.
func (e *evidence) add(results []authres.Result, author string) {
	for _, result := range results {
		switch r := result.(type) {
		case *authres.SPFResult:
			found := finding{known(r.Value), domainOf(r.From, r.Helo)}
			if e.spf.word == skipped || found.word == pass && aligned(author, found.domain, e.policy.strictSPF) {
				e.spf = found
			}
		case *authres.DKIMResult:
			e.dkim = append(e.dkim, finding{known(r.Value), domainOf(r.Domain, r.Identifier)})
		case *authres.DMARCResult:
			if domainOf(r.From) == author && e.relay != fail && (r.Value == pass || r.Value == fail) {
				e.relay = string(r.Value)
			}
		}
	}
}

// known returns a result word of RFC 8601 §2.7, none for any other. "hardfail" is what RFC 7001 had for fail.
func known(v authres.ResultValue) string {
	switch v {
	case pass, fail, none, neutral, softFail, refused, tempError, permError:
		return string(v)
	case authres.ResultHardFail:
		return fail
	}
	return none
}

// domainOf returns the domain of the first of several addresses or domains that is there.
func domainOf(either ...string) string {
	for _, s := range either {
		s = strings.Trim(s, "<>")
		if s = s[strings.LastIndexByte(s, '@')+1:]; s != "" {
			return crm.NormalDomain(s)
		}
	}
	return ""
}
