package message

import "strings"

// forwardBehalf are the words by which Exchange prints who sent a mail for whom: "Team <t@x> on behalf of Eve <e@x>"
// (RFC 5322 §3.6.2: Sender, then From). Folded.
var forwardBehalf = foldList("on behalf of|im auftrag von|de la part de|en nombre de|per conto di|namens|em nome de|w imieniu|от имени|від імені|" +
	"på vegne af|på vegne av|jménem|v mene|puolesta|v imenu|în numele|代表|の代理|를 대신하여")

// forwardAuthor reads the value of a From line. Where that names two people and nothing tells which of them wrote, it
// returns a name alone: a wrong author is worse than none.
func forwardAuthor(value string) Address {
	value = cutString(value, forwardMaxInline)
	if rest, ok := forwardAfterBehalf(value); ok {
		value = rest
	}
	first, _, _ := forwardFirstMailbox(value)
	if first.Addr == "" {
		// Exchange prints its own directory names: "John Doe </O=ACME/CN=john>".
		name, _, _ := strings.Cut(value, "<")
		name, _, _ = strings.Cut(name, "[")
		return Address{Name: forwardCleanName(name)}
	}
	shown := forwardDistinct(value)
	if len(shown) == 1 {
		return first
	}
	// A name that looks like an address is a name: what stands in the only brackets counts.
	if open := strings.LastIndexByte(value, '<'); open >= 0 && strings.Count(value, "<") == 1 {
		if in, _, _ := forwardFirstMailbox(value[open:]); in.Addr != "" {
			return in // and the name goes: it would show another's address
		}
	}
	return Address{Name: strings.Join(shown, ", ")}
}

// forwardAfterBehalf cuts at the words for "on behalf of".
func forwardAfterBehalf(value string) (rest string, ok bool) {
	words := strings.Fields(value)
	for i := 1; i < len(words) && i < 40; i++ {
		for n := 1; n <= 3 && i+n < len(words); n++ {
			if forwardIsBehalf(foldText(strings.Join(words[i:i+n], " "))) {
				return strings.Join(words[i+n:], " "), true
			}
		}
	}
	return "", false
}

func forwardIsBehalf(key string) bool {
	for _, words := range forwardBehalf {
		if key == words {
			return true
		}
	}
	return false
}

// forwardDistinct lists the different addresses of a text. Of an address and the link behind it the link counts, if the
// one is the other cut short for display.
func forwardDistinct(s string) []string {
	var list []string
	seen := map[string]bool{}
	for at := 0; len(list) < 8; {
		first, last := forwardFindAddress(s, at)
		if first < 0 {
			return list
		}
		addr := forwardTidyAddress(s[first:last])
		if link, end := forwardLinkBehind(s, last); link != "" && strings.HasPrefix(strings.ToLower(forwardTidyAddress(link)), strings.ToLower(addr)) {
			addr, last = forwardTidyAddress(link), end
		}
		if key := strings.ToLower(addr); addr != "" && !seen[key] {
			seen[key] = true
			list = append(list, addr)
		}
		at = last
	}
	return list
}
