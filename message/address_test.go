package message

import (
	"fmt"
	"strings"
	"testing"
)

// showAddresses writes a list as `Name <addr>, ...` with quotes around both.
func showAddresses(list []Address) string {
	var out []string
	for _, a := range list {
		out = append(out, fmt.Sprintf("%q<%s>", a.Name, a.Addr))
	}
	return strings.Join(out, " ")
}

func TestParseAddressList(t *testing.T) {
	const fine, repaired = true, false
	for _, test := range []struct {
		rule string
		in   string
		want string
		ok   bool
	}{
		{"bare address", `j@x.com`, `""<j@x.com>`, fine},
		{"name and address", `John Doe <j@x.com>`, `"John Doe"<j@x.com>`, fine},
		{"case is kept", `JOHN@X.com`, `""<JOHN@X.com>`, fine},
		{"quoted comma", `"Doe, John" <j@x.com>, b@y.com`, `"Doe, John"<j@x.com> ""<b@y.com>`, fine},
		{"escaped quote", `"John \"JD\" Doe" <j@x.com>`, `"John \"JD\" Doe"<j@x.com>`, fine},
		{"unquoted comma in a name", `Doe, John <j@x.com>, b@y.com`, `"Doe, John"<j@x.com> ""<b@y.com>`, repaired},
		{"two names with commas", `Doe, John <j@x.com>, Roe, Jane <r@x.com>`, `"Doe, John"<j@x.com> "Roe, Jane"<r@x.com>`, repaired},
		{"semicolons", `a@x.com; b@y.com;`, `""<a@x.com> ""<b@y.com>`, fine},
		{"semicolons and names", `Doe, John <j@x.com>; Roe <r@x.com>`, `"Doe, John"<j@x.com> "Roe"<r@x.com>`, repaired},
		{"empty entries", `, a@x.com,, ,b@y.com,`, `""<a@x.com> ""<b@y.com>`, fine},
		{"trailing bracket", `a@x.com>`, `""<a@x.com>`, repaired},
		{"missing closing bracket", `John <a@x.com, b@y.com`, `"John"<a@x.com> ""<b@y.com>`, repaired},
		{"missing closing bracket before another", `John <a@x.com, Jane <b@y.com>`, `"John"<a@x.com> "Jane"<b@y.com>`, repaired},
		{"missing opening bracket", `John a@x.com>`, `"John"<a@x.com>`, repaired},
		{"doubled brackets", `John <<a@x.com>>`, `"John"<a@x.com>`, repaired},
		{"missing comma", `Bob <b@x> Ann <a@x>`, `"Bob"<b@x> "Ann"<a@x>`, repaired},
		{"missing comma, no name", `<b@x> <a@x>`, `""<b@x> ""<a@x>`, repaired},
		{"several in one pair", `Team <a@x.com, b@x.com>`, `"Team"<a@x.com> ""<b@x.com>`, repaired},
		{"several in one pair, semicolon", `<a@x.com;b@x.com>`, `""<a@x.com> ""<b@x.com>`, repaired},
		{"name after the address", `<a@x.com> John`, `"John"<a@x.com>`, fine},
		{"group", `Team: a@x.com, Bob <b@y.com>;, c@z.com`, `""<a@x.com> "Bob"<b@y.com> ""<c@z.com>`, fine},
		{"empty group", `undisclosed-recipients:;`, ``, fine},
		{"empty group with spaces", `Undisclosed recipients: ;`, ``, fine},
		{"empty group that does not end", `undisclosed-recipients:`, ``, fine},
		{"group that does not end", `Team: a@x.com, b@y.com`, `""<a@x.com> ""<b@y.com>`, fine},
		{"colon in a name", `Re: offer <a@x.com>`, `"Re: offer"<a@x.com>`, fine},
		{"comment is a name", `a@x.com (John Doe)`, `"John Doe"<a@x.com>`, fine},
		{"comment beside brackets", `(x) <a@x.com> (John)`, `"John"<a@x.com>`, fine},
		{"nothing in a comment is an address", `John (home: evil@z.com) <a@x.com>`, `"John"<a@x.com>`, fine},
		{"nested comments", `(a (b@c.com) , <d@e.com>) a@x.com`, `"a (b@c.com) , <d@e.com>"<a@x.com>`, fine},
		{"escaped parenthesis in a comment", `(a \) b@c.com) a@x.com`, `"a \\) b@c.com"<a@x.com>`, fine},
		{"comment within brackets", `John <a(b@c)@x.com>`, `"John"<a@x.com>`, fine},
		{"a comment that does not close, after one that does", `((evil@z.com) a@x.com`, `"evil@z.com"<a@x.com>`, repaired},
		{"a comment only", `(nobody@x.com)`, ``, fine},
		{"address in the display name does not win", `"ceo@corp.com" <evil@z.com>`, `"ceo@corp.com"<evil@z.com>`, fine},
		{"unquoted address in the display name does not win", `ceo@corp.com <evil@z.com>`, `"ceo@corp.com"<evil@z.com>`, fine},
		{"a name that repeats the address is none", `"a@x.com" <A@x.com>`, `""<A@x.com>`, fine},
		{"Outlook: quoted in single quotes", `'a@x.com' <a@x.com>`, `""<a@x.com>`, fine},
		{"single quotes around a name", `'John Doe' <a@x.com>`, `"John Doe"<a@x.com>`, fine},
		{"single quotes around an address", `'a@x.com'`, `""<a@x.com>`, fine},
		{"single quotes within brackets", `John <'a@x.com'>`, `"John"<a@x.com>`, fine},
		{"apostrophe in a local part", `o'brien@x.com`, `""<o'brien@x.com>`, fine},
		{"all of it quoted", `"a@x.com"`, `""<a@x.com>`, repaired},
		{"all of it quoted, with a name", `"John Doe <a@x.com>"`, `"John Doe"<a@x.com>`, repaired},
		{"quoted local part", `"john doe"@x.com`, `""<"john doe"@x.com>`, fine},
		{"quoted local part in brackets", `John <"john, <doe>"@x.com>`, `"John"<"john, <doe>"@x.com>`, fine},
		{"at in a quoted local part", `"a@b"@x.com`, `""<"a@b"@x.com>`, fine},
		{"mailto", `mailto:a@x.com`, `""<a@x.com>`, repaired},
		{"mailto in brackets", `John <mailto:a@x.com?subject=x>`, `"John"<a@x.com>`, fine},
		{"Outlook: mailto in square brackets", `John Doe [mailto:a@x.com]`, `"John Doe"<a@x.com>`, repaired},
		{"Exchange: SMTP prefix", `SMTP:a@x.com`, `""<a@x.com>`, repaired},
		{"international address", `用户@例え.jp, Ünal <ünal@bücher.de>`, `""<用户@例え.jp> "Ünal"<ünal@bücher.de>`, fine},
		{"source route", `John <@a.com,@b.com:c@d.com>`, `"John"<c@d.com>`, fine},
		{"spaces around at and dots", `john . doe @ x . com`, `""<john.doe@x.com>`, fine},
		{"spaces around at in brackets", `J < j @ x.com >`, `"J"<j@x.com>`, fine},
		{"name only", `John Doe`, `"John Doe"<>`, repaired},
		{"name only among others", `John Doe; a@x.com`, `"John Doe"<> ""<a@x.com>`, repaired},
		{"name and nothing in brackets", `John <>`, `"John"<>`, repaired},
		{"address before nothing in brackets", `a@x.com <>`, `""<a@x.com>`, repaired},
		{"brackets without a domain", `John <john>`, `"John"<>`, repaired},
		{"name before a bare address", `John Doe a@x.com`, `"John Doe"<a@x.com>`, repaired},
		{"two bare addresses, no comma", `a@x.com b@y.com`, `""<a@x.com> ""<b@y.com>`, repaired},
		{"domain literal", `a@[192.0.2.1], John <b@[IPv6:2001:db8::1]>`, `""<a@[192.0.2.1]> "John"<b@[IPv6:2001:db8::1]>`, fine},
		{"square brackets around an address", `[a@x.com]`, `""<a@x.com>`, fine},
		{"trailing dot", `a@x.com.`, `""<a@x.com>`, fine},
		{"dots in a name", `John Q. Public <a@x.com>`, `"John Q. Public"<a@x.com>`, fine},
		{"encoded word", `=?utf-8?Q?J=C3=B6rg?= <j@x.com>`, `"Jörg"<j@x.com>`, fine},
		{"encoded word in quotes", `"=?utf-8?Q?J=C3=B6rg?=" <j@x.com>`, `"Jörg"<j@x.com>`, fine},
		{"encoded comma is no separator", `=?utf-8?Q?Doe=2C_John?= <j@x.com>`, `"Doe, John"<j@x.com>`, fine},
		{"bare comma in an encoded word", `=?utf-8?Q?Doe,_John?= <j@x.com>, b@y.com`, `"Doe, John"<j@x.com> ""<b@y.com>`, fine},
		{"encoded address in the name does not win", `=?utf-8?Q?ceo=40corp.com_=3Cceo=40corp.com=3E?= <evil@z.com>`, `"ceo@corp.com <ceo@corp.com>"<evil@z.com>`, fine},
		{"all of it encoded", `=?utf-8?Q?J=C3=B6rg_=3Cj=40x.com=3E?=`, `"Jörg"<j@x.com>`, repaired},
		{"two encoded words", "=?utf-8?B?SsO2?=\r\n =?utf-8?B?cmc=?= <j@x.com>", `"Jörg"<j@x.com>`, fine},
		{"quote that does not close", `"John Doe <j@x.com>, b@y.com`, `"John Doe"<j@x.com> ""<b@y.com>`, repaired},
		{"quote that closes in the next name", `"Doe <j@x.com>, "Roe" <r@x.com>`, `"Doe"<j@x.com> "Roe"<r@x.com>`, repaired},
		{"backslash in a name", `DOMAIN\user <a@x.com>`, `"DOMAIN\\user"<a@x.com>`, fine},
		{"control characters", "Jo\x00hn <a\x00@x.com>", `"John"<a@x.com>`, fine},
		{"line ends", "a@x.com,\r\n\tb@y.com", `""<a@x.com> ""<b@y.com>`, fine},
		{"line that is not indented", "a@x.com,\nb@y.com", `""<a@x.com> ""<b@y.com>`, fine},
		{"two ats", `a@b@x.com`, `"a@b@x.com"<>`, repaired},
		{"at without a domain", `john@`, `"john@"<>`, repaired},
		{"nothing", ``, ``, fine},
		{"punctuation", `<>,;:"`, ``, repaired},
	} {
		list, ok := ParseAddressList(test.in)
		if got := showAddresses(list); got != test.want || ok != test.ok {
			t.Errorf("%s: %q\n got %s, ok=%v\nwant %s, ok=%v", test.rule, test.in, got, ok, test.want, test.ok)
		}
	}
}

func TestAddressListIsBounded(t *testing.T) {
	list, state := parseAddresses(strings.Repeat("John <j@x.com>, ", 5000), 1000, "")
	if len(list) != 1000 || !state.full {
		t.Errorf("got %d addresses, full=%v; want 1000, true", len(list), state.full)
	}
	if list, state = parseAddresses(strings.Repeat("j@x.com,", 1000), 1000, ""); len(list) != 1000 || state.full {
		t.Errorf("exactly as many as allowed: got %d, full=%v; want 1000, false", len(list), state.full)
	}
	long := strings.Repeat("é", 2000)
	if list, _ := ParseAddressList(long + " <j@x.com>"); len(list) != 1 || len(list[0].Name) > maxNameBytes || !strings.HasPrefix(long, list[0].Name) {
		t.Errorf("a long name was not cut between characters: %v", list)
	}
}
