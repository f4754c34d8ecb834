package smtpd

import (
	"errors"
	"strings"
	"testing"
)

func TestCutPath(t *testing.T) {
	test := func(arg, path, rest string, want error) {
		t.Helper()
		gotPath, gotRest, err := cutPath(arg, "FROM:")
		if err == nil && gotPath != "" {
			err = checkMailbox(gotPath)
		}
		if !errors.Is(err, want) || err == nil && (gotPath != path || gotRest != rest) {
			t.Errorf("%q: got %q, %q, %v; want %q, %q, %v", arg, gotPath, gotRest, err, path, rest, want)
		}
	}
	test("FROM:<>", "", "", nil)
	test("from:<> SIZE=1", "", " SIZE=1", nil)
	test("FROM:<a@b.example>", "a@b.example", "", nil)
	test("FROM: <a@b.example>", "a@b.example", "", nil)
	test("FROM:a@b.example SIZE=1", "a@b.example", "SIZE=1", nil)
	test("FROM:<@x.example,@y.example:a@b.example>", "a@b.example", "", nil)
	test(`FROM:<"a>\"@ b"@b.example> SIZE=1`, `"a>\"@ b"@b.example`, " SIZE=1", nil)
	test("FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]", "", nil)
	test("FROM:<a+b=c@b.example>", "a+b=c@b.example", "", nil)
	test("FROM:<"+strings.Repeat("x", 244)+"@b.example>", strings.Repeat("x", 244)+"@b.example", "", nil)
	test("FROM:<"+strings.Repeat("x", 245)+"@b.example>", "", "", errPathTooLong)
	test("FROM:", "", "", errPath)
	test("FROM: ", "", "", errPath)
	test("FROM<a@b.example>", "", "", errSyntax)
	test("TO:<a@b.example>", "", "", errSyntax)
	test("FROM:<a@b.example>x", "", "", errSyntax)
	test("FROM:<a@b.example", "", "", errPath)
	test("FROM:<<a@b.example>>", "", "", errSyntax)
	test(`FROM:<"a@b.example>`, "", "", errPath)
	test(`FROM:<"a"b@b.example>`, "", "", errPath)
	test("FROM:<a@>", "", "", errPath)
	test("FROM:<@b.example>", "", "", errPath)
	test("FROM:<a@b@c>", "", "", errPath)
	test("FROM:<a@b c>", "", "", errPath)
}

// FuzzPath: a path that the gate lets through, go-smtp takes too. If the two did not read
// it alike, one would answer for another address than the other resolves.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"a@b", `"a>b"@c`, `"\""@c`, "@r:a@b", "a@b@c", "a b@c", "a@[::1]", "ü@ö", "a@b>x", `"a"@`, "a@b\\>"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if strings.ContainsAny(path, "\r\n") {
			t.Skip("more than one line")
		}
		arg := "FROM:<" + path + ">"
		got, rest, err := cutPath(arg, "FROM:")
		if err == nil && got != "" {
			err = checkMailbox(got)
		}
		if err != nil || strings.Trim(rest, " ") != "" || !isText(path) || len(arg) > 1000 {
			return
		}
		heard := converse(t, &scriptedInbox{}, "EHLO c\r\nMAIL "+arg+" SMTPUTF8\r\n", 0)
		if !strings.Contains(heard, "\r\n250 2.0.0 Roger") {
			t.Errorf("the gate takes %q, go-smtp does not: %q", path, heard)
		}
	})
}

func TestReplyIsOneLineOfPrintableASCII(t *testing.T) {
	test := func(in, want string) {
		t.Helper()
		if got := printable(in); got != want {
			t.Errorf("printable(%q) = %q, want %q", in, got, want)
		}
	}
	test("filed: Ünal\r\n250 OK", "filed: ?nal  250 OK")
	test("a\x00b\x7f\u0085\xff", "a?b???")
	test(strings.Repeat("x", 1000), strings.Repeat("x", maxReplyText))
}

// TestEveryReplyIsWellFormed holds the table to RFC 5321 §4.2 and RFC 3463: the class of
// the enhanced code is that of the code.
func TestEveryReplyIsWellFormed(t *testing.T) {
	for _, r := range replies {
		line := replyLine(replyTo(r.when))
		if r.enhanced[0] != r.code/100 || printable(line) != strings.TrimSpace(line) {
			t.Errorf("%v: got %q", r.when, line)
		}
	}
}
