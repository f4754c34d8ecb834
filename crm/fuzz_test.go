package crm

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzAddress: an address is in normal form or none, and every view of it is one of the same mailbox.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"Ann@Example.COM", `"ben"@x.example`, `"b c"@x`, "<a+b@почта.example>", "'a@b'", "İ@x", "a@xn--80a1acny.example", "a\xff@b", "a@ab--c_d", "a@b.", "ⱥ@ǅ.example", `"'a'"@x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, ok := ParseAddress(text)
		if ok == (a == "") {
			t.Fatalf("%q: %q, %v", text, a, ok)
		}
		if !ok {
			return
		}
		if again, ok := ParseAddress(string(a)); !ok || again != a {
			t.Errorf("%q: %q is not in normal form: it reads as %q, %v", text, a, again, ok)
		}
		if !utf8.ValidString(string(a)) || strings.ContainsFunc(string(a), unicode.IsControl) || len(a) > MaxAddressLength {
			t.Errorf("%q: %q, %d bytes", text, a, len(a))
		}
		if a.Local() == "" || a.Domain() == "" || a.Local()+"@"+a.Domain() != string(a) || NormalDomain(a.Domain()) != a.Domain() {
			t.Errorf("%q: %q at %q is not %q", text, a.Local(), a.Domain(), a)
		}
		if shown, ok := ParseAddress(a.Unicode()); !ok || shown != a {
			t.Errorf("%q: %q is shown as %q, which reads as %q", text, a, a.Unicode(), shown)
		}
		if base := a.WithoutTag(); base.WithoutTag() != base || base.Domain() != a.Domain() || base.Local() == "" {
			t.Errorf("%q: %q without its tag is %q", text, a, base)
		}
		if slug := Slug(a); len(slug) > 20 || strings.Trim(slug, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Errorf("%q: slug %q", text, slug)
		}
		RoleAddresses().IsRole(a)
	})
}

// FuzzBCC: whatever stands in the local part, tags are counted and named once, in any case, and an address that we made
// reads as what it was made of.
func FuzzBCC(f *testing.F) {
	for _, seed := range []string{"anna-k3v9x2qdfh+deal42+private", "k3v9x2qdfh", "a-b-c+fw+NoLead+deal0+deal99999999999999999999", "+deal-1++lead7", "-+contact15+company3+x", "İ-k+\xff"} {
		f.Add(seed, "k3v9x2qdfh")
	}
	f.Fuzz(func(t *testing.T, local, token string) {
		got, tags := ParseBCCLocal(local)
		if upper, again := ParseBCCLocal(strings.ToUpper(local)); isASCII(local) && (upper != got || len(again.Records) != len(tags.Records)) {
			t.Errorf("%q: token %q, in upper case %q", local, got, upper)
		}
		if strings.ContainsAny(got, "+-") || len(tags.Unknown) > 8 || len(tags.Records) > strings.Count(local, "+") {
			t.Errorf("%q: token %q, tags %+v", local, got, tags)
		}
		for _, ref := range tags.Records {
			if ref.ID <= 0 || ref.Kind == "" {
				t.Errorf("%q: a tag for %+v", local, ref)
			}
		}
		if token = strings.ToLower(token); token == "" || strings.Trim(token, tokenAlphabet) != "" {
			return
		}
		made := FormatBCC(Slug(Address(local+"@x.example")), token, "bcc.example.com")
		if again, tags := ParseBCCLocal(made.Local()); again != token || len(tags.Unknown)+len(tags.Records) > 0 {
			t.Errorf("%q of %q reads as %q, %+v", made, token, again, tags)
		}
	})
}

// FuzzPattern: a pattern is in normal form or refused, and matches whole values only.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"Ann@Example.com", "example.com", "*.example.com", "*@example.com", "@example.com", "почта.example", "*", "*.*.x", "a*@b.c", "*.xn--"} {
		f.Add(pattern, "ann@sub.example.com")
	}
	f.Fuzz(func(t *testing.T, text, who string) {
		pattern, err := NormalPattern(text)
		if err != nil {
			return
		}
		if again, err := NormalPattern(pattern); err != nil || again != pattern {
			t.Errorf("%q: %q is not in normal form: it reads as %q, %v", text, pattern, again, err)
		}
		a, ok := ParseAddress(who)
		if !ok || !(Exclusion{Pattern: pattern}).Matches(a) {
			return
		}
		rest, found := strings.CutSuffix(string(a), strings.TrimPrefix(pattern, "*"))
		if whole := rest == "" || strings.HasSuffix(rest, "@") || strings.HasPrefix(pattern, "*."); !strings.Contains(pattern, "@") && (!found || !whole) {
			t.Errorf("%q matches %q, but is no whole part of it", pattern, a)
		}
	})
}
