package crm

import "testing"

func TestUnicodeIsForPeopleAndParsesBack(t *testing.T) {
	test := func(rule string, a Address, want string) {
		t.Helper()
		got := a.Unicode()
		if got != want {
			t.Errorf("%s: %q.Unicode() = %q, want %q", rule, a, got, want)
		}
		if back, ok := ParseAddress(got); a != "" && (!ok || back != a) {
			t.Errorf("%s: %q parses to %q, want %q", rule, got, back, a)
		}
	}
	test("nobody", "", "")
	test("plain", "ben@client.example", "ben@client.example")
	test("Cyrillic", "ivan@xn--80aa3agjl3d.xn--p1ai", "ivan@"+UnicodeDomain("xn--80aa3agjl3d.xn--p1ai"))
	test("German", "info@mail.xn--mller-kva.example", "info@mail.müller.example")
	test("Japanese", "a@xn--r8jz45g.xn--zckzah", "a@例え.テスト")
	test("Latin with one Cyrillic letter", MustAddress("a@pаypal.example"), string(MustAddress("a@pаypal.example")))
	test("no punycode after all", "a@xn--.example", "a@xn--.example")
	test("in the local part it means nothing", "xn--mller-kva@client.example", "xn--mller-kva@client.example")
	for _, other := range []Address{"operator (root)", "deal:5", "*.bank.example"} { // stand where an address may stand
		if got := other.Unicode(); got != string(other) {
			t.Errorf("%q.Unicode() = %q, want it as it is", other, got)
		}
	}
}
