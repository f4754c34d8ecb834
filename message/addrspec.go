package message

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// This file finds the addr-spec (RFC 5322 §3.4.1) in what stands between brackets or commas.

// angleAddresses returns the addresses between angle brackets: one, or QUIRK several, `<a@x, b@x>`.
func angleAddresses(content string) []string {
	content = strings.TrimSpace(dropComments(content))
	if strings.HasPrefix(content, "@") { // a source route (RFC 5322 §4.4), which nobody follows any more
		if _, after, ok := strings.Cut(content, ":"); ok {
			content = after
		}
	}
	if !strings.ContainsAny(content, " \t,;\"") {
		if addr := cleanAddr(content); addr != "" {
			return []string{addr}
		}
		return nil
	}
	addrs, _ := splitBare(content)
	return addrs
}

// dropComments removes comments inside of angle brackets.
func dropComments(s string) string {
	if strings.IndexByte(s, '(') < 0 || strings.IndexByte(s, '"') >= 0 {
		return s
	}
	closers := matchParens(s, 0)
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if end, ok := closers[i]; ok {
			i = end
			continue
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// splitBare finds the addresses in text without angle brackets; words is the rest of it.
func splitBare(text string) (addrs []string, words string) {
	var names []string
	for _, token := range joinAddrTokens(bareTokens(text)) {
		if addr := cleanAddr(token); addr != "" {
			addrs = append(addrs, addr)
		} else if token = strings.Trim(token, "<>[]\""); token != "" {
			names = append(names, token)
		}
	}
	return addrs, strings.Join(names, " ")
}

// bareTokens splits at white space, commas and semicolons outside of quotes.
func bareTokens(text string) []string {
	quoted, escaped := false, false
	return strings.FieldsFunc(text, func(r rune) bool {
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '"':
			quoted = !quoted
		case !quoted:
			return r == ',' || r == ';' || unicode.IsSpace(r)
		}
		return false
	})
}

// joinAddrTokens puts together addresses with white space around "@" and "." (RFC 5322 §4.4 obs-addr-spec).
func joinAddrTokens(tokens []string) []string {
	out := tokens[:0]
	dotted := false // the last token was a dot alone
	for _, token := range tokens {
		if n := len(out); n > 0 && (dotted || belongTogether(out[n-1], token)) {
			out[n-1] += token
			dotted = token == "."
			continue
		}
		out = append(out, token)
	}
	return out
}

func belongTogether(a, b string) bool {
	switch {
	case len(a)+len(b) > maxAddrBytes:
		return false
	case strings.HasSuffix(a, "@"), b == "@", b == ".":
		return true
	case strings.HasPrefix(b, "@"):
		return strings.IndexByte(a, '@') < 0
	}
	return strings.IndexByte(a, '@') > 0 && (strings.HasSuffix(a, ".") || strings.HasPrefix(b, "."))
}

// maxAddrBytes is longer than any address that can be delivered (RFC 5321 §4.5.3.1: 64 + 1 + 255).
const maxAddrBytes = 998

// cleanAddr checks that token is an address and takes lone quotes, brackets and URI parts off it; "" if it is none.
func cleanAddr(token string) string {
	if len(token) > maxAddrBytes || strings.IndexByte(token, '@') < 0 {
		return ""
	}
	token = strings.TrimSpace(cleanText(decodeRaw(token, "")))
	for _, prefix := range []string{"mailto:", "smtp:"} {
		if len(token) > len(prefix) && strings.EqualFold(token[:len(prefix)], prefix) {
			token, _, _ = strings.Cut(token[len(prefix):], "?")
		}
	}
	token = trimAddr(token)
	at := strings.LastIndexByte(token, '@')
	if at <= 0 || at == len(token)-1 || len(token) > maxAddrBytes { // longer in UTF-8 than it was
		return ""
	}
	local, domain := token[:at], token[at+1:]
	if strings.ContainsAny(domain, "<>()\",;\\") || strings.ContainsFunc(domain, unicode.IsSpace) || !isLocalPart(local) || !utf8.ValidString(token) {
		return ""
	}
	return token
}

// trimAddr takes quotes, brackets and stops off both ends. Those of a quoted local part and of a domain literal stay.
func trimAddr(token string) string {
	token = strings.TrimLeft(token, "<>[]'`(,;: ")
	if strings.HasPrefix(token, "\"") && !strings.Contains(token, "\"@") {
		token = strings.TrimLeft(token, "\"'")
	}
	if !strings.Contains(token, "@[") {
		token = strings.TrimRight(token, "]")
	}
	return strings.TrimRight(token, "<>'`\"),;:. \u00a0")
}

// isLocalPart tells that s may stand before "@": a quoted string, or text without what would need quotes.
func isLocalPart(s string) bool {
	if len(s) > 1 && s[0] == '"' {
		_, n := quotedString(s)
		return n == len(s)
	}
	return !strings.ContainsAny(s, "<>()\",;@[]") && !strings.ContainsFunc(s, unicode.IsSpace)
}
