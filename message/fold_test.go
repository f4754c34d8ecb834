package message

import (
	"strings"
	"testing"
)

func TestFoldSpaceIsFieldsJoined(t *testing.T) {
	for _, s := range []string{"", " ", "a", " a", "a ", "a b", "a  b", "\ta\r\nb", "Грюн\u00a0и\u2003да", "é\u0085ü", "x\u3000", "\u1680y", "a\u200bb",
		"\xc2", "\xe2\x80", "a\xe3 b", "日本 語", "\u202f\u205f", "a \u00a0 b"} {
		if got, want := foldSpace(s), strings.Join(strings.Fields(s), " "); got != want {
			t.Errorf("foldSpace(%q) = %q, want %q", s, got, want)
		}
	}
}

func FuzzFoldSpace(f *testing.F) {
	f.Add("a \u00a0b\xe2\x80")
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := foldSpace(s), strings.Join(strings.Fields(s), " "); got != want {
			t.Errorf("foldSpace(%q) = %q, want %q", s, got, want)
		}
	})
}

func TestPlainTextIsWhatPlainRuneSays(t *testing.T) {
	for r := range rune(0x11000) {
		s := "a" + string(r) + "b"
		if got, want := plainText(s), strings.Map(plainRune, s); got != want {
			t.Errorf("plainText(%q) = %q, want %q", s, got, want)
		}
	}
	for _, s := range []string{"a\xc3", "a\xc3b", "\xc3\xc3\xa9", "\x80", "ж\u00a0", "\u200fж"} {
		if got, want := plainText(s), strings.TrimSpace(strings.Map(plainRune, s)); got != want {
			t.Errorf("plainText(%q) = %q, want %q", s, got, want)
		}
	}
}
