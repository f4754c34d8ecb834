package crm

import (
	"fmt"
	"strings"
)

// NormalPattern brings an exclusion pattern into normal form: an address, a domain, or
// `*.domain` for every domain below it.
func NormalPattern(s string) (string, error) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "*."); ok {
		if d := NormalDomain(rest); strings.Contains(d, ".") {
			return "*." + d, nil
		}
	} else if rest, ok := strings.CutPrefix(s, "*@"); ok {
		if d := NormalDomain(rest); strings.Contains(d, ".") && !strings.Contains(d, "*") {
			return d, nil
		}
	} else if strings.Contains(strings.TrimPrefix(s, "@"), "@") {
		if a, ok := ParseAddress(s); ok && !strings.Contains(string(a), "*") {
			return string(a), nil
		}
	} else if d := NormalDomain(strings.TrimPrefix(s, "@")); strings.Contains(d, ".") && !strings.Contains(d, "*") {
		return d, nil
	}
	return "", fmt.Errorf("%q is no exclusion: write an address (ann@example.com), a domain (example.com) or *.example.com", s)
}

// Matches tells whether an address falls under the pattern. Whole values only:
// client.example never matches a mail to ent.example or sub.client.example.
func (e Exclusion) Matches(a Address) bool {
	if strings.Contains(e.Pattern, "@") {
		return string(a) == e.Pattern || string(a.WithoutTag()) == e.Pattern
	}
	return DomainFits(a.Domain(), e.Pattern)
}

// DomainFits tells whether a domain is the one of a pattern or, where that is `*.example.com`, one below it.
func DomainFits(domain, pattern string) bool {
	if parent, ok := strings.CutPrefix(pattern, "*."); ok {
		return strings.HasSuffix(domain, "."+parent)
	}
	return domain == pattern
}
