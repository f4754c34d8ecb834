package smtpd

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"
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

// FuzzPath: a path that is taken reads the same when it is written again, and holds nothing that could
// end a line or begin another command.
func FuzzPath(f *testing.F) {
	for _, path := range []string{"a@b", `"a>b"@c`, `"\""@c`, "@r:a@b", "a@b@c", "a b@c", "a@[::1]", "ü@ö", "a@b>x", `"a"@`, "a@b\\>"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		arg := "FROM:<" + path + ">"
		if !isText(arg) {
			return
		}
		got, rest, err := cutPath(arg, "FROM:")
		if err != nil || got != "" && checkMailbox(got) != nil {
			return
		}
		again, more, err := cutPath("FROM:<"+got+">"+rest, "FROM:")
		if again != got && !strings.HasPrefix(got, "@") || more != rest || err != nil {
			t.Errorf("%q is read as %q, and that as %q, %q, %v", path, got, again, more, err)
		}
		if strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("%q is taken as %q", path, got)
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
	said := []reply{senderTaken, recipientTaken, chunkTaken, resetDone, nothingDone, notVerified, commands, goAhead, bye, replyTo(errors.New("unknown"))}
	for _, r := range replies {
		said = append(said, r.reply)
	}
	form := regexp.MustCompile(`^([245])\d\d ([245])\.\d\.\d [ -~]+\r\n$`)
	for _, r := range said {
		m := form.FindStringSubmatch(r.line())
		if m == nil || m[1] != m[2] || len(r.line()) > maxReplyLine {
			t.Errorf("got %q", r.line())
		}
	}
}
