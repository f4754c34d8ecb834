package message

import (
	"strings"
	"testing"
)

func TestParseMedia(t *testing.T) {
	for _, test := range []struct{ rule, in, want string }{
		{"usual", `text/plain; charset=utf-8`, `text/plain charset=utf-8`},
		{"case", `Text/HTML; Charset="UTF-8"`, `text/html charset=UTF-8`},
		{"folded", "multipart/mixed;\r\n\tboundary=\"a b\"", `multipart/mixed boundary=a b`},
		{"space around the equals sign", `text/plain; charset = utf-8`, `text/plain charset=utf-8`},
		{"no semicolon", `multipart/mixed boundary="x"`, `multipart/mixed boundary=x`},
		{"semicolons too many", `text/plain;; charset=utf-8;`, `text/plain charset=utf-8`},
		{"bracket behind the type", `text/plain>`, `text/plain`},
		{"no type", `; name="a.pdf"`, ` name=a.pdf`},
		{"parameters only", `name="a.pdf"`, ` name=a.pdf`},
		{"type that is none", `<html>`, `html`},
		{"nonsense with a name", `foo bar; name=a.pdf`, `foo name=a.pdf`},
		{"unquoted specials", `multipart/mixed; boundary=----=_Part:1/2?`, `multipart/mixed boundary=----=_Part:1/2?`},
		{"unquoted name with spaces", `application/pdf; name=my report (1).pdf; x=y`, `application/pdf name=my report (1).pdf x=y`},
		{"comment", `text/plain; charset=us-ascii (Plain text)`, `text/plain charset=us-ascii`},
		{"comment between", `text/plain (a=b); charset=us-ascii`, `text/plain charset=us-ascii`},
		{"closing quote missing", `text/html; charset="utf-8; name=x`, `text/html charset=utf-8 name=x`},
		{"first of several", `application/pdf; name="a.pdf"; name="b.pdf"`, `application/pdf name=a.pdf`},
		{"parameter without value", `text/html;iso-8859-1; charset=utf-8`, `text/html charset=utf-8`},
		{"escaped quote", `a/b; name="a \"x\".pdf"`, `a/b name=a "x".pdf`},
		{"Windows path", `a/b; name="C:\docs\a.pdf"`, `a/b name=C:\docs\a.pdf`},
		{"encoded word", `a/b; name="=?utf-8?Q?=C3=BC.pdf?="`, `a/b name=ü.pdf`},
		{"encoded words, folded", "a/b; name=\"=?utf-8?Q?=C3=BC?=\r\n =?utf-8?Q?.pdf?=\"", `a/b name=ü.pdf`},
		{"raw UTF-8", `a/b; name=ü.pdf`, `a/b name=ü.pdf`},
		{"raw Latin 1", "a/b; name=\"\xfc.pdf\"", `a/b name=ü.pdf`},
		{"RFC 2231", `a/b; name*=utf-8''%C3%BC.pdf`, `a/b name=ü.pdf`},
		{"RFC 2231 with a language", `a/b; name*=iso-8859-1'de'%FC.pdf`, `a/b name=ü.pdf`},
		{"RFC 2231 wins over a plain one", `a/b; name="u.pdf"; name*=utf-8''%C3%BC.pdf`, `a/b name=ü.pdf`},
		{"RFC 2231 in sections", `a/b; name*0="long "; name*1="name.pdf"`, `a/b name=long name.pdf`},
		{"RFC 2231 in encoded sections", `a/b; name*0*=utf-8''%C3; name*1*=%BC; name*2=".pdf"`, `a/b name=ü.pdf`},
		{"RFC 2231, sections out of order", `a/b; name*1="b"; name*0="a"`, `a/b name=ab`},
		{"RFC 2231, a section is missing", `a/b; name*0="a"; name*2="c"`, `a/b name=a`},
		{"RFC 2231 without a charset", `a/b; name*=%C3%BC.pdf`, `a/b name=ü.pdf`},
		{"RFC 2231, unknown charset", `a/b; name*=klingon''%C3%BC.pdf`, `a/b name=ü.pdf`},
		{"RFC 2231, broken escape", `a/b; name*=utf-8''100%.pdf`, `a/b name=100%.pdf`},
		{"RFC 2231 around an encoded word", `a/b; name*0="=?utf-8?Q?=C3=BC"; name*1=".pdf?="`, `a/b name=ü.pdf`},
		{"nothing", ``, ``},
	} {
		m := parseMedia([]byte(test.in), "")
		got := m.value
		for _, p := range m.params {
			got += " " + p.name + "=" + p.value
		}
		if got != test.want {
			t.Errorf("%s: %q\n got %s\nwant %s", test.rule, test.in, got, test.want)
		}
	}
}

func TestFileNames(t *testing.T) {
	for _, test := range []struct{ rule, in, want string }{
		{"plain", "report.pdf", "report.pdf"},
		{"directories go", "../../etc/passwd", "passwd"},
		{"Windows directories go", `C:\Users\x\report.pdf`, "report.pdf"},
		{"dots only", "..", ""},
		{"directory only", "a/", ""},
		{"control characters go", "re\x00po\nrt\x7f.pdf", "report.pdf"},
		{"marks of direction go", "invoice\u202efdp.exe", "invoicefdp.exe"},
		{"spaces around go", "  a b.pdf ", "a b.pdf"},
		{"long names keep their extension", strings.Repeat("é", 300) + ".pdf", strings.Repeat("é", 125) + ".pdf"},
		{"long extensions are none", "a." + strings.Repeat("b", 300), "a." + strings.Repeat("b", 253)},
	} {
		got := cleanFileName(test.in)
		if got != test.want {
			t.Errorf("%s: %q: got %q, want %q", test.rule, test.in, got, test.want)
		}
		if len(got) > maxFileName {
			t.Errorf("%s: %d bytes", test.rule, len(got))
		}
	}
}
