package crm

import (
	"encoding/json"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Address is an e-mail address in normal form: trimmed, lower-case, the domain as IDNA
// A-labels. Two addresses are the same mailbox to us exactly when they are equal.
// Empty means "none" and is null in JSON.
//
// Local parts are case-sensitive by RFC 5321 §2.4; no mail system that a client of
// ours uses makes use of it, and people type addresses in any case.
type Address string

// MaxAddressLength bounds an address in bytes: RFC 5321 §4.5.3.1 allows 64 for the
// local part and 255 for the domain.
const MaxAddressLength = 320

// strayAround is what broken mail clients, and pages that were copied from, leave around an address.
func strayAround(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>()[]'`,;:", r) }

// ParseAddress brings s into normal form. A lone quote, angle or stray bracket around it is
// dropped, for they are what broken mail clients leave behind. It returns false where
// no local part and domain can be read.
func ParseAddress(s string) (Address, bool) {
	s = strings.TrimFunc(s, strayAround)
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > MaxAddressLength {
		return "", false
	}
	local, domain := s[:at], NormalDomain(s[at+1:])
	if !isQuoted(local) { // `"ben@x"` quotes nothing that RFC 5322 lets be quoted
		local = strings.TrimRight(strings.TrimLeftFunc(local, func(r rune) bool { return r == '"' || strayAround(r) }), `"`)
	}
	if local == "" || domain == "" || !isPrintable(local) {
		return "", false
	}
	local = strings.ToLower(unquoteLocal(local))
	if len(local)+1+len(domain) > MaxAddressLength { // some letters are longer in lower case
		return "", false
	}
	return Address(local + "@" + domain), true
}

// MustAddress is ParseAddress for addresses that the program itself wrote down.
func MustAddress(s string) Address {
	a, ok := ParseAddress(s)
	if !ok {
		panic("crm: not an address: " + s)
	}
	return a
}

// NormalDomain returns a domain trimmed, lower-case and as A-labels, or "" when s is
// not a domain at all. An address literal such as [192.0.2.1] is no domain of a company.
func NormalDomain(s string) string {
	s = strings.TrimFunc(s, strayInDomain)
	if s == "" || len(s) > 255 || !isPrintable(s) {
		return ""
	}
	s = strings.ToLower(s)
	if len(s) > 255 || strings.ContainsAny(s, " \t\r\n@<>()[],;:\\\"") {
		return ""
	}
	if isASCII(s) {
		return s
	}
	if strings.ContainsFunc(s, unicode.IsSpace) { // such as the no-break space of a web page
		return ""
	}
	// idna.Lookup refuses underscores and `ab--c`, both of which receive mail; keep what
	// it cannot convert rather than lose the address. Of labels that are nothing in ASCII (`。`)
	// stops are left, or too many bytes: that is no domain either.
	if ascii, err := idna.Lookup.ToASCII(s); err == nil && NormalDomain(ascii) == ascii {
		return ascii
	}
	return s
}

// strayInDomain is what is left around a domain that was copied from a text.
func strayInDomain(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(".'`\"", r) }

// Local returns the part before the last @.
func (a Address) Local() string {
	at := strings.LastIndexByte(string(a), '@')
	if at < 0 {
		return string(a)
	}
	return string(a[:at])
}

// Domain returns the part after the last @, or "".
func (a Address) Domain() string {
	at := strings.LastIndexByte(string(a), '@')
	if at < 0 {
		return ""
	}
	return string(a[at+1:])
}

// WithoutTag removes a `+tag` from the local part (RFC 5233 subaddressing). Dots are
// never folded: they tell two people apart everywhere but at one provider.
func (a Address) WithoutTag() Address {
	local := a.Local()
	plus := strings.IndexByte(local, '+')
	if plus <= 0 {
		return a
	}
	return Address(local[:plus] + "@" + a.Domain())
}

// Unicode is the address for people's eyes, its domain as UnicodeDomain has it. It parses to the same address. What is no
// address stays as it is.
func (a Address) Unicode() string {
	if a.Domain() == "" {
		return string(a)
	}
	return a.Local() + "@" + UnicodeDomain(a.Domain())
}

// UnicodeDomain writes the A-labels of a domain in their own script (RFC 5890 §2.3.2.1), such as почта.example.
// A label that mixes Latin with Cyrillic or Greek letters stays as it is: it is made to be taken for another.
func UnicodeDomain(domain string) string {
	if !strings.Contains(domain, "xn--") {
		return domain
	}
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		u, err := idna.Display.ToUnicode(label)
		if err == nil && !mixesScripts(u) && NormalDomain(u) == label {
			labels[i] = u
		}
	}
	if shown := strings.Join(labels, "."); NormalDomain(shown) == domain {
		return shown
	}
	return domain
}

func mixesScripts(label string) bool {
	var latin, other bool
	for _, r := range label {
		latin = latin || unicode.Is(unicode.Latin, r)
		other = other || unicode.In(r, unicode.Cyrillic, unicode.Greek)
	}
	return latin && other
}

// MarshalJSON writes an absent address as null.
func (a Address) MarshalJSON() ([]byte, error) {
	if a == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(a))
}

// Party is a person as a header names them: a display name, possibly empty, and an address.
type Party struct {
	Name    string  `json:"name"`
	Address Address `json:"address"`
}

// String is the party as people write it: `Ben Client <ben@client.example>`.
func (p Party) String() string {
	switch {
	case p.Name == "":
		return string(p.Address)
	case p.Address == "":
		return p.Name
	}
	return p.Name + " <" + string(p.Address) + ">"
}

// isQuoted tells a quoted string (RFC 5321 §4.1.2), whose last quote is not escaped.
func isQuoted(local string) bool {
	if len(local) < 2 || local[0] != '"' || local[len(local)-1] != '"' {
		return false
	}
	inner := local[1 : len(local)-1]
	return (len(inner)-len(strings.TrimRight(inner, `\`)))%2 == 0
}

// unquoteLocal drops the quotes of a local part that does not need them, so that
// `"ben"@x` and `ben@x` are one address (RFC 5321 §4.1.2).
func unquoteLocal(local string) string {
	if len(local) < 3 || !isQuoted(local) {
		return local
	}
	inner := local[1 : len(local)-1]
	if strings.ContainsAny(inner, " \t\"\\@,;:<>()[]") || strings.TrimLeftFunc(inner, strayAround) != inner || strings.ContainsFunc(inner, unicode.IsSpace) {
		return local
	}
	return inner
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isPrintable refuses control characters, which some parsers downstream take for line ends, and what is not UTF-8
// (RFC 6532 §3.1): two such addresses would be one as soon as somebody replaces the bytes nobody can read.
func isPrintable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}
